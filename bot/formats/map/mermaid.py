"""The map as a Mermaid flow chart, which GitHub draws (docs.github.com, creating diagrams)."""

from __future__ import annotations

from bot.formats.map.words import KINDS, title
from bot.model.repository_map import RepositoryMap

_MOST = 400
"""Nodes: Mermaid refuses more than 500 edges (maxEdges), and nobody reads as many."""
_SHAPES = {"chart": ("[[", "]]"), "folder": ("[/", "/]"), "component": ("(", ")")}
_ESCAPES = str.maketrans({'"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "#": "#35;"})


def to_mermaid(repository: RepositoryMap) -> str:
    """A flow chart from left to right; what is not seen is dashed."""
    nodes = repository.nodes[:_MOST]
    names = {node.key: f"n{index}" for index, node in enumerate(nodes)}
    lines = ["flowchart LR"]
    for node in nodes:
        start, end = _SHAPES.get(node.key.kind, ("[", "]"))
        words = f"{KINDS[node.key.kind]}<br/>{_escaped(title(node.key))}"
        lines.append(f'  {names[node.key]}{start}"{words}"{end}')
    lines += [
        f"  {names[edge.source]} -->|{edge.relation}| {names[edge.target]}"
        for edge in repository.edges
        if edge.source in names and edge.target in names
    ]
    for index, missing in enumerate(repository.unseen):
        if missing.node in names:
            words = f"{_escaped(missing.what)}<br/>{_escaped(missing.reason)}"
            lines.append(f'  u{index}>"{words}"]')
            lines.append(f"  {names[missing.node]} -.-> u{index}")
    if len(repository.nodes) > _MOST:
        lines.append(f'  more["and {len(repository.nodes) - _MOST} more"]')
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return " ".join(text.split()).translate(_ESCAPES)
