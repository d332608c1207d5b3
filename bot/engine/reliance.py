"""Which fixes rest on each other: what cannot be taken without what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.engine.trial import Trial, patches_of
from bot.engine.verdict import Judge, Verdict
from bot.kubernetes.workload import reach
from bot.model.finding import Finding
from bot.yamlpatch import NewDocument, Patch, Refused, Remove, Rename, Set, edit

_MOST = 16
"""Fixes that are tried one against the other: more would take too long."""


@dataclass(frozen=True, slots=True)
class Reliance:
    """A fix, and the other fixes of the same document that it cannot stand without."""

    finding: Finding
    on: tuple[Finding, ...]


def reliances(
    judge: Judge, data: bytes, rounds: Sequence[Sequence[Finding]], asked: frozenset[str]
) -> tuple[Reliance, ...]:
    """Tried out, not guessed: a fix rests on another if without that one it is not proved.

    `rounds` are the fixes made on `data`, each round on what the last one left. Fixes that only
    add keys stand on their own; only what is changed or removed can free the way for another.
    """
    if not rounds:
        return ()
    return (*_in_first(judge, data, rounds[0], asked), *_in_later(judge, data, rounds, asked))


def _in_first(
    judge: Judge, data: bytes, done: Sequence[Finding], asked: frozenset[str]
) -> Iterator[Reliance]:
    changing = [finding for finding in done if _changes(finding, judge.of(data))][:_MOST]
    for finding in done:
        near = [other for other in changing if other is not finding and _near(other, finding)]
        if not near or _proved(judge, data, [finding], asked):
            continue
        needed = [
            other
            for other in near
            if not _proved(judge, data, [finding, *(f for f in near if f is not other)], asked)
        ]
        yield Reliance(finding, tuple(needed or near))


def _changes(finding: Finding, verdict: Verdict) -> bool:
    """Whether a fix changes or removes what is there."""
    return any(_exists(patch, verdict) for patch in patches_of([finding]))


def _exists(patch: Patch, verdict: Verdict) -> bool:
    if isinstance(patch, Remove | Rename):
        return True
    if not isinstance(patch, Set):
        return False
    return any(
        patch.path[: len(manifest.base)] == manifest.base
        and reach(manifest.data, patch.path[len(manifest.base) :]) is not None
        for manifest in verdict.manifests
        if manifest.document == patch.document
    )


def _near(one: Finding, other: Finding) -> bool:
    """Whether two fixes touch the same document."""
    touched = [
        {patch.document for patch in patches_of([finding]) if not isinstance(patch, NewDocument)}
        for finding in (one, other)
    ]
    return bool(touched[0] & touched[1])


def _proved(judge: Judge, data: bytes, findings: Sequence[Finding], asked: frozenset[str]) -> bool:
    try:
        Trial(judge, data, asked).proved(findings)
    except Refused:
        return False
    return True


def _in_later(
    judge: Judge, data: bytes, rounds: Sequence[Sequence[Finding]], asked: frozenset[str]
) -> Iterator[Reliance]:
    for number in range(1, len(rounds)):
        earlier = rounds[:number]
        for finding in rounds[number]:
            near = [f for done in earlier for f in done if _near(f, finding)][:_MOST]
            needed = [f for f in near if not _stands(judge, data, earlier, finding, f, asked)]
            yield Reliance(finding, tuple(needed or near))


def _stands(
    judge: Judge,
    data: bytes,
    earlier: Sequence[Sequence[Finding]],
    finding: Finding,
    without: Finding,
    asked: frozenset[str],
) -> bool:
    """Whether a fix of a later round is proved where one of the earlier ones is not made."""
    try:
        for done in earlier:
            data = edit(data, patches_of([f for f in done if f is not without])).data
    except Refused:
        return False
    again = judge.of(data).findings.get(finding.fingerprint)
    if again is None or again.fix is None or finding.fix is None:
        return False
    if again.fix.applicability not in ("safe", finding.fix.applicability):
        return False
    return _proved(judge, data, [again], asked)
