"""Comparable trees: what a document means, and what it should mean after its patches.

A tree that nothing changes is the document's own node: only the way to a change is unfolded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

from bot.yamlpatch.document import MAX_NODES, Node
from bot.yamlpatch.patch import (
    KEEP,
    Append,
    Insert,
    Path,
    PathPatch,
    Refused,
    Remove,
    Rename,
    Set,
    Value,
)
from bot.yamlpatch.scalar import is_string, scalar, write


@dataclass(slots=True)
class Leaf:
    """A scalar; `plain` is None for a string that may be written in any style."""

    text: str
    plain: bool | None
    tag: str | None = None
    kind: ClassVar = "scalar"


@dataclass(slots=True)
class Branch:
    """A mapping: pairs in order, duplicates kept."""

    pairs: list[tuple[Leaf, Tree]]
    tag: str | None = None
    kind: ClassVar = "map"


@dataclass(slots=True)
class Listing:
    """A list."""

    items: list[Tree]
    tag: str | None = None
    kind: ClassVar = "seq"


Tree: TypeAlias = Node | Leaf | Branch | Listing
Change: TypeAlias = Callable[[Tree | None], Tree | None]
"""What becomes of what stands at a place; None stands for nothing."""


def intended(value: Value) -> Leaf | Branch | Listing:
    """The tree that a value to be written stands for."""
    if isinstance(value, Mapping):
        return Branch([(Leaf(k, plain=None), intended(v)) for k, v in value.items()])
    if isinstance(value, list | tuple):
        return Listing([intended(item) for item in value])
    if isinstance(value, str):
        return Leaf(value, plain=None)
    return Leaf(write(value), plain=True)


def same(one: Tree | None, other: Tree | None) -> bool:
    """Whether two trees mean the same, aliases expanded; keys may stand in another order."""
    if one is None or other is None:
        return one is other
    return _Comparison().same(one, other)


class _Comparison:
    """Walks two trees at once, within a budget."""

    def __init__(self) -> None:
        self.left = MAX_NODES

    def same(self, one: Tree, other: Tree) -> bool:
        if isinstance(one, Node):
            if isinstance(other, Node):
                return self.same_nodes(one, other)
            one = one.resolved
        elif isinstance(other, Node):
            other = other.resolved
        self.spend()
        if one.kind != other.kind or one.tag != other.tag:
            return False
        if one.kind == "scalar":
            return _same_scalar(one, other)
        if one.kind == "seq":
            pairs = zip(_items(one), _items(other), strict=False)
            return len(_items(one)) == len(_items(other)) and all(self.same(a, b) for a, b in pairs)
        return self.same_pairs(_pairs(one), _pairs(other))

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Refused("aliases expand to too much")

    def same_nodes(self, one: Node, other: Node) -> bool:
        """What nothing was meant to change: most of every document, so this is the fast way."""
        one = one.target or one
        other = other.target or other
        self.spend()
        if one.kind != other.kind or one.tag != other.tag or one.text != other.text:
            return False
        if one.kind == "scalar":
            return one.plain == other.plain
        if len(one.items) != len(other.items) or len(one.pairs) != len(other.pairs):
            return False
        for item, its in zip(one.items, other.items, strict=True):
            if not self.same_nodes(item, its):
                return False
        for (key, value), (its_key, its_value) in zip(one.pairs, other.pairs, strict=True):
            if not (self.same_nodes(key, its_key) and self.same_nodes(value, its_value)):
                return self.same_pairs(_pairs(one), _pairs(other))
        return True

    def same_pairs(self, one: list[tuple[Tree, Tree]], other: list[tuple[Tree, Tree]]) -> bool:
        if len(one) != len(other):
            return False
        if any(_text(a) != _text(b) for (a, _), (b, _) in zip(one, other, strict=True)):
            one = sorted(one, key=lambda pair: _text(pair[0]))
            other = sorted(other, key=lambda pair: _text(pair[0]))
        return all(
            self.same(a, b) and self.same(v, w) for (a, v), (b, w) in zip(one, other, strict=True)
        )


def _text(tree: Tree) -> str:
    if isinstance(tree, Node):
        return tree.resolved.text
    return tree.text if isinstance(tree, Leaf) else ""


def _items(tree: Tree) -> list[Tree]:
    if isinstance(tree, Node | Listing):
        return tree.items  # type: ignore[return-value]  # nodes are trees
    return []


def _pairs(tree: Tree) -> list[tuple[Tree, Tree]]:
    if isinstance(tree, Node | Branch):
        return tree.pairs  # type: ignore[return-value]  # nodes are trees
    return []


def _same_scalar(one: Tree, other: Tree) -> bool:
    if not (isinstance(one, Node | Leaf) and isinstance(other, Node | Leaf)):
        return False
    if one.text != other.text:
        return False
    if one.plain is None or other.plain is None:
        plain = other.plain if one.plain is None else one.plain
        return not plain or is_string(one.text)
    return one.plain == other.plain


def opened(tree: Tree) -> Leaf | Branch | Listing:
    """One level of a tree, to be changed; aliases are followed."""
    if not isinstance(tree, Node):
        return tree
    node = tree.resolved
    if node.kind == "seq":
        return Listing(list(node.items), node.tag)
    if node.kind == "map":
        pairs: list[tuple[Leaf, Tree]] = []
        for key, value in node.pairs:
            name = key.resolved
            pairs.append((Leaf(name.text, name.plain, name.tag), value))
        return Branch(pairs, node.tag)
    return Leaf(node.text, node.plain, node.tag)


def value_of(tree: Tree | None) -> Any:
    """A tree as plain data, read as Kubernetes does."""
    if tree is None:
        return None
    there = opened(tree)
    if isinstance(there, Listing):
        return [value_of(item) for item in there.items]
    if isinstance(there, Leaf):
        return scalar(there.text, plain=bool(there.plain) and there.tag is None)
    own: dict[str, Any] = {}
    merged: dict[str, Any] = {}
    for key, value in there.pairs:
        if key.plain and key.text == "<<":
            sources = value_of(value)
            for source in sources if isinstance(sources, list) else [sources]:
                merged = source | merged if isinstance(source, dict) else merged
        else:
            own[key.text] = value_of(value)
    return merged | own


def patched(tree: Tree | None, patch: PathPatch) -> Tree | None:
    """What a document means after a patch. Raises Refused where the patch has no meaning."""
    if isinstance(patch, Set):
        return changed(tree, patch.path, lambda there: _merged(there, patch.value))
    if isinstance(patch, Remove):
        return changed(tree, patch.path, lambda _: None)
    if isinstance(patch, Append):
        return changed(tree, patch.path, lambda there: _with_item(there, patch.value, None))
    if isinstance(patch, Insert):
        return changed(tree, patch.path, lambda there: _with_item(there, patch.value, patch.index))
    return changed(tree, patch.path[:-1], lambda there: _renamed(there, patch))


def changed(tree: Tree | None, path: Path, change: Change) -> Tree | None:
    """The tree with what stands at `path` changed; mappings on the way are made."""
    if not path:
        return change(tree)
    step = path[0]
    there = None if tree is None else opened(tree)
    if isinstance(step, int):
        if not isinstance(there, Listing) or step >= len(there.items):
            raise Refused(f"list item {step} does not exist")
        item = changed(there.items[step], path[1:], change)
        there.items[step : step + 1] = [] if item is None else [item]
        return there
    branch = there if isinstance(there, Branch) else Branch([])
    index = _index(branch, step)
    old = None if index is None else branch.pairs[index][1]
    new = changed(old, path[1:], change)
    if new is None:
        branch.pairs[:] = [pair for pair in branch.pairs if pair[0].text != step]
    elif index is None:
        branch.pairs.append((Leaf(step, plain=None), new))
    else:
        branch.pairs[index] = (branch.pairs[index][0], new)
    return branch


def _index(branch: Branch, key: str) -> int | None:
    return next((i for i, (leaf, _) in enumerate(branch.pairs) if leaf.text == key), None)


def _merged(there: Tree | None, value: Value) -> Tree:
    """What a value becomes where a tree stands already."""
    tree = None if there is None else opened(there)
    if not (isinstance(tree, Branch) and isinstance(value, Mapping)):
        return intended(value)
    for key, item in value.items():
        index = _index(tree, key)
        if index is None:
            tree.pairs.append((Leaf(key, plain=None), intended(item)))
        else:
            tree.pairs[index] = (tree.pairs[index][0], _merged(tree.pairs[index][1], item))
    return tree


def _with_item(there: Tree | None, value: Value, index: int | None) -> Tree:
    tree = None if there is None else opened(there)
    item = intended(value)
    if not isinstance(tree, Listing):
        return Listing([item])
    if not any(same(item, known) for known in tree.items):
        tree.items.insert(len(tree.items) if index is None else index, item)
    return tree


def _renamed(there: Tree | None, patch: Rename) -> Tree | None:
    tree = None if there is None else opened(there)
    index = _index(tree, str(patch.path[-1])) if isinstance(tree, Branch) else None
    if isinstance(tree, Branch) and index is not None:
        old = tree.pairs[index][1]
        new = old if patch.value is KEEP else intended(patch.value)
        tree.pairs[index] = (Leaf(patch.key, plain=None), new)
    return tree
