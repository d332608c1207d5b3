"""All suppressions that the manifests of a file carry, in comments and annotations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from bot.engine.suppress.annotations import Peers, annotated
from bot.engine.suppress.comments import commented
from bot.model.manifest import Manifest
from bot.model.suppression import Suppression
from bot.rule.rule import Rule

__all__ = ["Peers", "peers_of", "written"]


def written(manifests: Sequence[Manifest], peers: Peers) -> Iterator[Suppression]:
    """What is written in files, given all manifests of each, one file after another."""
    for _, group in groupby(manifests, key=lambda manifest: manifest.file):
        found = tuple(group)
        yield from commented(found)
        for manifest in found:
            yield from annotated(manifest, peers)


def peers_of(rules: Iterable[Rule]) -> Peers:
    """The rules that stand for a peer's check, by the peer's name and the check's id."""
    known: dict[tuple[str, str], list[str]] = {}
    for rule in rules:
        for tool, ids in _listed(rule.equivalents):
            for check in ids:
                known.setdefault((tool, check), []).append(rule.id)
    return {key: tuple(ids) for key, ids in known.items()}


def _listed(
    equivalents: Mapping[str, str | list[str]],
) -> Iterator[tuple[str, list[str]]]:
    for tool, ids in equivalents.items():
        yield tool, [ids] if isinstance(ids, str) else list(ids)
