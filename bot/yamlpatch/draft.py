"""The splices of several patches on one file, while they are collected."""

from __future__ import annotations

from collections.abc import Sequence

from bot.frozen import frozen
from bot.yamlpatch.document import Node, Stream
from bot.yamlpatch.emit import Block
from bot.yamlpatch.layout import Layout
from bot.yamlpatch.patch import Edit, Path, Refused

_FIRST = 10_000
"""The depth of what goes before every insertion at its place."""


@frozen(kw_only=False)
class Place:
    """An existing node, with the nodes above it and the key that holds it."""

    chain: tuple[Node, ...]
    key: Node | None
    path: Path
    document: int

    @property
    def node(self) -> Node:
        """The node itself."""
        return self.chain[-1]

    @property
    def above(self) -> tuple[Node, ...]:
        """The nodes above it, from the root."""
        return self.chain[:-1]

    @property
    def holder(self) -> Node:
        """The collection that it is a member of."""
        return self.chain[-2]

    @property
    def in_flow(self) -> bool:
        """Whether it stands inside a flow collection."""
        return any(node.flow for node in self.above)

    @property
    def depth(self) -> int:
        """How many nodes there are from the root to it."""
        return len(self.chain)

    @property
    def dotted(self) -> str:
        """Its path as people write it."""
        return ".".join(map(str, self.path)) or "the document"


class Draft:
    """A file, its layout, and the splices so far."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.layout = Layout(stream)
        self._splices: list[tuple[int, int, str, int]] = []

    @property
    def text(self) -> str:
        """The text without BOM."""
        return self.stream.text

    def edits(self) -> tuple[Edit, ...]:
        """The edits in order; at one place the structurally deeper insertion comes first."""
        ordered = sorted(self._splices, key=lambda s: (s[0], -s[3], s[1]))
        return tuple(Edit(start=start, end=end, text=text) for start, end, text, _ in ordered)

    def put(self, start: int, end: int, text: str, depth: int = 0) -> None:
        """Replace a range of the text."""
        self._splices.append((start, end, text, depth))

    def put_first(self, start: int, end: int, text: str) -> None:
        """Replace a range, before all that is put at the same place."""
        self._splices.append((start, end, text, _FIRST))

    def put_lines(self, at: tuple[int, bool], lines: Sequence[str], depth: int) -> None:
        """Insert whole lines, as `Layout.after` says where."""
        offset, at_start = at
        newline = self.layout.newline(offset)
        text = "".join(line + newline if at_start else newline + line for line in lines)
        self.put(offset, offset, text, depth)

    def block(self, near: Sequence[Node]) -> Block:
        """How block collections are written around a place, nearest last."""
        step, offset = self.layout.step(near), self.layout.list_offset(near)
        return Block(step=step, offset=offset, quote=self.layout.quote)

    def place(self, document: int, path: Path) -> Place:
        """Walk to `path`. Refuses aliases, merge keys, duplicate keys and SOPS documents."""
        root = self.stream.documents[document].root
        if root is None:
            raise Refused("the document is empty")
        if root.kind == "map" and any(v.kind == "map" for _, v in root.own("sops")):
            raise Refused("a SOPS document: any edit breaks its MAC")
        chain, key = [root], None
        for step in path:
            key, node = _step(chain[-1], step)
            chain.append(node)
        return Place(tuple(chain), key, path, document)

    def demand_own(self, place: Place) -> None:
        """Raises Refused where a change at `place` would show in other places too."""
        for node in place.chain:
            if others := self.layout.shared[id(node)]:
                used = "in another place" if others == 1 else f"in {others} other places"
                raise Refused(f"the anchor &{node.anchor} is used {used}: one edit, many changes")

    def demand_unused(self, node: Node) -> None:
        """Raises Refused where something inside `node`, which is to go, is used elsewhere."""
        todo = [node]
        while todo:
            inside = todo.pop()
            if self.layout.shared[id(inside)]:
                raise Refused(f"the anchor &{inside.anchor} stands there, and is used elsewhere")
            todo += inside.items
            todo += [part for pair in inside.pairs for part in pair]


def _step(node: Node, step: str | int) -> tuple[Node | None, Node]:
    if node.kind == "alias":
        raise Refused(f"the path goes through the alias *{node.text}: one edit, many places")
    if isinstance(step, int):
        if node.kind != "seq" or step >= len(node.items):
            raise Refused(f"list item {step} does not exist")
        return None, node.items[step]
    pairs = node.own(step)
    if len(pairs) > 1:
        raise Refused(f"the key {step!r} stands twice")
    if not pairs:
        inherited = node.kind == "map" and node.get(step) is not None
        raise Refused(
            f"{step!r} comes from a merge key" if inherited else f"{step!r} does not exist"
        )
    return pairs[0]
