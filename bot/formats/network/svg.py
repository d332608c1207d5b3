"""Who reaches whom as a picture: clients left of what they reach; no script, no font file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from bot.formats.network.drawing import Drawing, Link
from bot.formats.plain import visible
from bot.kubernetes.network_reach import ANY_POD, ANYONE

_WIDTH, _HEIGHT, _GAP, _STEP, _EDGE, _TITLE = 200, 32, 14, 300, 20, 40
_LONGEST = 28
_MOST_COLUMNS = 12
_WIDE = {ANYONE: "#fee2e2", ANY_POD: "#ffedd5"}
_AROUND, _WORKLOAD = "#fef9c3", "#dbeafe"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Box:
    """Where a name stands."""

    name: str
    x: int
    y: int
    fill: str


def to_svg(drawings: Sequence[Drawing]) -> str:
    """An SVG document, one drawing below the other; every text in it is escaped."""
    top, width = 0, 0
    parts: list[str] = []
    for drawing in drawings:
        boxes = _placed(drawing, top + _TITLE)
        parts.append(_text(_EDGE, top + _TITLE - 14, drawing.title, "bold"))
        parts += [_line(boxes[link.source], boxes[link.target], link) for link in drawing.links]
        parts += map(_drawn, boxes.values())
        top = max((box.y for box in boxes.values()), default=top + _TITLE) + _HEIGHT + _EDGE
        width = max(width, *(box.x + _WIDTH + _EDGE for box in boxes.values()), 2 * _EDGE)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{top}" '
        f'viewBox="0 0 {width} {top}" font-family="sans-serif" font-size="12">'
    )
    sheet = f'<rect width="{width}" height="{top}" fill="#ffffff"/>'
    return "\n".join([head, "<title>Who may talk to whom</title>", sheet, *parts, "</svg>", ""])


def _placed(drawing: Drawing, top: int) -> dict[str, _Box]:
    columns = _columns(drawing)
    workloads = {link.target for link in drawing.links}
    rows: dict[int, int] = {}
    found: dict[str, _Box] = {}
    for name in drawing.nodes:
        at = columns[name]
        row = rows[at] = rows.get(at, -1) + 1
        is_around = name.startswith("namespace of ") and name not in workloads
        fill = _WIDE.get(name, _AROUND if is_around else _WORKLOAD)
        found[name] = _Box(
            name=name, x=_EDGE + at * _STEP, y=top + row * (_HEIGHT + _GAP), fill=fill
        )
    return found


def _columns(drawing: Drawing) -> Mapping[str, int]:
    """How far each is from where traffic begins; circles end."""
    found = dict.fromkeys(drawing.nodes, 0)
    for _ in range(min(len(found), _MOST_COLUMNS)):
        if not _moved(found, drawing.links):
            break
    return found


def _moved(columns: dict[str, int], links: Iterable[Link]) -> bool:
    changed = False
    for link in links:
        wanted = min(columns[link.source] + 1, _MOST_COLUMNS)
        if columns[link.target] < wanted and link.source != link.target:
            columns[link.target], changed = wanted, True
    return changed


def _line(start: _Box, end: _Box, link: Link) -> str:
    half = _HEIGHT // 2
    dash = "" if link.is_sure else ' stroke-dasharray="4 3"'
    x1, y1, x2, y2 = start.x + _WIDTH, start.y + half, end.x, end.y + half
    ports = escape(visible(link.ports))
    return (
        f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="#6b7280"{dash}>'
        f"<title>{ports}</title></line>"
        f'<text x="{x2 - 6}" y="{y2 - 4}" font-size="9" text-anchor="end" fill="#4b5563">'
        f"{escape(_short(link.ports))}</text>"
    )


def _drawn(box: _Box) -> str:
    return (
        f'<g><title>{escape(visible(box.name))}</title><rect x="{box.x}" y="{box.y}" '
        f'width="{_WIDTH}" height="{_HEIGHT}" rx="6" fill="{box.fill}" stroke="#374151"/>'
        f"{_text(box.x + 10, box.y + 20, _short(box.name), 'normal')}</g>"
    )


def _text(x: int, y: int, text: str, weight: str) -> str:
    shown = escape(visible(text))
    return f'<text x="{x}" y="{y}" font-weight="{weight}" fill="#111827">{shown}</text>'


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
