"""Documents with positions: libyaml's events as nodes that know their characters."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

from bot.frozen import frozen
from bot.yamlpatch.patch import Path
from bot.yamlpatch.scalar import NULLS, scalar

MAX_BYTES = 5_000_000
MAX_DEPTH = 200
MAX_NODES = 300_000
# deep nesting makes libyaml quadratic, and its composer overflow the C stack: look before parsing
_DASHES = re.compile(r"(?:[-?][ \t]+){100}")
_PROPERTY = re.compile(r"(?:[&!][^\s,\[\]{}]*|!<[^>]*>)(?:\s+|$)(?:#[^\n]*\n\s*)*")
Kind = Literal["map", "seq", "scalar", "alias"]


class Unreadable(Exception):  # it is an answer, not a failure
    """The text cannot be read; `reason` says why, `line` (1-based) where."""

    def __init__(self, reason: str, line: int = 1) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


@dataclass(slots=True, eq=False)
class Node:
    """A node of a document; offsets count characters of the text without BOM, lines from 0."""

    kind: Kind
    start: int
    end: int
    line: int
    column: int
    content: int = 0
    """Where the content starts, after an anchor or a tag."""
    style: str = ""
    flow: bool = False
    plain: bool = False
    tag: str | None = None
    anchor: str | None = None
    text: str = ""
    pairs: list[tuple[Node, Node]] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)
    target: Node | None = None

    @property
    def is_null(self) -> bool:
        """Whether this is an empty value or a spelled null."""
        return self.kind == "scalar" and self.plain and self.tag is None and self.text in NULLS

    @property
    def is_block_scalar(self) -> bool:
        """Whether this is a literal or folded scalar."""
        return self.kind == "scalar" and self.style in ("|", ">")

    def own(self, key: str) -> list[tuple[Node, Node]]:
        """The pairs whose key is `key`, without merge keys."""
        return [(k, v) for k, v in self.pairs if k.kind == "scalar" and k.text == key]

    def get(self, key: str) -> Node | None:
        """The value of `key`: the last duplicate, through aliases and merge keys."""
        node: Node = self.resolved
        found = node.own(key)
        if found:
            return found[-1][1].resolved
        for merged in node.merged():
            if (value := merged.get(key)) is not None:
                return value
        return None

    @property
    def resolved(self) -> Node:
        """The node that an alias stands for; itself otherwise."""
        return self.target if self.target is not None else self

    def merged(self) -> list[Node]:
        """The mappings that merge keys bring in, strongest first."""
        sources: list[Node] = []
        for key, value in self.pairs:
            if key.kind == "scalar" and key.plain and key.text == "<<":
                source = value.resolved
                sources += [n.resolved for n in source.items] if source.kind == "seq" else [source]
        return [source for source in sources if source.kind == "map" and source is not self]


@frozen(kw_only=False)
class Spot:
    """A place in a file: 1-based lines and columns.

    `end_column` is that of the character behind the place, on its end line, which is inclusive.
    """

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(slots=True, eq=False)
class Document:
    """One YAML document of a stream."""

    index: int
    root: Node | None
    start: int
    end: int
    anchors: dict[str, Node] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is there to be judged."""
        return self.root is None or self.root.is_null


