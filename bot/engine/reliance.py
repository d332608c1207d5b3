"""Which fixes rest on each other: what cannot be taken without what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from bot.engine.attempt import Judge, Verdict, interlocked
from bot.engine.trial import patches_of
from bot.frozen import frozen
from bot.kubernetes.workload import CONTAINER_LISTS, reach
from bot.model.finding import Finding
from bot.model.manifest import Manifest
from bot.yamlpatch import NewDocument, Path, Refused, Stream, preview, read

_MOST = 16
"""Fixes that are tried one against the other: more would take too long."""


@frozen(kw_only=False)
class Reliance:
    """A fix, and the other fixes of the same document that it cannot stand without."""

    finding: Finding
    on: tuple[Finding, ...]


@frozen
class Round:
    """Fixes made together on one version of a file; `only_adds`: no text was taken away."""

    data: bytes
    done: tuple[Finding, ...]
    only_adds: bool


def reliances(judge: Judge, rounds: Sequence[Round]) -> tuple[Reliance, ...]:
    """Tried out, not guessed: what is no longer sound, or cannot be fixed, without what.

    Where a round only adds text, none of its fixes frees the way for another of the same round.
    What a round fixes was not to be fixed before: it rests on the round before it.
    """
    found: list[Reliance] = []
    for one in rounds:
        if not one.only_adds:
            found += _within(judge, one)
    for before, after in pairwise(rounds):
        found += _between(judge, before, after.done)
    return tuple(found)


def _within(judge: Judge, one: Round) -> Iterator[Reliance]:
    """Fixes that alone would break what the API server wants together."""
    before, stream = judge.of(one.data), read(one.data)
    for finding in one.done:
        near = [other for other in one.done if other is not finding and _near(other, finding)]
        if near and not _sound(stream, [finding], before):
            needed = [
                other
                for other in near[:_MOST]
                if not _sound(stream, [finding, *(f for f in near if f is not other)], before)
            ]
            yield Reliance(finding, tuple(needed or near))


def _sound(stream: Stream, findings: Sequence[Finding], before: Verdict) -> bool:
    """Whether these fixes, made without the others, break no interlock."""
    try:
        manifests = _with(stream, findings, before.manifests)
    except Refused:
        return True
    return interlocked(manifests) <= before.broken


def _with(
    stream: Stream, findings: Sequence[Finding], manifests: Sequence[Manifest]
) -> list[Manifest]:
    """The manifests as they would be after some fixes. Raises Refused."""
    documents = preview(stream, patches_of(findings))
    return [replace(m, data=reach(documents[m.document], m.base) or {}) for m in manifests]


def _between(judge: Judge, before: Round, later: Sequence[Finding]) -> Iterator[Reliance]:
    """What fixes of the next round need of this one."""
    stream, manifests = read(before.data), judge.of(before.data).manifests
    for finding in later:
        own = [manifest for manifest in manifests if manifest.document == finding.document]
        needed = tuple(
            other
            for other in before.done
            if _near(other, finding)
            and not _possible(judge, finding, _without(stream, before.done, other, own))
        )
        if needed:
            yield Reliance(finding, needed)


def _without(
    stream: Stream, done: Sequence[Finding], other: Finding, manifests: Sequence[Manifest]
) -> list[Manifest] | None:
    """The manifests after all fixes of a round but one; None where that has no meaning."""
    try:
        return _with(stream, [finding for finding in done if finding is not other], manifests)
    except Refused:
        return None


def _possible(judge: Judge, finding: Finding, manifests: Sequence[Manifest] | None) -> bool:
    """Whether the finding has a fix in these manifests that is no riskier than its own."""
    again = judge.imagine(manifests).get(finding.fingerprint) if manifests else None
    if again is None or again.fix is None or finding.fix is None:
        return False
    return again.fix.applicability in ("safe", finding.fix.applicability)


def _near(one: Finding, other: Finding) -> bool:
    """Whether two fixes touch the same container, or one of them its pod."""
    return any(
        mine.document == its.document and _meet(mine.path, its.path)
        for mine in patches_of([one])
        for its in patches_of([other])
        if not isinstance(mine, NewDocument) and not isinstance(its, NewDocument)
    )


def _meet(one: Path, other: Path) -> bool:
    ours, theirs = _container(one), _container(other)
    return ours == theirs or ours is None or theirs is None


def _container(path: Path) -> Path | None:
    """The part of a path that leads to a container."""
    ends = [i for i, step in enumerate(path) if step in CONTAINER_LISTS]
    return path[: ends[0] + 2] if ends else None
