"""Comparable trees: what a document means, and what it should mean after its patches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.yamlpatch.document import MAX_NODES, Document, Node, Stream
from bot.yamlpatch.patch import Path, Refused, Value
from bot.yamlpatch.scalar import is_string, write


@dataclass(slots=True)
class Leaf:
    """A scalar; `plain` is None for a string that may be written in any style."""

    text: str
    plain: bool | None
    tag: str | None = None


@dataclass(slots=True)
class Branch:
    """A mapping: pairs in order, duplicates kept."""

    pairs: list[tuple[Leaf, Tree]]
    tag: str | None = None

    def get(self, key: str) -> Tree | None:
        """The value of a key."""
        return next((value for leaf, value in self.pairs if leaf.text == key), None)

    def put(self, key: str, value: Tree) -> None:
        """Set a key, in its place or at the end."""
        for index, (leaf, _) in enumerate(self.pairs):
            if leaf.text == key:
                self.pairs[index] = (leaf, value)
                return
        self.pairs.append((Leaf(key, plain=None), value))


@dataclass(slots=True)
class Listing:
    """A list."""

    items: list[Tree]
    tag: str | None = None


Tree = Leaf | Branch | Listing


def meaning(document: Document) -> Tree | None:
    """The tree of a document with aliases expanded."""
    return None if document.root is None else meaning_of(document.root)


def meaning_of(node: Node) -> Tree:
    """The tree of a node with aliases expanded."""
    return _Meaning().of(node)


class _Meaning:
    def __init__(self) -> None:
        self.left = MAX_NODES

    def of(self, node: Node) -> Tree:
        self.left -= 1
        if self.left < 0:
            raise Refused("aliases expand to too much")
        node = node.resolved
        if node.kind == "scalar":
            return Leaf(node.text, node.plain, node.tag)
        if node.kind == "seq":
            return Listing([self.of(item) for item in node.items], node.tag)
        pairs = [(Leaf(k.resolved.text, k.resolved.plain), self.of(v)) for k, v in node.pairs]
        return Branch(pairs, node.tag)


def intended(value: Value) -> Tree:
    """The tree that a value to be written stands for."""
    if isinstance(value, Mapping):
        return Branch([(Leaf(k, plain=None), intended(v)) for k, v in value.items()])
    if isinstance(value, list | tuple):
        return Listing([intended(item) for item in value])
    if isinstance(value, str):
        return Leaf(value, plain=None)
    return Leaf(write(value), plain=True)


def same(one: Tree | None, other: Tree | None) -> bool:
    """Whether two trees mean the same; keys may stand in another order."""
    if isinstance(one, Leaf) and isinstance(other, Leaf):
        return _same_leaf(one, other)
    if isinstance(one, Listing) and isinstance(other, Listing):
        pairs = zip(one.items, other.items, strict=False)
        return len(one.items) == len(other.items) and all(same(a, b) for a, b in pairs)
    if isinstance(one, Branch) and isinstance(other, Branch):
        return _same_branch(one, other)
    return one is None and other is None


def _same_leaf(one: Leaf, other: Leaf) -> bool:
    if one.text != other.text or one.tag != other.tag:
        return False
    if one.plain is None or other.plain is None:
        plain = other.plain if one.plain is None else one.plain
        return not plain or is_string(one.text)
    return one.plain == other.plain


def _same_branch(one: Branch, other: Branch) -> bool:
    if len(one.pairs) != len(other.pairs):
        return False
    left = sorted(one.pairs, key=lambda pair: pair[0].text)
    right = sorted(other.pairs, key=lambda pair: pair[0].text)
    return all(_same_leaf(a, b) and same(v, w) for (a, v), (b, w) in zip(left, right, strict=True))


def set_value(tree: Tree, path: Path, value: Value) -> Tree:
    """The tree with `value` at `path`, a mapping merged into what is there."""
    if not path:
        return merge(tree, value)
    below = child(tree, path[0])
    if below is not None:
        _put(tree, path[0], set_value(below, path[1:], value))
        return tree
    for step in reversed(path[1:]):
        value = {str(step): value}
    if isinstance(tree, Branch):
        tree.put(str(path[0]), intended(value))
        return tree
    return intended({str(path[0]): value})


def merge(tree: Tree, value: Value) -> Tree:
    """What a value becomes where a tree stands already."""
    if not (isinstance(tree, Branch) and isinstance(value, Mapping)):
        return intended(value)
    for key, item in value.items():
        below = tree.get(key)
        tree.put(key, intended(item) if below is None else merge(below, item))
    return tree


def child(tree: Tree, step: str | int) -> Tree | None:
    """The tree one step below, if it is there."""
    if isinstance(step, int):
        inside = isinstance(tree, Listing) and step < len(tree.items)
        return tree.items[step] if isinstance(tree, Listing) and inside else None
    return tree.get(step) if isinstance(tree, Branch) else None


def _put(tree: Tree, step: str | int, value: Tree) -> None:
    if isinstance(tree, Listing) and isinstance(step, int):
        tree.items[step] = value
    elif isinstance(tree, Branch):
        tree.put(str(step), value)


def descend(tree: Tree, path: Path) -> Tree | None:
    """The tree at `path`, if it is there."""
    node: Tree | None = tree
    for step in path:
        node = child(node, step) if node is not None else None
    return node


def remove(tree: Tree, path: Path) -> None:
    """Take away what is at `path`."""
    parent = descend(tree, path[:-1])
    if isinstance(parent, Listing) and isinstance(path[-1], int):
        del parent.items[path[-1]]
    elif isinstance(parent, Branch):
        parent.pairs[:] = [pair for pair in parent.pairs if pair[0].text != path[-1]]


def comments(stream: Stream) -> list[str]:
    """All comments in order: each `#` at a line's start or after a blank, outside scalars."""
    found: list[str] = []
    position = 0
    for start, end in sorted(_scalar_spans(stream)):
        found += _comments_between(stream.text, position, start)
        position = max(position, end)
    return found + _comments_between(stream.text, position, len(stream.text))


def _scalar_spans(stream: Stream) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    todo = [document.root for document in stream.documents if document.root is not None]
    while todo:
        node = todo.pop()
        todo += node.items
        todo += [part for pair in node.pairs for part in pair]
        if node.is_block_scalar:  # its header line may carry a comment
            header = stream.text.find("\n", node.content, node.end)
            spans.append((header if header >= 0 else node.end, node.end))
        elif node.kind == "scalar" and node.end > node.content:
            spans.append((node.content, node.end))
    return spans


def _comments_between(text: str, start: int, end: int) -> list[str]:
    found = []
    position = text.find("#", start, end)
    while position >= 0:
        step = position + 1
        if position == 0 or text[position - 1] in " \t\n\r":
            line_end = text.find("\n", position)
            step = len(text) if line_end < 0 else line_end
            found.append(text[position:step].rstrip("\r"))
        position = text.find("#", step, end)
    return found
