"""Which fixes rest on each other: what cannot be taken without what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.engine.attempt import Judge, Verdict, interlocked
from bot.engine.trial import patches_of
from bot.kubernetes.workload import CONTAINER_LISTS, reach
from bot.model.finding import Finding
from bot.yamlpatch import NewDocument, Path, Refused, Stream, Unreadable, edit, preview, read

_MOST = 16
"""Fixes that are tried one against the other: more would take too long."""


@dataclass(frozen=True, slots=True)
class Reliance:
    """A fix, and the other fixes of the same document that it cannot stand without."""

    finding: Finding
    on: tuple[Finding, ...]


def reliances(
    judge: Judge,
    data: bytes,
    rounds: Sequence[Sequence[Finding]],
    *,
    only_adds: bool,
) -> tuple[Reliance, ...]:
    """Tried out, not guessed: what is no longer sound, or no longer fixed, without what.

    `rounds` are the fixes made on `data`, each round on what the last one left. Where the first
    round only added text (`only_adds`), none of its fixes frees the way for another.
    """
    first = () if only_adds or not rounds else tuple(_in_first(judge, data, rounds[0]))
    return (*first, *_in_later(judge, data, rounds))


def _in_first(judge: Judge, data: bytes, done: Sequence[Finding]) -> Iterator[Reliance]:
    """Fixes that alone would break what the API server wants together."""
    before = judge.of(data)
    try:
        stream = read(data)
    except Unreadable:
        return
    for finding in done:
        near = [other for other in done if other is not finding and _near(other, finding)][:_MOST]
        if near and not _sound(stream, [finding], before):
            needed = [
                other
                for other in near
                if not _sound(stream, [finding, *(f for f in near if f is not other)], before)
            ]
            yield Reliance(finding, tuple(needed or near))


def _sound(stream: Stream, findings: Sequence[Finding], before: Verdict) -> bool:
    """Whether these fixes, made without the others, break no interlock."""
    try:
        documents = preview(stream, patches_of(findings))
    except Refused:
        return True
    values = [reach(documents[manifest.document], manifest.base) for manifest in before.manifests]
    return interlocked(before.manifests, values) <= before.broken


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


def _in_later(judge: Judge, data: bytes, rounds: Sequence[Sequence[Finding]]) -> Iterator[Reliance]:
    for number in range(1, len(rounds)):
        earlier = rounds[:number]
        for finding in rounds[number]:
            near = [f for done in earlier for f in done if _near(f, finding)][:_MOST]
            needed = [f for f in near if not _stands(judge, data, earlier, finding, f)]
            if needed:
                yield Reliance(finding, tuple(needed))


def _stands(
    judge: Judge,
    data: bytes,
    earlier: Sequence[Sequence[Finding]],
    finding: Finding,
    without: Finding,
) -> bool:
    """Whether a fix of a later round is possible where one of the earlier ones is not made."""
    try:
        for done in earlier:
            patches = patches_of([f for f in done if f is not without])
            data = edit(data, patches, second_reader=False).data
    except Refused:
        return False
    again = judge.of(data).findings.get(finding.fingerprint)
    if again is None or again.fix is None or finding.fix is None:
        return False
    return again.fix.applicability in ("safe", finding.fix.applicability)
