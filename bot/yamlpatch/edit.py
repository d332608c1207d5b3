"""Edits of a file: patches compiled to splices of the original text, and proved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.yamlpatch import tree
from bot.yamlpatch.compile import Compiler
from bot.yamlpatch.document import Stream, Unreadable, read
from bot.yamlpatch.patch import Append, Edit, Patch, Path, Refused, Remove, Set, Value, apply_edits


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """A file after its edits; `edits` speak of the text before them."""

    data: bytes
    edits: tuple[Edit, ...]


def edit(data: bytes, patches: Sequence[Patch]) -> Edited:
    """Make all `patches`. Raises Refused, with the reason, where that cannot be done and proved.

    Proved means: the result parses; every document means what it meant before, with exactly the
    patches made (aliases expanded); all comments are there, in their order; and what lies outside
    the edits is untouched, since the result is the old text with splices.
    """
    try:
        stream = read(data)
    except Unreadable as error:
        raise Refused(error.reason) from error
    wanted = _merged(stream, patches)
    compiler = Compiler(stream)
    for patch in wanted:
        compiler.add(patch)
    edits = compiler.edits()
    if not edits:
        return Edited(data=data, edits=())
    text = apply_edits(stream.text, edits)
    _prove(stream, text, wanted)
    result = (("\ufeff" if stream.bom else "") + text).encode("utf-8")
    return Edited(data=result, edits=edits)


def _merged(stream: Stream, patches: Sequence[Patch]) -> list[Patch]:
    """Patches without doubles; those below one absent place become one."""
    sets: dict[tuple[int, Path], Set] = {}
    others: list[Patch] = []
    for patch in patches:
        absent = _as_set(stream, patch)
        if absent is None:
            others += [patch] if patch not in others else []
            continue
        key = (absent.document, absent.path)
        known = sets.get(key)
        if known is None:
            sets[key] = absent
            continue
        value = _combine(known.value, absent.value)
        after = known.after or absent.after
        sets[key] = Set(document=key[0], path=key[1], value=value, after=after)
    return [*sets.values(), *others]


def _as_set(stream: Stream, patch: Patch) -> Set | None:
    """A patch as a Set at the deepest place that exists; None for what is none."""
    if isinstance(patch, Remove):
        return None
    for depth in range(len(patch.path), -1, -1):
        node, exact = stream.find(patch.document, patch.path[:depth])
        if exact:
            break
    else:
        raise Refused("the document is empty")
    value: Value = [patch.value] if isinstance(patch, Append) else patch.value
    if isinstance(patch, Append) and depth == len(patch.path) and not node.is_null:
        return None
    for step in reversed(patch.path[depth:]):
        if isinstance(step, int):
            raise Refused(f"list item {step} does not exist")
        value = {step: value}
    after = patch.after if isinstance(patch, Set) else ()
    return Set(document=patch.document, path=patch.path[:depth], value=value, after=after)


def _combine(one: Value, other: Value) -> Value:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        out = dict(one)
        for key, value in other.items():
            out[key] = _combine(out[key], value) if key in out else value
        return out
    if isinstance(one, list) and isinstance(other, list):
        return one + [item for item in other if item not in one]
    if one == other and type(one) is type(other):
        return one
    raise Refused("two patches contradict each other")


def _prove(stream: Stream, text: str, patches: Sequence[Patch]) -> None:
    try:
        result = read(text.encode("utf-8"))
    except Unreadable as error:
        raise Refused(f"the result would not be readable: {error.reason}") from error
    if len(result.documents) != len(stream.documents):
        raise Refused("the number of documents would change")
    for before, after in zip(stream.documents, result.documents, strict=True):
        expected = tree.meaning(before)
        for patch in sorted(patches, key=_removals_last):
            if patch.document == before.index and expected is not None:
                expected = _patched(expected, patch)
        if not tree.same(expected, tree.meaning(after)):
            reason = "the result would mean something else: a shared anchor or an odd layout"
            raise Refused(reason)
    if tree.comments(stream) != tree.comments(result):
        raise Refused("a comment would be lost or changed")


def _removals_last(patch: Patch) -> tuple[bool, list[int]]:
    """Later list items are removed first, so that indexes hold."""
    indexes = [-step for step in patch.path if isinstance(step, int)]
    return isinstance(patch, Remove), indexes


def _patched(expected: tree.Tree, patch: Patch) -> tree.Tree:
    if isinstance(patch, Remove):
        tree.remove(expected, patch.path)
        return expected
    if isinstance(patch, Set):
        return tree.set_value(expected, patch.path, patch.value)
    listing = tree.descend(expected, patch.path)
    if isinstance(listing, tree.Listing):
        item = tree.intended(patch.value)
        if not any(tree.same(item, there) for there in listing.items):
            listing.items.append(item)
    return expected
