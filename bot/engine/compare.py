"""The findings of now beside those of before: new, worsened, standing, moved or fixed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field

from bot.frozen import frozen
from bot.model.finding import SEVERITIES, Credit, Finding, Regression, Standing

_ENDS = ("", ".", "[")
_INDEX = re.compile(r"\[\d+\]")
_Moved = tuple[str, str, str | None, str, str | None, str]


@frozen
class Weakened:
    """What a change took away from an object; `leaf` is its field below container or pod."""

    regression: Regression
    document: int
    leaf: str


@frozen
class Comparison:
    """How findings stand beside those of before, by fingerprint; one that is absent is new."""

    standings: Mapping[str, Standing] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    """The regressions by name, of findings that come from one."""
    fixed: tuple[Credit, ...] = ()
    regressions: tuple[Regression, ...] = ()
    """Those that no finding speaks of."""
    arrived: tuple[str, ...] = ()


def compare(
    before: Sequence[Finding],
    after: Sequence[Finding],
    weakened: Iterable[Weakened] = (),
    unjudged: Collection[str] = (),
) -> Comparison:
    """Match by fingerprint; what moved to another file is matched by the rest of its identity.

    A finding that stood is worsened where it became more severe, or where the change took away
    what softened it. In files that can be judged no more, `unjudged`, nothing counts as mended.
    """
    old = {finding.fingerprint: finding for finding in before}
    reasons, alone = _attributed(after, weakened)
    standings: dict[str, Standing] = {}
    gone = {key: f for key, f in old.items() if key not in {a.fingerprint for a in after}}
    moved = Counter(map(_moving, gone.values()))
    for finding in after:
        stood = old.get(finding.fingerprint)
        if stood is None and moved[_moving(finding)] > 0:
            moved[_moving(finding)] -= 1
            standings[finding.fingerprint] = "existing"
        elif stood is not None:
            worse = _is_worse(stood, finding) or finding.fingerprint in reasons
            standings[finding.fingerprint] = "worsened" if worse else "existing"
    return Comparison(
        standings=standings,
        reasons=reasons,
        fixed=tuple(_fixed((f for f in gone.values() if f.file not in unjudged), moved)),
        regressions=tuple(alone),
    )


def _moving(finding: Finding) -> _Moved:
    """The identity of a finding without its file."""
    plain = _INDEX.sub("", finding.field)
    return (
        finding.rule,
        finding.kind,
        finding.namespace,
        finding.name,
        finding.container,
        plain,
    )


def _is_worse(stood: Finding, finding: Finding) -> bool:
    return SEVERITIES.index(finding.severity) > SEVERITIES.index(stood.severity)


def _fixed(gone: Iterable[Finding], left: Counter[_Moved]) -> Iterable[Credit]:
    """What is gone and did not merely move."""
    for finding in gone:
        if left[_moving(finding)] > 0:
            left[_moving(finding)] -= 1
            yield Credit(
                rule=finding.rule,
                severity=finding.severity,
                file=finding.file,
                kind=finding.kind,
                name=finding.name,
                container=finding.container,
            )


def _attributed(
    findings: Sequence[Finding], weakened: Iterable[Weakened]
) -> tuple[dict[str, str], list[Regression]]:
    """Regressions by the finding that speaks of them; and those of which none does."""
    reasons: dict[str, str] = {}
    alone: list[Regression] = []
    by_object: dict[tuple[str, int, str, str], list[Finding]] = {}
    for finding in findings:
        key = (finding.file, finding.document, finding.kind, finding.name)
        by_object.setdefault(key, []).append(finding)
    for loss in weakened:
        lost = loss.regression
        there = by_object.get((lost.file, loss.document, lost.kind, lost.name), ())
        speaking = [f for f in there if _speaks_of(f, loss)]
        for finding in speaking:
            reasons[finding.fingerprint] = lost.message
        if not speaking:
            alone.append(lost)
    return reasons, alone


def _speaks_of(finding: Finding, loss: Weakened) -> bool:
    """Whether a finding is about the field, of the same container or of its whole pod."""
    if finding.container and finding.container != loss.regression.container:
        return False
    start = f".{finding.field}".find(f".{loss.leaf}")
    return bool(loss.leaf) and start >= 0 and finding.field[start + len(loss.leaf) :][:1] in _ENDS
