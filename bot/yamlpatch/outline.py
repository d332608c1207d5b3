"""The fast reader: libyaml's own node graphs, for files that are only to be judged.

It reads what `read` reads, five times as fast, and knows places but no layout. What could make the
two differ (aliases, odd line breaks, odd nesting, anything libyaml's composer refuses) it hands
to `read`; a law in the tests holds them together.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from bot.yamlpatch.document import MAX_BYTES, MAX_DEPTH, Spot, read
from bot.yamlpatch.patch import Path
from bot.yamlpatch.scalar import NULLS, scalar

# substrings are searched before patterns: most files hold none of them
_SEPARATOR = re.compile(r"^---(?=[ \t\r\n]|$)", re.MULTILINE)
_ALIAS_OR_TAG = re.compile(r"(?:^|[\s\[{,:?-])(?:\*\w|!)")
_EXPLICIT_KEY = re.compile(r"(?:^|[\s\[{,-])\?(?:\s|$)")
_DASHES = re.compile(r"(?:[-?][ \t]+){40}")
_MAYBE_DASHES = ("- -", "-  ", "-\t", "- ?", "? ", "?\t")
_ODD_BREAKS = re.compile("[\x00\x85\u2028\u2029\ufeff]")
_MOST_BRACKETS = 1000
_CONTENT = re.compile(r"^[ \t]*[^\s#]", re.MULTILINE)
_MAPPING, _SCALAR = yaml.MappingNode, yaml.ScalarNode


class Odd(Exception):
    """The fast reader does not vouch for this text."""


class _Composer(yaml.CSafeLoader):
    """Nodes whose tag holds libyaml's (plain, quoted) pair: scalars are read as Kubernetes does.

    libyaml's composer calls these for every node. No pattern is tried and no path is kept, so each
    is something of C that takes such arguments: a slice keeps the three, the pair as its step.
    """

    resolve = slice  # kind, value, pair
    descend_resolver = operator.is_  # type: ignore[assignment]  # node, index; its answer is dropped
    ascend_resolver = bool  # type: ignore[assignment]  # nothing; its answer is dropped


@dataclass(slots=True, eq=False)
class OutlineDocument:
    """One document: its nodes, its text and the lines above it."""

    index: int
    root: Any
    """None for what cannot hold a Kubernetes object, and so was not read."""
    text: str
    above: int
    near: tuple[Path, Any, Any] = ((), None, None)
    """The last object that was looked for as a whole: what is asked for next is mostly below it."""

    def __post_init__(self) -> None:
        self.near = (), None, self.root

    @property
    def is_empty(self) -> bool:
        """Whether nothing is there to be judged."""
        root = self.root
        return root is None or (type(root) is _SCALAR and root.value in NULLS)

    def value(self) -> Any:
        """The document as plain data, read as Kubernetes does."""
        return None if self.root is None else _value(self.root, 0)

    def locate(self, path: Path) -> tuple[Spot, int]:
        """The place of the deepest existing step of `path`, and how many steps that is."""
        start, key, node = self.near
        depth = len(start)
        if path[:depth] != start:
            depth, key, node = 0, None, self.root
        for step in path[depth:]:
            found = _step(node, step)
            if found is None:
                break
            key, node = found
            depth += 1
        else:
            if type(node) is _MAPPING:
                self.near = path, key, node
        return self._spot(key, node), depth

    def _spot(self, key: Any, node: Any) -> Spot:
        mark = (key or node).start_mark
        last, column = _last(key, node, self.text)
        return Spot(mark.line + self.above + 1, mark.column + 1, last + self.above + 1, column + 1)


@dataclass(slots=True, eq=False)
class Outline:
    """A file as the checks see it: documents with data and places, none with layout."""

    text: str
    documents: tuple[OutlineDocument, ...]

    def value(self, index: int) -> Any:
        """A document as plain data."""
        return self.documents[index].value()

    def text_of(self, index: int) -> str:
        """A document as it is written; perhaps with what stands between it and the next one."""
        return self.documents[index].text

    def locate(self, index: int, path: Path) -> tuple[Spot, int]:
        """The place of the deepest existing step of `path`, and how many steps that is."""
        return self.documents[index].locate(path)


def outline(data: bytes) -> Outline:
    """Read a file fast. Raises Odd where `read` must do it."""
    if len(data) > MAX_BYTES:
        raise Odd
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Odd from error
    text = text.removeprefix("\ufeff")
    if _is_odd(text):
        raise Odd
    documents: list[OutlineDocument] = []
    for above, part in _parts(text):
        for root in _compose(part) if _may_hold_object(part) else _unread(part):
            documents.append(OutlineDocument(len(documents), root, part, above))
    return Outline(text, tuple(documents))


def _may_hold_object(part: str) -> bool:
    """Whether a document may be a Kubernetes object; an escape may spell a key."""
    return ("kind" in part and "apiVersion" in part) or "\\" in part


def _unread(part: str) -> Iterator[None]:
    """One document, unless only comments stand before the first separator."""
    if part.startswith("---") or _CONTENT.search(part):
        yield None


def plain(data: bytes) -> Any:
    """The first document as plain data, read as Kubernetes does; None where there is none.

    Raises Unreadable.
    """
    try:
        text = data.decode("utf-8")
        root = None if len(data) > MAX_BYTES or _is_odd(text) else next(_compose(text), None)
        if root is not None:
            return _value(root, 0)
    except (Odd, UnicodeDecodeError):
        pass
    stream = read(data)
    return stream.value(0) if stream.documents else None


def _is_odd(text: str) -> bool:
    """Whether the text holds what the two readers may read differently, or what nests too deep."""
    if "\x00" in text or (not text.isascii() and _ODD_BREAKS.search(text)):
        return True
    if "\r" in text and text.count("\r") != text.count("\r\n"):
        return True
    if text.startswith(("%", "...")) or "\n%" in text or "\n..." in text:
        return True
    if ("*" in text or "!" in text) and _ALIAS_OR_TAG.search(text):
        return True
    if "?" in text and _EXPLICIT_KEY.search(text):
        return True
    if text.count("[") + text.count("{") > _MOST_BRACKETS:
        return True
    return any(sign in text for sign in _MAYBE_DASHES) and _DASHES.search(text) is not None


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """The text of each document with the number of lines above it, as kubectl splits."""
    if "---" not in text:
        yield 0, text
        return
    starts = [found.start() for found in _SEPARATOR.finditer(text)]
    if not starts or starts[0] != 0:
        starts.insert(0, 0)
    if len(starts) == 1:
        yield 0, text
        return
    above = 0
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        part = text[start:end]
        yield above, part
        above += part.count("\n")


def _compose(text: str) -> Iterator[Any]:
    loader = _Composer(text)
    try:
        while loader.check_node():
            yield loader.get_node()
    except (yaml.YAMLError, RecursionError) as error:
        raise Odd from error
    finally:
        loader.dispose()


def _value(node: Any, depth: int) -> Any:
    """Plain data of a node. Raises Odd where the full reader would refuse it."""
    kind = type(node)
    if kind is _SCALAR:
        tag = node.tag
        if type(tag) is slice and tag.step[0]:
            return scalar(node.value, plain=True)
        return node.value
    if depth > MAX_DEPTH:
        raise Odd
    if kind is _MAPPING:
        data = {}
        for key, value in node.value:
            if type(key) is not _SCALAR or key.value == "<<":
                raise Odd
            data[key.value] = _value(value, depth + 1)
        return data
    return [_value(item, depth + 1) for item in node.value]


def _step(node: Any, step: str | int) -> tuple[Any, Any] | None:
    """The key and the node one step below; the last of duplicate keys, as Kubernetes reads."""
    if type(node) is _MAPPING:
        found = None
        for key, value in node.value:
            if key.value == step:
                found = key, value
        return found
    if type(node) is _SCALAR or isinstance(step, str) or step >= len(node.value):
        return None
    return None, node.value[step]


def _last(key: Any, node: Any, text: str) -> tuple[int, int]:
    """The line, from 0, and the column behind the last character that belongs to a node."""
    while True:
        if type(node) is _SCALAR:
            return _behind_scalar(key, node, text)
        if node.flow_style or not node.value:
            return node.end_mark.line, node.end_mark.column
        if type(node) is _MAPPING:
            key, node = node.value[-1]
        else:
            key, node = None, node.value[-1]


def _behind_scalar(key: Any, node: Any, text: str) -> tuple[int, int]:
    """An empty value ends with its key; a block scalar without its blank lines."""
    start, end = node.start_mark, node.end_mark
    if node.style in ("|", ">"):
        last = start.index + len(text[start.index : end.index].rstrip())
        line = start.line + text.count("\n", start.index, last)
        return line, last - text.rfind("\n", 0, last) - 1
    if start.index == end.index and key is not None and key.end_mark.index > end.index:
        end = key.end_mark
    return end.line, end.column
