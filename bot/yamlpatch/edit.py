"""Edits of a file: patches compiled to splices of the original text, and proved."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bot.frozen import frozen
from bot.yamlpatch.batch import Wanted, merged, settled
from bot.yamlpatch.compile import Compiler
from bot.yamlpatch.document import Stream, Unreadable, read
from bot.yamlpatch.patch import Edit, NewDocument, Patch, Refused, apply_edits
from bot.yamlpatch.proof import demand_witness, prove
from bot.yamlpatch.segments import Segments
from bot.yamlpatch.tree import Tree, patched, value_of

_LONE_RETURN = re.compile(r"\r(?!\n)")


@frozen
class Edited:
    """A file after its edits; `edits` speak of the text before them."""

    data: bytes
    edits: tuple[Edit, ...]
    after: Stream
    """The result, read."""

    @property
    def only_adds(self) -> bool:
        """Whether nothing was replaced or taken away."""
        return all(change.start == change.end for change in self.edits)


def preview(stream: Stream, patches: Sequence[Patch]) -> list[Any]:
    """All documents as plain data, as they would be after the patches; no text is made.

    Raises Refused where the patches have no meaning.
    """
    trees: list[Tree | None] = [document.root for document in stream.documents]
    for one in merged(stream, patches):
        if not isinstance(one.patch, NewDocument):
            trees[one.patch.document] = patched(trees[one.patch.document], one.patch)
    return [value_of(tree) for tree in trees]


def edit(data: bytes, patches: Sequence[Patch], *, second_reader: bool = True) -> Edited:
    """Make all `patches`. Raises Refused, with the reason, where that cannot be done and proved.

    The proof is that of `bot.yamlpatch.proof`, and that the same patches, made again, would change
    nothing. What only tries something out, and writes nothing, needs no `second_reader`.
    """
    try:
        stream = read(data)
    except Unreadable as error:
        raise Refused(error.reason) from error
    return edit_stream(stream, patches, second_reader=second_reader)


def edit_stream(stream: Stream, patches: Sequence[Patch], *, second_reader: bool = True) -> Edited:
    """The same for a file that was read before: who tries out much reads it once."""
    try:
        wanted = merged(stream, patches)
    except Unreadable as error:
        raise Refused(error.reason) from error
    if _LONE_RETURN.search(stream.text):
        raise Refused("a carriage return stands alone: some readers take it for a line break")
    edits = _compiled(stream, wanted)
    if not edits:
        return Edited(data=_written(stream), edits=(), after=stream)
    try:
        after = _proved(stream, edits, wanted, second_reader)
    except Refused:
        if len(wanted) == 1:
            raise
        edits = _one_by_one(stream, wanted)
        after = _proved(stream, edits, wanted, second_reader)
    after.bom = stream.bom
    return Edited(data=_written(after), edits=edits, after=after)


def _written(stream: Stream) -> bytes:
    return (("\ufeff" if stream.bom else "") + stream.text).encode("utf-8")


def _compiled(stream: Stream, wanted: Sequence[Wanted]) -> tuple[Edit, ...]:
    compiler = Compiler(stream)
    for one in wanted:
        try:
            compiler.add(one.patch)
        except Refused as refused:
            raise Refused(refused.reason, one.sources) from refused
    return compiler.edits()


def _proved(
    stream: Stream, edits: Sequence[Edit], wanted: Sequence[Wanted], second_reader: bool
) -> Stream:
    patches = [one.patch for one in wanted]
    after = prove(stream, edits, patches)
    if second_reader:
        demand_witness(stream, after, edits, patches)
    try:
        again = _compiled(after, merged(after, settled(patches)))
    except Refused as refused:
        raise Refused("two patches contradict each other") from refused
    if again:
        raise Refused("the same patches, made again, would change the result")
    return after


def _one_by_one(stream: Stream, wanted: Sequence[Wanted]) -> tuple[Edit, ...]:
    """The edits of patches that touch the same characters: each made on what the last one left."""
    segments = Segments(len(stream.text))
    for one in wanted:
        edits = _compiled(stream, [one])
        segments.apply(edits)
        try:
            stream = read(apply_edits(stream.text, edits).encode("utf-8"))
        except Unreadable as error:
            raise Refused(f"the result would not be readable: {error.reason}", one.sources) from (
                error
            )
    return segments.edits()
