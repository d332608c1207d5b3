"""The map as a tree of words: what deploys what, and what is not seen."""

from __future__ import annotations

from collections.abc import Iterator

from bot.formats.map.words import KINDS, RELATIONS, counted, title
from bot.formats.plain import visible
from bot.model.repository_map import Key, RepositoryMap

_DEEPEST = 12


def to_text(repository: RepositoryMap) -> str:
    """The nodes that nothing leads to, each with all below it; what is not seen stands by it."""
    targets = {edge.target for edge in repository.edges}
    starts = [node.key for node in repository.nodes if node.key not in targets]
    shown: set[Key] = set()
    lines: list[str] = []
    for key in starts:
        lines += _tree(repository, key, "", "", shown)
    lines += [
        line
        for node in repository.nodes
        if node.key not in shown
        for line in _tree(repository, node.key, "", "", shown)
    ]
    return "\n".join([*map(visible, lines), *([""] if lines else []), _closing(repository)]) + "\n"


def _tree(
    repository: RepositoryMap, key: Key, lead: str, word: str, shown: set[Key]
) -> Iterator[str]:
    node = repository.node(key)
    files = counted(len(node.files), "file") if node is not None and node.files else ""
    again = key in shown and bool(repository.below(key))
    notes = ", ".join(filter(None, [files, "shown above" if again else ""]))
    yield f"{lead}{word}{KINDS[key.kind]} {title(key)}" + (f" ({notes})" if notes else "")
    if again or len(lead) > 2 * _DEEPEST:
        return
    shown.add(key)
    for missing in repository.unseen:
        if missing.node == key:
            yield f"{lead}  not seen: {missing.what}: {missing.reason}"
    for edge in repository.below(key):
        below = f"{RELATIONS[edge.relation]} "
        yield from _tree(repository, edge.target, f"{lead}  ", below, shown)


def _closing(repository: RepositoryMap) -> str:
    """One line: how much there is, and how much of it is not seen from here."""
    counts: dict[str, int] = {}
    for node in repository.nodes:
        counts[KINDS[node.key.kind]] = counts.get(KINDS[node.key.kind], 0) + 1
    if not counts:
        return "no kustomization, chart, Argo CD or Flux object: plain manifests, if any"
    parts = [counted(number, kind) for kind, number in counts.items()]
    unseen = len(repository.unseen)
    seen = f"; {unseen} not seen from here" if unseen else "; all is seen from here"
    return ", ".join(parts) + seen
