"""The map as a picture: columns from what deploys to what is deployed; no script, no font file."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from bot.formats.map.words import KINDS, RELATIONS, title
from bot.frozen import frozen
from bot.model.repository_map import Key, RepositoryMap

_WIDTH, _HEIGHT, _GAP, _STEP, _EDGE = 300, 44, 14, 380, 20
_LONGEST = 42
_FILL = {
    "kustomization": "#dbeafe",
    "component": "#e0e7ff",
    "chart": "#dcfce7",
    "application": "#ffedd5",
    "application-set": "#ffedd5",
    "flux-kustomization": "#fae8ff",
    "helm-release": "#fae8ff",
    "folder": "#f3f4f6",
}


@frozen
class _Box:
    """One box: its place, two lines of words, and what it looks like."""

    x: int
    y: int
    words: tuple[str, str]
    fill: str
    dashed: bool = False


def to_svg(repository: RepositoryMap) -> str:
    """An SVG document; every text in it is escaped."""
    boxes, unseen = _placed(repository)
    every = [*boxes.values(), *(box for _, box in unseen)]
    width = max((box.x for box in every), default=0) + _WIDTH + _EDGE
    height = max((box.y for box in every), default=0) + _HEIGHT + _EDGE
    lines = [
        _line(boxes[edge.source], boxes[edge.target], RELATIONS[edge.relation])
        for edge in repository.edges
    ]
    lines += [_line(boxes[key], box, "") for key, box in unseen]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">'
    )
    drawn = [_drawn(box) for box in every]
    sheet = f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    parts = [head, "<title>What deploys what</title>", sheet, *lines, *drawn, "</svg>", ""]
    return "\n".join(parts)


def _line(start: _Box, end: _Box, word: str) -> str:
    """A line from one box to another; to what is not seen, which has no word, a dashed one."""
    half = _HEIGHT // 2
    look = 'stroke="#6b7280"' if word else 'stroke="#b91c1c" stroke-dasharray="4 3"'
    place = f'x1="{start.x + _WIDTH}" y1="{start.y + half}" x2="{end.x}" y2="{end.y + half}"'
    return f"<line {place} {look}><title>{escape(word or 'not seen')}</title></line>"


def _placed(repository: RepositoryMap) -> tuple[dict[Key, _Box], list[tuple[Key, _Box]]]:
    """Where each node stands, and what is not seen, in the column behind its node."""
    column = _columns(repository)
    rows: dict[int, int] = {}
    boxes: dict[Key, _Box] = {}
    for node in sorted(repository.nodes, key=lambda one: (column[one.key], one.key)):
        at = column[node.key]
        words = (KINDS[node.key.kind], title(node.key))
        boxes[node.key] = _box(at, rows, words, _FILL[node.key.kind])
    unseen = [
        (one.node, _box(column[one.node] + 1, rows, (one.reason, one.what), "#fef2f2", dashed=True))
        for one in repository.unseen
        if one.node in boxes
    ]
    return boxes, unseen


def _box(
    at: int, rows: dict[int, int], words: tuple[str, str], fill: str, *, dashed: bool = False
) -> _Box:
    row = rows.get(at, 0)
    rows[at] = row + 1
    y = _EDGE + row * (_HEIGHT + _GAP)
    return _Box(x=_EDGE + at * _STEP, y=y, words=words, fill=fill, dashed=dashed)


def _columns(repository: RepositoryMap) -> Mapping[Key, int]:
    """How far each node is from what deploys it; circles end."""
    column = {node.key: 0 for node in repository.nodes}
    for _ in range(min(len(column), 20)):
        changed = False
        for edge in repository.edges:
            wanted = min(column[edge.source] + 1, 20)
            if column[edge.target] < wanted:
                column[edge.target], changed = wanted, True
        if not changed:
            break
    return column


def _drawn(box: _Box) -> str:
    dash = ' stroke-dasharray="4 3"' if box.dashed else ""
    first, second = (escape(_short(line)) for line in box.words)
    whole = escape(" ".join(box.words))
    return (
        f'<g><title>{whole}</title><rect x="{box.x}" y="{box.y}" width="{_WIDTH}" '
        f'height="{_HEIGHT}" rx="6" fill="{box.fill}" stroke="#374151"{dash}/>'
        f'<text x="{box.x + 10}" y="{box.y + 17}" fill="#4b5563" font-size="10">{first}</text>'
        f'<text x="{box.x + 10}" y="{box.y + 34}" fill="#111827">{second}</text></g>'
    )


def _short(text: str) -> str:
    """A line that fits; the end of a path says more than its start."""
    plain = " ".join(text.split())
    return plain if len(plain) <= _LONGEST else f"…{plain[1 - _LONGEST :]}"
