"""The dashboard issue: posture and trend, findings, and each proposal with what it waits for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.formats.markdown import code, details, inert, table
from bot.formats.plain import Shown, counted
from bot.formats.proposal_mark import box, dashboard_mark
from bot.formats.review import named
from bot.frozen import frozen
from bot.model.finding import SEVERITIES, Skipped
from bot.model.posture import Posture, Tally
from bot.model.sweep import Decision, Group
from bot.rule.load import Rules

TITLE = "podsec dashboard"
_MOST = 40
_LONGEST_TABLE = 7_000
_WORDS = {
    "edited": "Theirs",
    "ignored": "Ignored",
    "wait": "Waiting",
    "nothing": "Nothing to propose",
}


@frozen
class Progress:
    """A group, what became of it, and the number of its pull request."""

    group: Group
    decision: Decision
    number: int | None
    wished_away: bool = False
    """Whether its box to ignore it is ticked."""


@frozen
class Dashboard:
    """Everything that the issue says; `scores` are the oldest first, today's last."""

    posture: Posture
    scores: Sequence[tuple[date, int]]
    progress: Sequence[Progress]
    skipped: Sequence[Skipped]
    images: str
    trouble: str = ""


def to_body(board: Dashboard, rules: Rules) -> str:
    """The body of the issue: the same for the same state."""
    shown = board.posture
    parts = [
        *([f"> **{inert(board.trouble)}**"] if board.trouble else []),
        _score(board),
        *_proposals(board.progress),
        "### Findings by rule",
        _grid(("rule", *reversed(SEVERITIES)), shown.by_rule, lambda name: named(name, rules)),
        "### Findings by namespace",
        _grid(("namespace", *reversed(SEVERITIES)), shown.by_namespace, _namespace),
        *([board.images] if board.images else []),
        *_skipped(board.skipped),
        dashboard_mark(board.scores),
    ]
    return "\n\n".join(part for part in parts if part)


def _score(board: Dashboard) -> str:
    shown = board.posture
    allowed = f", {counted(shown.allowed, 'finding')} allowed" if shown.allowed else ""
    lead = (
        f"**Posture: {shown.score} of 100.** {counted(shown.findings, 'finding')} in "
        f"{counted(shown.workloads, 'workload')}{allowed}."
    )
    before = [str(score) for _, score in board.scores]
    if len(before) < 2:
        return lead
    return f"{lead} Trend since {board.scores[0][0]}: {', '.join(before)}."


def _proposals(progress: Sequence[Progress]) -> list[str]:
    standing = [one for one in progress if one.decision.verb in ("open", "renew")]
    others = [one for one in progress if one.decision.verb not in ("open", "renew", "nothing")]
    parts: list[str] = []
    if standing:
        rows = [
            box("renew", one.group.key, f"#{one.number} {_what(one.group)}: tick to make it anew")
            + _ignore(one)
            for one in standing[:_MOST]
        ]
        parts += ["### Open pull requests", "\n".join(rows)]
    if others:
        rows = [_other(one) for one in others[:_MOST]]
        left = f"\n\nand {len(others) - _MOST} more" if len(others) > _MOST else ""
        parts += ["### Not open, and why", "\n".join(rows) + left]
    return parts or ["Nothing is left to propose."]


def _other(one: Progress) -> str:
    number = f"#{one.number} " if one.number is not None else ""
    words = f"{number}{_what(one.group)}. {_WORDS[one.decision.verb]}: {one.decision.reason}"
    if one.wished_away:
        return box("ignore", one.group.key, f"{words}; untick to propose it", ticked=True)
    verb = "renew" if one.decision.verb == "edited" else "open"
    return box(verb, one.group.key, f"{words}; tick to {verb} it now") + _ignore(one)


def _ignore(one: Progress) -> str:
    if one.wished_away:
        return ""
    return f"\n  {box('ignore', one.group.key, 'ignore it')}"


def _what(group: Group) -> str:
    draft = ", draft" if group.kind.draft else ""
    return f"{code(group.label)}: {group.kind.counted(len(group.findings))}{draft}"


def _grid(head: tuple[str, ...], tallies: Sequence[Tally], shown: Shown) -> str:
    rows = [
        (shown(t.name), *(str(t.counts.get(s, 0) or "") for s in reversed(SEVERITIES)))
        for t in tallies
    ]
    return table(head, rows, _LONGEST_TABLE) if rows else "None."


def _namespace(name: str) -> str:
    return code(name) if name else "not said in the manifests"


def _skipped(skipped: Sequence[Skipped]) -> list[str]:
    if not skipped:
        return []
    rows = [(code(f"{one.file}:{one.line}"), inert(one.reason)) for one in skipped]
    grid = table(("where", "why"), rows, _LONGEST_TABLE)
    return [details(f"Not judged: {counted(len({s.file for s in skipped}), 'file')}", grid)]
