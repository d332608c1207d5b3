"""JSON that libyaml refuses: several values in a row, and escapes in pairs, as kubectl reads them.

Slower than libyaml by far: it is asked only where libyaml has failed.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from json.decoder import scanstring  # type: ignore[attr-defined]  # the C scanner, undocumented

from bot.yamlpatch.document import MAX_BYTES, MAX_DEPTH, Document, Node, Stream, Unreadable

_BLANK = re.compile(r"[ \t\r\n]*")
_ATOM = re.compile(r"true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CLOSING = {"map": "}", "seq": "]"}


def read_json(data: bytes) -> Stream:
    """Read a file of JSON values, one document each. Raises Unreadable."""
    if len(data) > MAX_BYTES:
        raise Unreadable(f"larger than {MAX_BYTES // 1_000_000} MB")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable("not UTF-8", data.count(b"\n", 0, error.start) + 1) from error
    bom = text.startswith("\ufeff")
    text = text.removeprefix("\ufeff")
    return Stream(text, bom, tuple(_Scanner(text).documents()))


class _Scanner:
    """Builds nodes from left to right, without recursion."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self._feeds = [found.end() for found in re.finditer("\n", text)]

    def documents(self) -> list[Document]:
        found: list[Document] = []
        while self._peek():
            start = self.position
            root = self._value()
            found.append(Document(len(found), root, start, self.position))
        return found

    def _value(self) -> Node:
        """One whole value: the stack holds what is open, with the key that waits for its value."""
        root = self._node()
        stack: list[tuple[Node, Node | None]] = [(root, None)] if root.kind != "scalar" else []
        while stack:
            if len(stack) > MAX_DEPTH:
                raise self._refused("nested too deep")
            parent, _ = stack[-1]
            if self._closed(parent):
                stack.pop()
                continue
            key = self._key() if parent.kind == "map" else None
            node = self._node()
            if key is not None:
                parent.pairs.append((key, node))
            else:
                parent.items.append(node)
            if node.kind != "scalar":
                stack.append((node, key))
        return root

    def _closed(self, node: Node) -> bool:
        """Take the bracket that ends a collection, or the comma between two members."""
        character = self._peek()
        if character == _CLOSING[node.kind]:
            self.position += 1
            node.end = self.position
            return True
        if node.pairs or node.items:
            self._take(",")
        return False

    def _key(self) -> Node:
        if self._peek() != '"':
            raise self._refused("a key in quotes is expected")
        key = self._node()
        self._take(":")
        return key

    def _node(self) -> Node:
        character, start = self._peek(), self.position
        line = bisect_right(self._feeds, start)
        node = Node("scalar", start, start, line, start - (self._feeds[line - 1] if line else 0))
        node.content, node.flow = start, True
        if character in ("{", "["):
            node.kind = "map" if character == "{" else "seq"
            self.position += 1
        elif character == '"':
            node.style = '"'
            node.text = self._string()
        else:
            node.plain = True
            node.text = self._atom()
        node.end = self.position
        return node

    def _string(self) -> str:
        try:
            text, self.position = scanstring(self.text, self.position + 1, True)
        except ValueError as error:
            raise self._refused("a string does not end, or holds a wrong escape") from error
        # half a pair is replaced, as Go does
        return _SURROGATE.sub("\ufffd", text) if not text.isascii() else text

    def _atom(self) -> str:
        match = _ATOM.match(self.text, self.position)
        if match is None:
            raise self._refused("a value is expected")
        self.position = match.end()
        return match[0]

    def _peek(self) -> str:
        """The next character that counts, empty at the end."""
        character = self.text[self.position : self.position + 1]
        if character > " ":
            return character
        match = _BLANK.match(self.text, self.position)
        assert match is not None  # it matches nothing, too
        self.position = match.end()
        return self.text[self.position : self.position + 1]

    def _take(self, character: str) -> None:
        if self._peek() != character:
            raise self._refused(f"{character!r} is expected")
        self.position += 1

    def _refused(self, what: str) -> Unreadable:
        return Unreadable(f"not valid JSON: {what}", bisect_right(self._feeds, self.position) + 1)
