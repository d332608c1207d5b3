"""How a file is laid out: line ends, indentation, dashes, quotes, and where a new line goes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from bot.yamlpatch.document import Node, Stream
from bot.yamlpatch.patch import Refused
from bot.yamlpatch.scalar import is_string

_REST = re.compile(r"[ \t]*(?:(?<=[ \t])#[^\n]*)?(?:\r?$)", re.MULTILINE)
_DASH = re.compile(r"-[ \t]*(?:#[^\n]*)?(?:\r?\n[ \t]*(?:#[^\n]*)?)*$")
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

    def newline(self, offset: int) -> str:
        """The line break used around `offset`."""
        at = self.text.find("\n", offset)
        if at < 0:
            at = self.text.rfind("\n")
        return "\r\n" if at > 0 and self.text[at - 1] == "\r" else "\n"

    def ends_line(self, offset: int) -> bool:
        """Whether only blanks and a comment follow on the line."""
        return _REST.match(self.text, offset) is not None

    def last_leaf(self, node: Node) -> Node:
        """The last scalar, alias or flow collection of a node."""
        while True:
            if node.kind == "map" and not node.flow:
                node = node.pairs[-1][1]
            elif node.kind == "seq" and not node.flow:
                node = node.items[-1]
            else:
                return node

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
        header = self.text[leaf.content : self.line_end(leaf.content)].split("#")[0]
        unfinished = leaf.end >= len(self.text) and not self.text.endswith("\n")
        if unfinished:
            raise Refused("a block scalar ends the file without a line break")
        if "+" in header:  # its trailing blank lines are content
            return (self.line_start(leaf.end) if leaf.end < len(self.text) else leaf.end), True
        end = self.line_end(self.stream.tail(leaf))
        return self.skip_comments(self._past_blank_content(leaf, end), column), False

    def _past_blank_content(self, leaf: Node, end: int) -> int:
        """Lines of blanks that are longer than the scalar's indentation belong to it."""
        body = self.text.find("\n", leaf.content) + 1
        match = re.compile(r"(?:[ \t]*\r?\n)*( *)").match(self.text, body)
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
            if end <= feed:
                break
            position = max(end, feed + 1)
        return best

    def dash(self, item: Node) -> int:
        """Where the dash of a block list's item stands."""
        match = _DASH.search(self.text, max(0, item.start - 4000), item.start)
        if not match:
            raise Refused("the dash of a list item was not found")
        return match.start()

    def dash_column(self, listing: Node) -> int:
        """The column of a block list's dashes."""
        dash = self.dash(listing.items[0])
        return dash - self.line_start(dash)

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
        seen = (own(node) for node in self._mappings())
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

    def _mappings(self) -> Iterable[Node]:
        return (node for node in self._nodes() if node.kind == "map")

    def _nodes(self) -> Iterable[Node]:
        todo = [document.root for document in self.stream.documents if document.root is not None]
        while todo:
            node = todo.pop()
            yield node
            todo += node.items
            todo += [part for pair in node.pairs for part in pair]

    def quote(self) -> str:
        """The quote that the file uses most for strings that need one."""
        counted = Counter(n.style for n in self._nodes() if n.style in ("'", '"'))
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
        return root is not None and root.flow and _all_quoted(root)


def _all_quoted(node: Node) -> bool:
    return bool(node.pairs) and all(key.style == '"' for key, _ in node.pairs)
