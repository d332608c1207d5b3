"""Edits of values: which file of a set says a value, and the text of that file with another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from bot.engine.helm.chart import VALUES, Chart, Content
from bot.engine.helm.merge import at
from bot.engine.helm.value_sets import Layer, ValueSet, given
from bot.frozen import frozen
from bot.yamlpatch import Patch, Path, Refused, Set, Unreadable, edit, read
from bot.yamlpatch.edit import Edited

_INDENT = re.compile(r"^([ ]*)\S", re.MULTILINE)


@frozen
class Assignment:
    """A value that is to stand at a path of the chart's values."""

    path: Path
    value: Any


def assigned(
    chart: Chart, files: Content, chosen: ValueSet, wanted: Iterable[Assignment]
) -> dict[str, bytes]:
    """The files with the assignments made, by path. Raises Refused."""
    by_layer: dict[tuple[str, int, Path, bool], list[Assignment]] = {}
    for one in wanted:
        layer, moved = _layer_of(chart, files, chosen, one)
        place = layer.file, layer.document, layer.path, layer.is_text
        by_layer.setdefault(place, []).append(moved)
    out: dict[str, bytes] = {}
    for (file, document, path, is_text), some in by_layer.items():
        data = out.get(file, files.get(file))
        if data is None:
            raise Refused(f"there is no {file} to set it in")
        out[file] = _edited(data, document, path, some, is_text=is_text)
    return out


def _layer_of(
    chart: Chart, files: Content, chosen: ValueSet, wanted: Assignment
) -> tuple[Layer, Assignment]:
    """The uppermost layer that says something at the path; the chart's values.yaml else.

    A chart without one leaves the values of its sub-charts to them, its own to the last layer.
    """
    for layer in reversed(chosen.layers):
        if at(given(layer, files), wanted.path) is not None:
            if layer.path[-1:] == ("parameters",):
                raise Refused("an Argo CD parameter sets it")
            return layer, wanted
    own = Layer(file=chart.path(VALUES), data={})
    sub = dict(chart.subcharts).get(str(wanted.path[0]))
    if own.file not in files and sub is None and chosen.layers:
        return chosen.layers[-1], wanted
    if own.file in files or sub is None or sub.is_vendored:
        return own, wanted
    return _layer_of(sub, files, ValueSet(name=""), replace(wanted, path=wanted.path[1:]))


def _edited(
    data: bytes, document: int, base: Path, wanted: Sequence[Assignment], *, is_text: bool
) -> bytes:
    if is_text:
        return _in_text(data, document, base, wanted)
    patches: list[Patch] = [
        Set(document=document, path=(*base, *one.path), value=one.value) for one in wanted
    ]
    return edit(data, patches).data


def _in_text(data: bytes, document: int, base: Path, wanted: Sequence[Assignment]) -> bytes:
    """The same inside a literal block scalar (`values: |`)."""
    try:
        stream = read(data)
    except Unreadable as error:
        raise Refused(error.reason) from error
    node = stream.documents[document].root
    for step in base:
        inner = node.get(step) if node is not None and isinstance(step, str) else None
        if isinstance(step, int) and node is not None and node.kind == "seq":
            inner = node.items[step]
        node = inner
    if node is None or node.style != "|":
        raise Refused("its values are text that is no literal block")
    header, newline, body = stream.text[node.start : node.end].partition("\n")
    indents = [len(found) for found in _INDENT.findall(body)]
    if not newline or not indents or "\t" in header:
        raise Refused("its values are text that is no literal block")
    indent = min(indents)
    inner_text = "".join(line[indent:] for line in body.splitlines(keepends=True))
    patches: list[Patch] = [Set(document=0, path=one.path, value=one.value) for one in wanted]
    edited: Edited = edit(inner_text.encode(), patches)
    lines = edited.data.decode().splitlines(keepends=True)
    moved = "".join(" " * indent + line if line.strip() else line for line in lines)
    start = node.start + len(header) + 1
    mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    return mark + (stream.text[:start] + moved + stream.text[node.end :]).encode()
