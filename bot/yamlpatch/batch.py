"""Many patches as few: doubles are one, what is done already is none, and they have an order."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from bot.frozen import frozen
from bot.yamlpatch.document import Node, Stream
from bot.yamlpatch.patch import (
    Append,
    Insert,
    NewDocument,
    Patch,
    Path,
    Refused,
    Remove,
    Rename,
    Set,
    Value,
)


class _Items(list[Value]):
    """A list that is there for its items: several of them make one."""


@frozen(kw_only=False)
class Wanted:
    """A patch to make, and those that it stands for."""

    patch: Patch
    sources: tuple[Patch, ...]


def merged(stream: Stream, patches: Sequence[Patch]) -> list[Wanted]:
    """Patches without doubles; those below one absent place become one.

    Raises Refused, with the patch to blame, where two contradict each other or one makes no sense.
    """
    sets: dict[tuple[int, Path], Wanted] = {}
    others: list[Wanted] = []
    for patch in _distinct(patches):
        try:
            wanted = _lifted(stream, patch)
            if isinstance(wanted, Set):
                key = (wanted.document, wanted.path)
                sets[key] = _together(sets.get(key), wanted, patch)
            elif wanted is not None:
                others.append(Wanted(wanted, (patch,)))
        except Refused as refused:
            raise Refused(refused.reason, [patch]) from refused
    return sorted([*sets.values(), *others], key=_order)


def _distinct(patches: Iterable[Patch]) -> list[Patch]:
    """Each patch once; as text, since 1 and true are equal for Python and not for YAML."""
    return list({_text(patch): patch for patch in patches}.values())


def _text(patch: Patch) -> str:
    return repr(patch.value) if isinstance(patch, NewDocument) else repr(patch)


def _lifted(stream: Stream, patch: Patch) -> Patch | None:
    """A patch of something absent as a Set at the deepest place that exists; None: done already."""
    if isinstance(patch, NewDocument):
        return None if _holds(stream, patch) else patch
    if patch.document >= len(stream.documents):
        raise Refused(f"document {patch.document} does not exist")
    if isinstance(patch, Remove | Rename):
        return patch if _is_due(stream, patch) else None
    root = stream.documents[patch.document].root
    if root is None:
        raise Refused("the document is empty")
    node, depth = _reached(root, patch.path)
    if depth == len(patch.path) and not isinstance(patch, Set) and not node.is_null:
        return patch
    value: Value = patch.value if isinstance(patch, Set) else _Items([patch.value])
    for step in reversed(patch.path[depth:]):
        if isinstance(step, int):
            raise Refused(f"list item {step} does not exist")
        value = {step: value}
    after = patch.after if isinstance(patch, Set) else ()
    return Set(document=patch.document, path=patch.path[:depth], value=value, after=after)


def _holds(stream: Stream, patch: NewDocument) -> bool:
    """Whether a document stands there already, read as data."""
    return any(stream.value(document.index) == patch.value for document in stream.documents)


def _is_due(stream: Stream, patch: Remove | Rename) -> bool:
    """Whether there is something to remove, or to rename."""
    _, there = stream.find(patch.document, patch.path)
    if there or not isinstance(patch, Rename):
        return there
    _, done = stream.find(patch.document, (*patch.path[:-1], patch.key))
    if not done:
        raise Refused(f"{patch.path[-1]!r} does not exist")
    return False


def _reached(node: Node, path: Path) -> tuple[Node, int]:
    """The deepest node on a path that stands there itself, and how many steps lead to it.

    What is behind an alias counts as there: the way through it is refused later, in words.
    """
    for depth, step in enumerate(path):
        if node.kind == "alias":
            return node, len(path)
        if isinstance(step, int):
            if node.kind != "seq" or step >= len(node.items):
                return node, depth
            node = node.items[step]
        elif pairs := node.own(step):
            node = pairs[-1][1]
        else:
            return node, depth
    return node, len(path)


def _together(known: Wanted | None, patch: Set, source: Patch) -> Wanted:
    if known is None:
        return Wanted(patch, (source,))
    assert isinstance(known.patch, Set)  # only those are kept by their place
    value = _combined(known.patch.value, patch.value)
    after = (*known.patch.after, *patch.after)
    both = Set(document=patch.document, path=patch.path, value=value, after=after)
    return Wanted(both, (*known.sources, source))


def _combined(one: Value, other: Value) -> Value:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        out = dict(one)
        for key, value in other.items():
            out[key] = _combined(out[key], value) if key in out else value
        return out
    if isinstance(one, list) and isinstance(other, list) and _Items in (type(one), type(other)):
        return _Items([*one, *(item for item in other if repr(item) not in map(repr, one))])
    if repr(one) == repr(other):
        return one
    raise Refused("two patches contradict each other")


def _order(wanted: Wanted) -> tuple[int, tuple[float, ...], int, int]:
    """What shifts list items comes last, from the end of its list: so positions hold."""
    patch = wanted.patch
    if not isinstance(patch, Remove | Insert):
        rank = (Set, Append, Rename, Remove, NewDocument).index(type(patch))
        depth = len(patch.path) if isinstance(patch, Rename) else 0
        return rank, (), -depth, 0
    path = (*patch.path, patch.index) if isinstance(patch, Insert) else patch.path
    positions = [-step for step in path if isinstance(step, int)]
    return 3, (*positions, math.inf), -len(path), int(isinstance(patch, Insert))


def settled(patches: Sequence[Patch]) -> list[Patch]:
    """The patches whose paths still lead to the same places once all of them are made."""
    shifted = [
        (patch.document, patch.path if isinstance(patch, Insert) else patch.path[:-1])
        for patch in patches
        if isinstance(patch, Insert) or (isinstance(patch, Remove) and _is_item(patch))
    ]
    return [
        patch
        for patch in patches
        if isinstance(patch, NewDocument | Insert)
        or not any(
            patch.document == document and patch.path[: len(path)] == path
            for document, path in shifted
        )
    ]


def _is_item(patch: Remove) -> bool:
    return bool(patch.path) and isinstance(patch.path[-1], int)