@dataclass(slots=True, eq=False)
class Stream:
    """A whole file: its text without BOM, and its documents."""

    text: str
    bom: bool
    documents: tuple[Document, ...]
    _feeds: list[int] = field(default_factory=list)

    def value(self, index: int) -> Any:
        """A document as plain data, read as Kubernetes does. Raises Unreadable on alias bombs."""
        root = self.documents[index].root
        return None if root is None else _Reader().value(root, 0)

    def text_of(self, index: int) -> str:
        """A document as it is written."""
        return self.text[self.documents[index].start : self.documents[index].end]

    def find(self, index: int, path: Path) -> tuple[Node, bool]:
        """The node at `path`, or its nearest existing ancestor; and whether it is the node."""
        node = self.documents[index].root
        if node is None:
            return Node("scalar", 0, 0, 0, 0, plain=True), not path
        for step in path:
            below = _step(node.resolved, step)
            if below is None:
                return node, False
            node = below
        return node, True

    def key_node(self, index: int, path: Path) -> Node | None:
        """The key of the last step of `path`, where that is a key of a mapping."""
        if not path or isinstance(path[-1], int):
            return None
        parent, exact = self.find(index, path[:-1])
        pairs = parent.resolved.own(path[-1]) if exact else []
        return pairs[-1][0] if pairs else None

    def line_of(self, offset: int) -> int:
        """The 1-based line that holds `offset`, counted as git does: by line feeds only."""
        if not self._feeds:
            self._feeds = [-1, *(found.start() for found in re.finditer("\n", self.text))]
        return bisect_left(self._feeds, offset)

    def column_of(self, offset: int) -> int:
        """The 1-based column of `offset`."""
        return offset - self.text.rfind("\n", 0, offset)

    def locate(self, index: int, path: Path) -> tuple[Spot, int]:
        """The place of the deepest existing step of `path`, and how many steps that is."""
        node = self.documents[index].root
        if node is None:
            return Spot(1, 1, 1, 1), 0
        key, depth = None, 0
        for step in path:
            found = _pair(node.resolved, step)
            if found is None:
                break
            key, node = found
            depth += 1
        start = key.start if key is not None else node.start
        last = max(start, self.tail(node), key.end if key is not None else 0)
        spot = Spot(
            self.line_of(start), self.column_of(start), self.line_of(last), self.column_of(last)
        )
        return spot, depth

    def tail(self, node: Node) -> int:
        """Just after the last character that belongs to a node: no line break, comment or blank."""
        while True:
            if node.is_block_scalar:
                return node.content + len(self.text[node.content : node.end].rstrip(" \t\r\n"))
            if node.kind == "map" and not node.flow and node.pairs:
                key, value = node.pairs[-1]
                if value.kind == "scalar" and value.start == value.end:
                    return max(value.end, key.end)
                node = value
            elif node.kind == "seq" and not node.flow and node.items:
                node = node.items[-1]
            else:
                return node.end


def _step(node: Node, step: str | int) -> Node | None:
    found = _pair(node, step)
    return None if found is None else found[1]


def _pair(node: Node, step: str | int) -> tuple[Node | None, Node] | None:
    """The own key, if there is one, and the node one step below."""
    if isinstance(step, int):
        return (None, node.items[step]) if node.kind == "seq" and step < len(node.items) else None
    if node.kind != "map":
        return None
    own = node.own(step)
    if own:
        return own[-1]
    merged = node.get(step)
    return None if merged is None else (None, merged)


class _Reader:
    """Expands a tree to plain data within a budget."""

    def __init__(self) -> None:
        self.left = MAX_NODES

    def value(self, node: Node, depth: int) -> Any:
        self.left -= 1
        if self.left < 0 or depth > MAX_DEPTH:
            raise Unreadable("aliases expand to too much: a YAML bomb", node.line + 1)
        node = node.resolved
        if node.kind == "scalar":
            plain = node.plain and node.tag is None
            return scalar(node.text, plain=plain)
        if node.kind == "seq":
            return [self.value(item, depth + 1) for item in node.items]
        return self.mapping(node, depth)

    def mapping(self, node: Node, depth: int) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for source in reversed(node.merged()):
            data |= self.value(source, depth + 1)
        for key, value in node.pairs:
            if not (key.plain and key.text == "<<"):
                data[key.resolved.text] = self.value(value, depth + 1)
        return data


def read(data: bytes) -> Stream:
    """Read a file. Raises Unreadable where it is too large, too deep, no UTF-8 or no YAML."""
    if len(data) > MAX_BYTES:
        raise Unreadable(f"larger than {MAX_BYTES // 1_000_000} MB")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable("not UTF-8", data.count(b"\n", 0, error.start) + 1) from error
    bom = text.startswith("\ufeff")
    text = text.removeprefix("\ufeff")
    for char, name in (("\x00", "a NUL character"), ("\ufeff", "a byte order mark inside")):
        if char in text:
            raise Unreadable(f"holds {name}", text.count("\n", 0, text.index(char)) + 1)
    if match := _DASHES.search(text):
        raise Unreadable("nested too deep", text.count("\n", 0, match.start()) + 1)
    return Stream(text, bom, tuple(_Parser(text).parse()))


