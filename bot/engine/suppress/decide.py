"""Which findings are allowed, and what became of each suppression."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import date

from bot.config.globs import matches
from bot.frozen import frozen
from bot.model.finding import Finding
from bot.model.suppression import Match, Place, Suppression, Verdict

EVERY_RULE = "*"


@frozen
class Allowance:
    """What decides beside the files: the config's entries, the operator, the rules, the day."""

    today: date
    known: Collection[str]
    """The ids of all rules."""
    ran: Collection[str]
    """The ids of the rules that were run: what was not judged is not called unused."""
    configured: tuple[Suppression, ...] = ()
    enforced: frozenset[str] = frozenset()
    """The rules that cannot be ignored; `*` is all of them."""
    is_complete: bool = False
    """Whether all that the config speaks of was judged, so that its entries may be unused."""


@frozen
class Decision:
    """The suppression that holds for each allowed finding, by fingerprint; and all verdicts."""

    allowed: Mapping[str, Suppression] = field(default_factory=dict)
    verdicts: tuple[Verdict, ...] = ()


def decide(
    findings: Iterable[Finding], written: Sequence[Suppression], allowance: Allowance
) -> Decision:
    """Match suppressions with findings; those written in files come before the config's."""
    by_rule: dict[str, list[Suppression]] = {}
    for suppression in (*written, *allowance.configured):
        by_rule.setdefault(suppression.rule, []).append(suppression)
    allowed: dict[str, Suppression] = {}
    matched: set[int] = set()
    for finding in findings if by_rule else ():
        for suppression in by_rule.get(finding.rule, ()):
            if not _covers(suppression, finding):
                continue
            matched.add(id(suppression))
            if _refusal(suppression, allowance) is None:
                allowed.setdefault(finding.fingerprint, suppression)
    verdicts = [
        _verdict(suppression, allowance, matched=id(suppression) in matched)
        for group in by_rule.values()
        for suppression in group
    ]
    verdicts.sort(key=_place)
    return Decision(allowed=allowed, verdicts=tuple(verdicts))


def _place(verdict: Verdict) -> tuple[str, int, str]:
    said = verdict.suppression
    return said.file, said.line, said.rule


def _covers(suppression: Suppression, finding: Finding) -> bool:
    scope = suppression.scope
    if isinstance(scope, Match):
        return _fits(scope, finding)
    if finding.file != suppression.file:
        return False
    if scope.containers and finding.container not in scope.containers:
        return False
    return any(_inside(finding, scope, start, end) for start, end in scope.lines)


def _inside(finding: Finding, scope: Place, start: int, end: int) -> bool:
    region = finding.region
    if scope.reach == "line":
        return region.line <= end and start <= region.end_line
    return start <= region.line <= end


def _fits(match: Match, finding: Finding) -> bool:
    wanted = (
        (match.path, finding.file, True),
        (match.kind, finding.kind, False),
        (match.namespace, finding.namespace or "", False),
        (match.name, finding.name, False),
        (match.container, finding.container or "", False),
    )
    return all(
        glob is None or matches(glob, value, is_path=is_path) for glob, value, is_path in wanted
    )


def _refusal(suppression: Suppression, allowance: Allowance) -> Verdict | None:
    """Why a suppression allows nothing, or None."""
    enforced = allowance.enforced
    if suppression.fault:
        return Verdict(suppression=suppression, fate="faulty", note=suppression.fault)
    if suppression.rule not in allowance.known:
        return Verdict(
            suppression=suppression, fate="faulty", note=_unknown(suppression, allowance)
        )
    if EVERY_RULE in enforced or suppression.rule in enforced:
        note = "the operator does not let this rule be ignored"
        return Verdict(suppression=suppression, fate="enforced", note=note)
    if suppression.until is not None and suppression.until < allowance.today:
        note = f"ended on {suppression.until}: renew it, or mend what it allowed"
        return Verdict(suppression=suppression, fate="expired", note=note)
    return None


def _unknown(suppression: Suppression, allowance: Allowance) -> str:
    guess = difflib.get_close_matches(suppression.rule, sorted(allowance.known), 1)
    hint = f"; did you mean {guess[0]!r}?" if guess else "; podsec rules lists them"
    return f"there is no rule {suppression.rule!r}{hint}"


def _verdict(suppression: Suppression, allowance: Allowance, *, matched: bool) -> Verdict:
    refused = _refusal(suppression, allowance)
    if refused is not None:
        return refused
    judged = suppression.rule in allowance.ran
    if suppression.source == "config":
        judged = judged and allowance.is_complete
    if matched:
        return Verdict(suppression=suppression, fate="used")
    if not judged:
        return Verdict(suppression=suppression, fate="unjudged")
    return Verdict(suppression=suppression, fate="unused", note="allows nothing: take it away")
