"""Who reaches whom as plain text, as Mermaid, and in Graphviz' language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.formats.network.drawing import Drawing, Reached
from bot.formats.plain import visible
from bot.kubernetes.network_reach import Row

_NO_MERMAID = re.compile(r"[^A-Za-z0-9 ,./_-]")


def to_text(found: Sequence[Reached]) -> str:
    """A block for each workload: who reaches which ports, before and after."""
    return "".join(f"{line}\n" for one in found for line in _block(one))


def _block(one: Reached) -> Iterator[str]:
    yield visible(f"{one.name} ({one.kind}, {one.file})")
    if not one.changes:
        yield from _rows("now", one.before)
        return
    yield from _rows("before", one.before)
    yield from _rows("after", one.after)


def _rows(when: str, rows: Sequence[Row]) -> Iterator[str]:
    if not rows:
        yield f"  {when:6}  nobody"
    for number, row in enumerate(rows):
        lead = when if number == 0 else ""
        yield visible(f"  {lead:6}  {said(row)}")


def said(row: Row) -> str:
    """One row in words."""
    maybe = f"perhaps {', '.join(row.unsure)}" if row.unsure else ""
    who = "; ".join(part for part in (", ".join(row.clients), maybe) if part)
    return f"{who}: {', '.join(row.ports)}"


def to_mermaid(drawings: Sequence[Drawing]) -> str:
    """A flow chart with a part for each drawing; GitHub draws it."""
    lines = ["flowchart LR"]
    for number, drawing in enumerate(drawings):
        ids = {name: f"n{number}_{index}" for index, name in enumerate(drawing.nodes)}
        lines.append(f'  subgraph g{number}["{_mermaid(drawing.title)}"]')
        lines += (f'    {ids[name]}["{_mermaid(name)}"]' for name in drawing.nodes)
        for link in drawing.links:
            arrow = "-->" if link.is_sure else "-.->"
            label = f'|"{_mermaid(link.ports)}"|'
            lines.append(f"    {ids[link.source]} {arrow}{label} {ids[link.target]}")
        lines.append("  end")
    return "".join(f"{line}\n" for line in lines)


def _mermaid(text: str) -> str:
    """A label that ends nothing and starts nothing: names come from strangers."""
    return _NO_MERMAID.sub("_", text)[:80]


def to_dot(drawings: Sequence[Drawing]) -> str:
    """A directed graph with a cluster for each drawing."""
    lines = ["digraph network {", "  rankdir=LR;", "  node [shape=box];"]
    for number, drawing in enumerate(drawings):
        ids = {name: f"n{number}_{index}" for index, name in enumerate(drawing.nodes)}
        lines += [f"  subgraph cluster_{number} {{", f"    label={_quoted(drawing.title)};"]
        lines += (f"    {ids[name]} [label={_quoted(name)}];" for name in drawing.nodes)
        for link in drawing.links:
            style = "" if link.is_sure else ", style=dashed"
            label = f"[label={_quoted(link.ports)}{style}]"
            lines.append(f"    {ids[link.source]} -> {ids[link.target]} {label};")
        lines.append("  }")
    return "".join(f"{line}\n" for line in (*lines, "}"))


def _quoted(text: str) -> str:
    """A string of the DOT language, where a backslash begins an escape."""
    escaped = visible(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
