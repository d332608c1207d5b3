"""A repository's map: what deploys what, and what of it cannot be seen from here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.frozen import frozen
from bot.model.rendering import Root

NodeKind = Literal[
    "kustomization",
    "component",
    "chart",
    "application",
    "application-set",
    "flux-kustomization",
    "helm-release",
    "folder",
]
Relation = Literal["builds", "component", "patch", "generates", "values", "deploys", "depends"]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Key:
    """The identity of a node: a folder for what is one, else a file and the object in it."""

    kind: NodeKind
    path: str
    name: str = ""


@frozen
class Node:
    """Something that deploys, or is deployed. `file` is where it is declared."""

    key: Key
    file: str
    files: tuple[str, ...] = ()
    """What it reads beside other nodes: manifests, patches, values, sources of generators."""
    builds: tuple[str, ...] = ()
    """Of these the manifests that it lists as resources: all their objects are deployed with it."""
    value_sets: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Of a chart: the names of its value sets with their files, the defaults left out."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Edge:
    """One node leads to another."""

    source: Key
    target: Key
    relation: Relation


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Unseen:
    """What a node brings that is not here, and why: a remote base, a remote chart."""

    node: Key
    what: str
    reason: str
    line: int = 1


@frozen
class RepositoryMap:
    """All nodes and edges, sorted."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    _below: dict[Key, list[Edge]] = field(default_factory=dict, init=False, compare=False)
    _above: dict[Key, list[Edge]] = field(default_factory=dict, init=False, compare=False)
    _node: dict[Key, Node] = field(default_factory=dict, init=False, compare=False)
    _readers: dict[str, list[Key]] = field(default_factory=dict, init=False, compare=False)

    def __post_init__(self) -> None:
        for node in self.nodes:
            self._node[node.key] = node
            for file in (node.file, *node.files):
                self._readers.setdefault(file, []).append(node.key)
        for edge in self.edges:
            self._below.setdefault(edge.source, []).append(edge)
            self._above.setdefault(edge.target, []).append(edge)

    def node(self, key: Key) -> Node | None:
        """The node of a key."""
        return self._node.get(key)

    def below(self, key: Key) -> tuple[Edge, ...]:
        """The edges that lead from a node."""
        return tuple(self._below.get(key, ()))

    def above(self, key: Key) -> tuple[Edge, ...]:
        """The edges that lead to a node."""
        return tuple(self._above.get(key, ()))

    def readers(self, file: str) -> tuple[Key, ...]:
        """The nodes that read a file."""
        return tuple(self._readers.get(file, ()))

    def tops(self, kinds: Iterable[NodeKind] = ("kustomization",)) -> tuple[Key, ...]:
        """The nodes of some kinds that no node of these kinds, nor a component, builds."""
        wanted = {*kinds}
        within = {*wanted, "component"}
        return tuple(
            node.key
            for node in self.nodes
            if node.key.kind in wanted
            and not any(edge.source.kind in within for edge in self.above(node.key))
        )

    def closure(self, key: Key) -> tuple[Key, ...]:
        """A node and all that it leads to."""
        return tuple(_walk((key,), self._below, lambda edge: edge.target))

    def reaching(self, files: Iterable[str]) -> tuple[Key, ...]:
        """The nodes that read any of the files, and all that lead to them."""
        starts = sorted({key for file in files for key in self.readers(file)})
        return tuple(_walk(starts, self._above, lambda edge: edge.source))

    def roots_of(self, files: Iterable[str]) -> tuple[Root, ...]:
        """The kustomizations on top of those that any of the files belong to: what to render."""
        tops = set(self.tops())
        return tuple(
            Root(tool="kustomize", folder=key.path)
            for key in sorted(self.reaching(files))
            if key in tops
        )


def _walk(
    starts: Iterable[Key], links: Mapping[Key, list[Edge]], step: Callable[[Edge], Key]
) -> Iterator[Key]:
    """The nodes that can be reached, each once: a circle ends."""
    seen: set[Key] = set()
    todo = list(starts)
    while todo:
        key = todo.pop(0)
        if key not in seen:
            seen.add(key)
            yield key
            todo += [step(edge) for edge in links.get(key, ())]
