"""What a change makes of the cluster, as a folded difference object by object."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.formats.markdown import code, details, fenced
from bot.formats.plain import counted
from bot.model.cluster_change import ObjectChange
from bot.yamlpatch.emit import Block

_LONGEST = 9_000
"""Bytes: a body holds 65,536 characters, and the findings come first."""
_LONGEST_OBJECT = 3_000
_LONGEST_LINE = 300
_BLOCK = Block(step=2, offset=0, quote='"')
_MOST_ROOTS = 3


def cluster_difference(changes: Sequence[ObjectChange], longest: int = _LONGEST) -> str:
    """Markdown; empty where nothing is other. What would be too long is counted."""
    if not changes:
        return ""
    parts: list[str] = []
    size = 0
    for index, change in enumerate(changes):
        part = _object(change)
        size += len(part.encode())
        if size > longest:
            parts.append(f"and {counted(len(changes) - index, 'more object')}.")
            break
        parts.append(part)
    summary = f"What this changes in the cluster: {counted(len(changes), 'object')}, as rendered"
    return details(summary, "\n\n".join(parts))


def _object(change: ObjectChange) -> str:
    name = f"{change.namespace}/{change.name}" if change.namespace else change.name
    listed = ", ".join(map(code, change.roots[:_MOST_ROOTS]))
    rest = len(change.roots) - _MOST_ROOTS
    more = f" and {rest} more" if rest > 0 else ""
    word = "new" if change.before is None else "gone" if change.after is None else "changed"
    title = f"{change.kind} {code(name)}: {word}, made by {listed}{more}"
    return f"{title}\n\n{fenced('diff', list(_lines(change)))}"


def _lines(change: ObjectChange) -> Iterator[str]:
    size = 0
    diff = difflib.unified_diff(_text(change.before), _text(change.after), n=3, lineterm="")
    for number, line in enumerate(diff):
        if number < 2:
            continue  # the names of no files
        shown = line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"
        size += len(shown) + 1
        if size > _LONGEST_OBJECT:
            yield "… the rest is longer than is shown here"
            return
        yield shown


def _text(data: Mapping[str, Any] | None) -> list[str]:
    """An object as YAML lines; no line break of a value breaks a line."""
    if data is None:
        return []
    lines = (line for text in _BLOCK.indented(data, 0) for line in text.split("\n"))
    return [line.replace("\r", "") for line in lines]
