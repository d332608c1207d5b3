"""A group's repair as a pull request: what changes and why, what restarts, how to undo it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.formats.markdown import code, details, inert, plain, table
from bot.formats.plain import counted
from bot.formats.proposal_mark import again_box, written
from bot.formats.pull_request import LONGEST_TABLE, line_of, where
from bot.formats.review import named
from bot.formats.secret_checklist import to_checklist
from bot.model.built import Built
from bot.model.finding import Finding
from bot.model.move import Moved
from bot.model.plan import Repair
from bot.model.sweep import Group, Mark, ProposalKind, Workload, workloads
from bot.rule.load import Rules

_MOST_LINES = 100
_SHOWN = 8
_LONGEST_LABEL = 80
_UNDO = (
    "Close this pull request, and podsec does not propose the same again; or revert its one commit "
    "after the merge. While it is open podsec keeps its one commit current with the base branch, "
    "unless somebody else pushes to it."
)


def title_of(group: Group, repair: Repair) -> str:
    """The title: whose manifests, and how many fixes of which risk."""
    number = group.kind.counted(len(repair.applied))
    return f"Harden {plain(group.label, _LONGEST_LABEL)}: {number}"


def message_of(group: Group, repair: Repair) -> str:
    """The message of its one commit."""
    lines = dict.fromkeys(f"- {line_of(finding)}" for finding in repair.applied)
    return f"{title_of(group, repair)}\n\n" + "\n".join(list(lines)[:_MOST_LINES])


def body_of(group: Group, built: Built, rules: Rules, mark: Mark) -> str:
    """The body, with the hidden mark at its end."""
    kind, repair = group.kind, built.repair
    parts = [
        f"{kind.counted(len(repair.applied))} in {code(group.label)}, found by a sweep.",
        kind.advice,
        restarts(repair.applied) if not built.said else "Merging restarts nothing.",
        *_later(group),
        *_checklist(kind, built.moved),
        *([built.said] if built.said else []),
        "### What changes and why",
        _changes(repair, rules),
    ]
    if repair.left:
        rows = [(where(f), inert(f.message), inert(why)) for f, why in repair.left]
        grid = table(("where", "finding", "why not"), rows, LONGEST_TABLE // 2)
        parts.append(details(f"Not fixed here: {counted(len(rows), 'finding')}", grid))
    parts += ["### How to undo it", _UNDO, again_box(), written(mark)]
    return "\n\n".join(parts)


def restarts(applied: Sequence[Finding]) -> str:
    """How many workloads a merge restarts, and which: a changed pod template makes new pods."""
    found = workloads(applied)
    alone = [one for one in found if one[2] == "Pod"]
    rolled = [one for one in found if one[2] != "Pod"]
    parts = []
    if rolled:
        kinds = Counter(kind for _, _, kind, _ in rolled)
        by_kind = ", ".join(f"{number} {inert(kind)}" for kind, number in sorted(kinds.items()))
        parts.append(
            f"**Merging changes {counted(len(rolled), 'workload')}** ({by_kind}), whose pods "
            f"restart once this is deployed: {_named(rolled)}."
        )
    if alone:
        parts.append(
            f"{counted(len(alone), 'bare pod')} must be deleted and made anew, since a pod's "
            f"container cannot be changed in place: {_named(alone)}."
        )
    return " ".join(parts) or "Merging restarts nothing."


def _named(found: Sequence[Workload]) -> str:
    shown = ", ".join(code(f"{kind}/{name}") for _, _, kind, name in found[:_SHOWN])
    return shown if len(found) <= _SHOWN else f"{shown} and {len(found) - _SHOWN} more"


def _later(group: Group) -> list[str]:
    if not group.later:
        return []
    number, verb = counted(group.later, "workload"), "waits" if group.later == 1 else "wait"
    return [f"{number} more {verb} for the merge: one restarts only so many."]


def _checklist(kind: ProposalKind, moved: Moved | None) -> list[str]:
    rows = [f"- [ ] {step}" for step in kind.checklist]
    if moved is not None:
        rows.append(to_checklist(moved))
    return ["### Before the merge", "\n".join(rows)] if rows else []


def _changes(repair: Repair, rules: Rules) -> str:
    rows = [
        (
            where(finding),
            _fix(finding, rules),
            _risk(finding),
        )
        for finding in repair.applied
    ]
    return table(("where", "fix", "risk"), rows, LONGEST_TABLE)


def _fix(finding: Finding, rules: Rules) -> str:
    title = finding.fix.title if finding.fix else finding.advice or ""
    return f"{inert(title)} ({named(finding.rule, rules)}: {inert(finding.message)})"


def _risk(finding: Finding) -> str:
    fix = finding.fix
    if fix is None:
        return "may cut traffic that the manifests do not show"
    if fix.applicability == "safe":
        return "none known"
    return inert(fix.reason) or "may stop the workload"
