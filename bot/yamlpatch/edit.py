"""Edits of a file: patches compiled to splices of the original text, and proved."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.yamlpatch.batch import Wanted, merged, settled
from bot.yamlpatch.compile import Compiler
from bot.yamlpatch.document import Stream, Unreadable, read
from bot.yamlpatch.patch import Edit, Patch, Refused, apply_edits
from bot.yamlpatch.proof import prove
from bot.yamlpatch.segments import Segments

_LONE_RETURN = re.compile(r"\r(?!\n)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """A file after its edits; `edits` speak of the text before them."""

    data: bytes
    edits: tuple[Edit, ...]


def edit(data: bytes, patches: Sequence[Patch]) -> Edited:
    """Make all `patches`. Raises Refused, with the reason, where that cannot be done and proved.

    The proof is that of `bot.yamlpatch.proof`, and that the same patches, made again, would change
    nothing.
    """
    try:
        stream = read(data)
        wanted = merged(stream, patches)
    except Unreadable as error:
        raise Refused(error.reason) from error
    if _LONE_RETURN.search(stream.text):
        raise Refused("a carriage return stands alone: some readers take it for a line break")
    edits = _compiled(stream, wanted)
    if not edits:
        return Edited(data=data, edits=())
    try:
        text = _proved(stream, edits, wanted)
    except Refused:
        if len(wanted) == 1:
            raise
        edits = _one_by_one(stream, wanted)
        text = _proved(stream, edits, wanted)
    result = (("\ufeff" if stream.bom else "") + text).encode("utf-8")
    return Edited(data=result, edits=edits)


def _compiled(stream: Stream, wanted: Sequence[Wanted]) -> tuple[Edit, ...]:
    compiler = Compiler(stream)
    for one in wanted:
        try:
            compiler.add(one.patch)
        except Refused as refused:
            raise Refused(refused.reason, one.sources) from refused
    return compiler.edits()


def _proved(stream: Stream, edits: Sequence[Edit], wanted: Sequence[Wanted]) -> str:
    text = apply_edits(stream.text, edits)
    patches = [one.patch for one in wanted]
    after = prove(stream, text, patches)
    try:
        again = _compiled(after, merged(after, settled(patches)))
    except Refused as refused:
        raise Refused("two patches contradict each other") from refused
    if again:
        raise Refused("the same patches, made again, would change the result")
    return text


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
