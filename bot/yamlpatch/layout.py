"""How a file is laid out: line ends, indentation, dashes, quotes, and where a new line goes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from bot.yamlpatch.document import Node, Stream
from bot.yamlpatch.patch import Refused
from bot.yamlpatch.scalar import is_string

_REST = re.compile(r"[ \t]*(?:(?<=[ \t])#[^\n]*)?(?:\r?$)", re.MULTILINE)
_COMMENT = re.compile(r"[ \t]+#")
_DASH = re.compile(r"-[ \t]*(?:#[^\n]*)?(?:\r?\n[ \t]*(?:#[^\n]*)?)*$")
_INDENT = re.compile(r"(?:[ \t]*\r?\n)*( *)")
_MAX_STEP = 8


class Layout:
    """Questions about the text around a node."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.text = stream.text

    def line_end(self, offset: int) -> int:
        """Where the line that holds `offset` ends, before its line break."""
        end = self.text.find("\n", offset)
        if end < 0:
            return len(self.text)
        return end - 1 if end > offset and self.text[end - 1] == "\r" else end

    def line_start(self, offset: int) -> int:
        """Where the line that holds `offset` starts."""
        return self.text.rfind("\n", 0, offset) + 1

    def next_line(self, offset: int) -> int:
        """Where the line after the one that holds `offset` starts; the text's end without one."""
        feed = self.text.find("\n", offset)
        return len(self.text) if feed < 0 else feed + 1

    def before(self, offset: int) -> str:
        """What stands on the line before `offset`."""
        return self.text[self.line_start(offset) : offset]

    def opens_line(self, offset: int) -> bool:
        """Whether only blanks stand on the line before `offset`."""
        return self.before(offset).strip(" \t") == ""

    def newline(self, offset: int) -> str:
        """The line break used around `offset`."""
        at = self.text.find("\n", offset)
        if at < 0:
            at = self.text.rfind("\n")
        return "\r\n" if at > 0 and self.text[at - 1] == "\r" else "\n"

    def ends_line(self, offset: int) -> bool:
        """Whether only blanks and a comment follow on the line."""
        return _REST.match(self.text, offset) is not None

    def comment_at(self, offset: int) -> int | None:
        """Where the `#` of a comment stands that follows `offset` on its line after blanks."""
        match = _COMMENT.match(self.text, offset)
        return match.end() - 1 if match else None

    def last_leaf(self, node: Node) -> Node:
        """The last scalar, alias or flow collection of a node."""
        while True:
            if node.kind == "map" and not node.flow and node.pairs:
                node = node.pairs[-1][1]
            elif node.kind == "seq" and not node.flow and node.items:
                node = node.items[-1]
            else:
                return node

    def header(self, scalar: Node) -> str:
        """What stands on a block scalar's first line, without its comment: `|`, `>-`, `|2+`."""
        return self.text[scalar.content : self.line_end(scalar.content)].split("#")[0].rstrip()

    def is_open(self, node: Node) -> bool:
        """Whether a line after `node` would change it: a block scalar ends the file unbroken."""
        leaf = self.last_leaf(node)
        if not leaf.is_block_scalar or leaf.end < len(self.text) or self.text.endswith("\n"):
            return False
        return "-" not in self.header(leaf)

    def after(self, node: Node, column: int) -> tuple[int, bool]:
        """Where lines after `node` in a collection at `column` go, and if that is a line's start.

        Raises Refused where a new line would change a value.
        """
        leaf = self.last_leaf(node)
        if leaf.is_block_scalar:
            return self._after_block_scalar(leaf, column)
        tail = self.stream.tail(node)
        if not self.ends_line(tail):
            raise Refused("more text follows the value on its line")
        return self.skip_comments(self.line_end(tail), column), False

    def _after_block_scalar(self, leaf: Node, column: int) -> tuple[int, bool]:
        if self.is_open(leaf):
            raise Refused("a block scalar ends the file without a line break")
        if "+" in self.header(leaf):  # its trailing blank lines are content
            return (self.line_start(leaf.end) if leaf.end < len(self.text) else leaf.end), True
        end = self.line_end(self.stream.tail(leaf))
        return self.skip_comments(self._past_blank_content(leaf, end), column), False

    def _past_blank_content(self, leaf: Node, end: int) -> int:
        """Lines of blanks that are longer than the scalar's indentation belong to it."""
        body = self.text.find("\n", leaf.content) + 1
        match = _INDENT.match(self.text, body)
        indent = len(match.group(1)) if match else 0
        position = best = end
        while 0 <= (feed := self.text.find("\n", position)) < leaf.end - 1:
            line_end = self.line_end(feed + 1)
            if line_end > leaf.end or line_end <= feed:
                break
            if line_end - feed - 1 > indent:
                best = line_end
            position = line_end
        return best

    def skip_comments(self, offset: int, column: int) -> int:
        """Past comment lines deeper than `column`: they speak of the value above."""
        best = position = offset
        while 0 <= (feed := self.text.find("\n", position)) < len(self.text) - 1:
            end = self.line_end(feed + 1)
            line = self.text[feed + 1 : end]
            bare = line.strip(" \t")
            if bare:
                if not bare.startswith("#") or len(line) - len(line.lstrip(" ")) <= column:
                    break
                best = end
            position = max(end, feed + 1)
        return best

    def dash(self, item: Node) -> int:
        """Where the dash of a block list's item stands."""
        before = self.text[max(0, item.start - 80) : item.start].rstrip(" \t")
        if before.endswith("-"):
            return max(0, item.start - 80) + len(before) - 1
        match = _DASH.search(self.text, max(0, item.start - 4000), item.start)
        if not match:
            raise Refused("the dash of a list item was not found")
        return match.start()

    def dash_column(self, listing: Node) -> int:
        """The column of a block list's dashes."""
        return self.column(self.dash(listing.items[0]))

    def column(self, offset: int) -> int:
        """How many characters stand before `offset` on its line."""
        return offset - self.line_start(offset)

    def step(self, near: Sequence[Node]) -> int:
        """The indentation of a nested mapping: as in the nearest of `near`, else as in most."""
        return self._nearest(near, self._own_step, 2)

    def list_offset(self, near: Sequence[Node]) -> int:
        """How far a list's dashes stand right of their key."""
        return self._nearest(near, self._own_offset, 0)

    def _nearest(
        self, near: Sequence[Node], own: Callable[[Node], int | None], default: int
    ) -> int:
        for node in reversed(near):
            if (found := own(node)) is not None:
                return found
        seen = (own(node) for node in self._nodes if node.kind == "map")
        counted = Counter(value for value in seen if value is not None)
        return counted.most_common(1)[0][0] if counted else default

    def _own_step(self, node: Node) -> int | None:
        if node.kind != "map" or node.flow:
            return None
        for key, value in node.pairs:
            if value.kind == "map" and not value.flow and value.pairs and value.line > key.line:
                step = value.pairs[0][0].column - key.column
                if 1 <= step <= _MAX_STEP:
                    return step
        return None

    def _own_offset(self, node: Node) -> int | None:
        if node.kind != "map" or node.flow:
            return None
        for key, value in reversed(node.pairs):
            if value.kind == "seq" and not value.flow and value.items and value.line > key.line:
                return self.dash_column(value) - key.column
        return None

    @cached_property
    def _nodes(self) -> tuple[Node, ...]:
        """All nodes of the file, documents in order."""
        found: list[Node] = []
        todo = [d.root for d in reversed(self.stream.documents) if d.root is not None]
        while todo:
            node = todo.pop()
            found.append(node)
            todo += reversed(node.items)
            todo += [part for pair in reversed(node.pairs) for part in reversed(pair)]
        return tuple(found)

    @cached_property
    def shared(self) -> Counter[int]:
        """How many aliases stand for a node, by the node's identity."""
        if "*" not in self.text:
            return Counter()
        return Counter(id(node.target) for node in self._nodes if node.target is not None)

    @cached_property
    def quote(self) -> str:
        """The quote that the file uses most for strings that need one."""
        if "'" not in self.text or '"' not in self.text:
            return "'" if "'" in self.text else '"'
        counted = Counter(n.style for n in self._nodes if n.style in ("'", '"'))
        return "'" if counted["'"] > counted['"'] else '"'

    @staticmethod
    def quote_of(nodes: Iterable[Node]) -> str:
        """How strings among siblings are quoted: all alike, else like the last; "" is plain."""
        styles = [
            node.style
            for node in nodes
            if node.kind == "scalar"
            and (node.style in ("'", '"') or (node.plain and is_string(node.text)))
        ]
        return styles[-1] if styles else ""

    def is_json(self, index: int) -> bool:
        """Whether a document is JSON: a flow mapping whose keys are all quoted."""
        root = self.stream.documents[index].root
        return root is not None and root.flow and all_quoted(root)


def all_quoted(node: Node) -> bool:
    """Whether the keys of a mapping are all in double quotes; one without keys is not."""
    return bool(node.pairs) and all(key.style == '"' for key, _ in node.pairs)
