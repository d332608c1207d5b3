"""A repository's map while it is drawn."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.engine.read import load
from bot.model.files import Files
from bot.model.manifest import Manifest
from bot.model.repository_map import Edge, Key, Node, Relation, RepositoryMap, Unseen

SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(slots=True)
class Draft:
    """Nodes by key, edges, and what cannot be seen; `files` is the tree that is drawn."""

    files: Files
    nodes: dict[Key, Node] = field(default_factory=dict)
    edges: set[Edge] = field(default_factory=set)
    unseen: set[Unseen] = field(default_factory=set)
    folders: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.known = frozenset(self.files.paths())
        self.folders = frozenset(_folders(self.known))

    def add(self, node: Node) -> None:
        """Add a node; a second one of the same key is none."""
        self.nodes.setdefault(node.key, node)

    def link(self, source: Key, target: Key, relation: Relation) -> None:
        """Add an edge."""
        self.edges.add(Edge(source=source, target=target, relation=relation))

    def miss(self, node: Key, what: str, reason: str, line: int = 1) -> None:
        """Say what a node brings that is not seen."""
        self.unseen.add(Unseen(node=node, what=what, reason=reason, line=line))

    def deployable(self, folder: str) -> Key | None:
        """What stands in a folder: a kustomization, a chart, else the folder itself."""
        for kind in ("kustomization", "component", "chart"):
            key = Key(kind=kind, path=folder)
            if key in self.nodes:
                return key
        if folder not in self.folders:
            return None
        key = Key(kind="folder", path=folder)
        inside = (path for path in self.known if posixpath.dirname(path) == folder)
        plain = tuple(sorted(path for path in inside if path.endswith(SUFFIXES)))
        self.add(Node(key=key, file=folder, files=plain))
        return key

    def finished(self) -> RepositoryMap:
        """The map."""
        return RepositoryMap(
            nodes=tuple(self.nodes[key] for key in sorted(self.nodes)),
            edges=tuple(sorted(self.edges)),
            unseen=tuple(sorted(self.unseen)),
        )


def objects(files: Files, path: str) -> tuple[Manifest, ...]:
    """The objects of a file."""
    data = files.read(path)
    return load(path, data)[0] if data is not None else ()


def folder_at(text: str) -> str | None:
    """A folder as Argo CD and Flux name it, from the root; None where it leaves the repository."""
    path = posixpath.normpath(text.lstrip("/") or ".")
    if path == ".." or path.startswith("../"):
        return None
    return "" if path == "." else path


def line_of(manifest: Manifest, *steps: str | int) -> int:
    """The line of a field, or of what is nearest above it."""
    spot, _ = manifest.stream.locate(manifest.document, (*manifest.base, *steps))
    return spot.line


def is_templated(text: str) -> bool:
    """Whether a controller fills in what a text says."""
    return "{{" in text or "${" in text


def text_of(data: Mapping[str, Any], *steps: str) -> str | None:
    """A text at a field, None where there is none."""
    value: Any = data
    for step in steps:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else None


def _folders(paths: Iterable[str]) -> Iterator[str]:
    yield ""
    for path in paths:
        folder = posixpath.dirname(path)
        while folder:
            yield folder
            folder = posixpath.dirname(folder)
