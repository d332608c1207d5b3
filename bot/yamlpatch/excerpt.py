"""A document without what lies far from its edits: still YAML, and the edits stand as they did.

Members of block collections are left out as whole lines. An edit keeps all that it stands in, the
member before it down to its last line, and the member after it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from bot.frozen import frozen
from bot.yamlpatch.document import Document, Node, Stream

Span: TypeAlias = tuple[int, int]
# what ties a member to others: anchors and aliases; tags and explicit keys are not cut either
_TIED = re.compile(r"[&*!?]")


@frozen(kw_only=False)
class Excerpt:
    """Text, and the identities of the members' nodes that are not in it."""

    text: str
    left_out: frozenset[int]


def excerpt(stream: Stream, document: Document, edited: Sequence[Span]) -> Excerpt:
    """What a second reader should see of a document; `edited` are the edits' places, in order."""
    text = stream.text
    left_out: set[int] = set()
    parts: list[str] = []
    position = document.start
    if document.root is not None:
        for start, end, node in sorted(_far(text, document.root, edited), key=lambda far: far[0]):
            parts.append(text[position:start])
            position = end
            left_out.add(id(node))
    parts.append(text[position : document.end])
    return Excerpt("".join(parts), frozenset(left_out))


def _far(text: str, root: Node, edited: Sequence[Span]) -> Iterator[tuple[int, int, Node]]:
    """The lines of members that no edit touches, nor stands beside."""
    todo = [root]
    while todo:
        node = todo.pop()
        if node.flow or node.kind not in ("map", "seq"):
            continue
        near = False
        for member in _members(text, node):
            touched = member.end is None or _touches(edited, member.start, member.end)
            if touched:
                todo.append(member.node)
            elif not near and member.end is not None and _is_loose(text, member):
                yield member.start, member.end, member.node
            near = touched


@frozen(kw_only=False)
class _Member:
    """A member of a block collection, up to the line of the next one; None: there is none."""

    node: Node
    start: int
    end: int | None
    is_alone: bool
    """Whether its lines hold nothing else."""


def _members(text: str, node: Node) -> Iterator[_Member]:
    members = node.pairs or [(item, item) for item in node.items]
    starts = [_line_start(text, first, node.kind) for first, _ in members]
    for (first, member), start, end in zip(members, starts, [*starts[1:], None], strict=True):
        yield _Member(member, first.start if start is None else start, end, start is not None)


def _line_start(text: str, first: Node, kind: str) -> int | None:
    """Where a member's line starts, if nothing but blanks and its own dash stand before it."""
    start = text.rfind("\n", 0, first.start) + 1
    before = text[start : first.start].strip(" ")
    return start if before == ("-" if kind == "seq" else "") else None


def _touches(edited: Sequence[Span], start: int, end: int) -> bool:
    """Whether an edit reaches into a range, its borders included."""
    index = bisect_left(edited, end, key=lambda span: span[0])
    return any(span[1] >= start for span in edited[max(0, index - 1) : index + 1] if span[0] <= end)


def _is_loose(text: str, member: _Member) -> bool:
    return member.is_alone and _TIED.search(text, member.start, member.end or 0) is None