class _Parser:
    """Builds nodes from events, with a depth limit and without recursion."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.documents: list[Document] = []
        self.current = Document(0, None, 0, 0)
        self.stack: list[tuple[Node, list[Node]]] = []

    def parse(self) -> list[Document]:
        take: dict[type, Callable[[Any], None]] = {
            yaml.ScalarEvent: self.scalar,
            yaml.AliasEvent: self.alias,
            yaml.MappingStartEvent: self.mapping,
            yaml.SequenceStartEvent: self.listing,
            yaml.MappingEndEvent: self.close,
            yaml.SequenceEndEvent: self.close,
            yaml.DocumentStartEvent: self.begin,
            yaml.DocumentEndEvent: self.finish,
        }
        try:
            loader = yaml.CSafeLoader(self.text)
            try:
                while (event := loader.get_event()) is not None:
                    if (taken := take.get(type(event))) is not None:
                        taken(event)
            finally:
                loader.dispose()
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            problem = getattr(error, "problem", None) or "cannot be read"
            line = mark.line + 1 if mark else 1
            raise Unreadable(f"not valid YAML: {problem}", line) from error
        return self.documents

    def begin(self, event: Any) -> None:
        start: int = event.start_mark.index
        self.current = Document(len(self.documents), None, start, start)

    def finish(self, event: Any) -> None:
        self.current.end = event.end_mark.index
        self.documents.append(self.current)

    def close(self, event: Any) -> None:
        self.stack.pop()[0].end = event.end_mark.index

    def properties(self, node: Node) -> None:
        """Keep an anchor; find where the content starts behind an anchor and a tag."""
        if node.anchor:
            self.current.anchors[node.anchor] = node
        position = node.start
        while match := _PROPERTY.match(self.text, position):
            position = match.end()
        node.content = min(position, node.end) if node.kind == "scalar" else position

    def scalar(self, event: Any) -> None:
        start, tag, style = event.start_mark, event.tag, event.style or ""
        index: int = start.index
        node = Node("scalar", index, event.end_mark.index, start.line, start.column, index, style)
        node.text = event.value
        node.plain = style == "" and bool(event.implicit[0]) and tag != "!"
        if tag is not None or event.anchor is not None:
            node.tag = tag if tag != "!" else None
            node.anchor = event.anchor
            self.properties(node)
        self.add(node)

    def alias(self, event: Any) -> None:
        start = event.start_mark
        node = Node("alias", start.index, event.end_mark.index, start.line, start.column)
        node.content = node.start
        node.text = str(event.anchor)
        node.target = self.current.anchors.get(node.text)
        if node.target is None:
            raise Unreadable(f"alias *{node.text} has no anchor", node.line + 1)
        if any(open_ is node.target for open_, _ in self.stack):
            raise Unreadable(f"alias *{node.text} holds itself", node.line + 1)
        self.add(node)

    def mapping(self, event: Any) -> None:
        self.open("map", event)

    def listing(self, event: Any) -> None:
        self.open("seq", event)

    def open(self, kind: Kind, event: Any) -> None:
        start, tag = event.start_mark, event.tag
        node = Node(kind, start.index, event.end_mark.index, start.line, start.column, start.index)
        node.flow = bool(event.flow_style)
        if tag is not None or event.anchor is not None:
            node.tag = tag if tag != "!" else None
            node.anchor = event.anchor
            self.properties(node)
        self.add(node)
        self.stack.append((node, []))
        if len(self.stack) > MAX_DEPTH:
            raise Unreadable("nested too deep", node.line + 1)

    def add(self, node: Node) -> None:
        if not self.stack:
            self.current.root = node
            return
        parent, waiting = self.stack[-1]
        if parent.kind == "seq":
            parent.items.append(node)
        elif waiting:
            parent.pairs.append((waiting.pop(), node))
        elif node.kind in ("map", "seq"):
            reason = "a mapping key is a collection: template text such as {{ .Values.x }}?"
            raise Unreadable(reason, node.line + 1)
        else:
            waiting.append(node)
