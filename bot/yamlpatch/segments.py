"""Edits on top of edits, told as one list of edits of the first text."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from bot.yamlpatch.patch import Edit

Segment: TypeAlias = tuple[int, int] | str
"""A range of the first text that still stands, or new text."""


class Segments:
    """A text in the making: what of the first one stands, and what is new between."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._segments: list[Segment] = [(0, length)]

    def apply(self, edits: Sequence[Edit]) -> None:
        """Make `edits`, which are in order and speak of the text as it is now."""
        queue = deque(self._segments)
        out: list[Segment] = []
        position = 0
        for edit in edits:
            out += _taken(queue, edit.start - position)
            _taken(queue, edit.end - edit.start)
            out.append(edit.text)
            position = edit.end
        self._segments = [*out, *queue]

    def edits(self) -> tuple[Edit, ...]:
        """All edits so far, as edits of the first text."""
        found: list[Edit] = []
        position, new = 0, ""
        for segment in [*self._segments, (self._length, self._length)]:
            if isinstance(segment, str):
                new += segment
                continue
            start, end = segment
            if new or start > position:
                found.append(Edit(start=position, end=start, text=new))
            position, new = end, ""
        return tuple(found)


def _taken(queue: deque[Segment], count: int) -> Iterable[Segment]:
    """The first `count` characters, off the queue."""
    out: list[Segment] = []
    while count > 0:
        segment = queue.popleft()
        size = len(segment) if isinstance(segment, str) else segment[1] - segment[0]
        if size > count:
            head, rest = _cut(segment, count)
            queue.appendleft(rest)
            out.append(head)
            return out
        out.append(segment)
        count -= size
    return out


def _cut(segment: Segment, count: int) -> tuple[Segment, Segment]:
    if isinstance(segment, str):
        return segment[:count], segment[count:]
    middle = segment[0] + count
    return (segment[0], middle), (middle, segment[1])
