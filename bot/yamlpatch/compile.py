"""Patches to splices: which characters of the original text a change touches."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.yamlpatch import flow, tree
from bot.yamlpatch.document import Node, Stream
from bot.yamlpatch.emit import Block, json_lines, leaf
from bot.yamlpatch.layout import Layout
from bot.yamlpatch.patch import Append, Edit, Patch, Path, Refused, Remove, Set, Value


@dataclass(frozen=True, slots=True)
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
    def in_flow(self) -> bool:
        """Whether it stands inside a flow collection."""
        return any(node.flow for node in self.above)


class Compiler:
    """Collects the splices of several patches on one stream."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.layout = Layout(stream)
        self.splices: list[tuple[int, int, str, int]] = []

    def edits(self) -> tuple[Edit, ...]:
        """The edits in order; at one place the structurally deeper insertion comes first."""
        ordered = sorted(self.splices, key=lambda s: (s[0], -s[3], s[1]))
        return tuple(Edit(start=start, end=end, text=text) for start, end, text, _ in ordered)

    def add(self, patch: Patch) -> None:
        """Compile one patch."""
        place = self.place(patch.document, patch.path)
        if isinstance(patch, Remove):
            self.remove(place)
        elif isinstance(patch, Append):
            self.append(place, patch.value)
        else:
            self.set(place, patch)

    def place(self, document: int, path: Path) -> Place:
        """Walk to `path`. Refuses aliases, merge keys, duplicate keys and SOPS documents."""
        root = self.stream.documents[document].root
        if root is None:
            raise Refused("the document is empty")
        if root.kind == "map" and any(v.kind == "map" for _, v in root.own("sops")):
            raise Refused("a SOPS document: any edit breaks its MAC")
        chain, key = [root], None
        for step in path:
            key, node = self._step(chain[-1], step)
            chain.append(node)
        return Place(tuple(chain), key, path, document)

    @staticmethod
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

    def put(self, start: int, end: int, text: str, depth: int = 0) -> None:
        """Keep one splice."""
        self.splices.append((start, end, text, depth))

    def put_lines(self, at: tuple[int, bool], lines: Sequence[str], depth: int) -> None:
        """Insert whole lines."""
        offset, at_start = at
        newline = self.layout.newline(offset)
        text = "".join(line + newline if at_start else newline + line for line in lines)
        self.put(offset, offset, text, depth)

    # -- set

    def set(self, place: Place, patch: Set) -> None:
        """Give a place a value."""
        node, value = place.node, patch.value
        if node.kind == "alias" and isinstance(value, Mapping | list):
            raise Refused(f"the value is the alias *{node.text}: one edit, many places")
        if isinstance(value, Mapping) and node.kind == "map" and (node.pairs or not node.flow):
            self.merge(place, value, patch.after)
        elif isinstance(value, Mapping | list) and value and _is_empty(node):
            self.fill(place, value)
        elif isinstance(value, Mapping | list):
            if not tree.same(tree.intended(value), _tree(node)):
                raise Refused(f"{_dotted(place.path)} holds something else already")
        else:
            self.set_scalar(place, value)

    def merge(self, place: Place, value: Mapping[str, Value], after: tuple[str, ...]) -> None:
        """Add what a mapping lacks; go down where it has the key."""
        absent: dict[str, Value] = {}
        for key, item in value.items():
            pairs = place.node.own(key)
            if pairs:
                below = self.place(place.document, (*place.path, key))
                self.set(below, Set(document=place.document, path=below.path, value=item))
            elif place.node.get(key) is not None:
                raise Refused(f"{key!r} comes from a merge key")
            else:
                absent[key] = item
        if not absent:
            return
        if place.node.flow:
            self.add_flow_keys(place, absent)
        else:
            self.add_block_keys(place, absent, after)

    def add_flow_keys(self, place: Place, absent: Mapping[str, Value]) -> None:
        """New members of a flow mapping; several in one go are refused where they would clash."""
        in_json = self.layout.is_json(place.document)
        for order, (key, item) in enumerate(absent.items()):
            for start, end, text in flow.add(
                self.layout, place.node, key, item, place.above, in_json=in_json
            ):
                if text == "," and order:
                    continue
                self.put(start, end, text, len(place.chain))

    def add_block_keys(
        self, place: Place, absent: Mapping[str, Value], after: tuple[str, ...]
    ) -> None:
        """New lines in a block mapping."""
        node = place.node
        if self.stream.text[node.content : node.content + 1] == "?":
            raise Refused("the mapping has explicit keys")
        column = node.pairs[0][0].column
        key, value = self._sibling(node, after)
        anchor = key if value.kind == "scalar" and value.start == value.end else value
        block = self.block(place.chain)
        lines = block.lines(dict(absent), column)
        lines[0] = " " * column + lines[0]
        self.put_lines(self.layout.after(anchor, column), lines, len(place.chain))

    def _sibling(self, node: Node, after: tuple[str, ...]) -> tuple[Node, Node]:
        """The pair that a new key comes after; not one that a new line would change."""
        chosen = [i for i, (key, _) in enumerate(node.pairs) if key.text in after]
        index = chosen[-1] if chosen else len(node.pairs) - 1
        text = self.stream.text
        while not text.endswith("\n") and index > 0:
            last = self.layout.last_leaf(node.pairs[index][1])
            if not last.is_block_scalar or last.end < len(text):
                break
            index -= 1
        return node.pairs[index]

    def block(self, near: Sequence[Node]) -> Block:
        """The block style around a place."""
        step, offset = self.layout.step(near), self.layout.list_offset(near)
        return Block(step=step, offset=offset, quote=self.layout.quote())

    def fill(self, place: Place, value: Value) -> None:
        """Give `key:`, `key: null`, `key: {}` or `key: []` its content."""
        node = place.node
        if node.anchor or node.tag:
            raise Refused("an empty value with an anchor or a tag")
        if node.flow and "#" in self.stream.text[node.start : node.end]:
            raise Refused("a comment stands in an empty collection")
        scalars = isinstance(value, list) and not any(isinstance(v, Mapping | list) for v in value)
        in_json = self.layout.is_json(place.document)
        if place.in_flow or in_json or not place.above or (node.flow and scalars):
            self.fill_flow(place, value, in_json=in_json)
        else:
            self.fill_block(place, value)

    def fill_flow(self, place: Place, value: Value, *, in_json: bool) -> None:
        """Fill an empty value where it stands."""
        node, key = place.node, place.key
        holder = place.above[-1] if place.above else node
        style = flow.style_of(self.layout, holder, in_json=in_json)
        text = style.text(value)
        start = self.layout.line_start(node.start)
        prefix = self.stream.text[start : key.start] if key is not None else "-"
        if style.in_json and prefix.strip(" \t") == "":
            unit = flow.unit(self.layout, holder, prefix)
            text = json_lines(value, prefix, unit, self.layout.newline(node.start), style.colon)
        if node.start < node.end:
            self.put(node.content, node.end, text)
        elif key is None:
            raise Refused("an empty list item")
        else:
            colon = ":" in self.stream.text[key.end : node.start]
            at = node.start if colon else key.end
            self.put(at, at, (" " if colon else ": ") + text)

    def fill_block(self, place: Place, value: Value) -> None:
        """Lines below the key; the old empty value goes, its comment stays on the key's line."""
        node, key = place.node, place.key
        if key is None:
            raise Refused("an empty list item")
        text = self.stream.text
        if "\n" in text[key.end : node.end] or not self.layout.ends_line(node.end):
            raise Refused("the empty value stands on another line than its key")
        block = self.block(place.above)
        column = key.column + (block.step if isinstance(value, Mapping) else block.offset)
        if node.end > node.start:
            start = len(text[: node.start].rstrip(" \t"))
            self.put(start, node.end, "", 10_000)
        lines = block.lines(value, column)
        lines[0] = " " * column + lines[0]
        self.put_lines((self.layout.line_end(node.end), False), lines, len(place.chain))

    def set_scalar(self, place: Place, value: Value) -> None:
        """Replace a scalar; an alias that is the value is replaced where it stands."""
        node = place.node
        fallback = self.layout.quote()
        if node.kind == "alias":
            self.put(node.start, node.end, leaf(value, fallback=fallback))
            return
        if node.kind != "scalar":
            raise Refused(f"{_dotted(place.path)} is a {node.kind}, not a scalar")
        if tree.same(tree.intended(value), _tree(node)):
            return
        if node.tag:
            raise Refused("the value has a tag")
        if node.is_block_scalar:
            if "#" in self.stream.text[node.content : self.layout.line_end(node.content)]:
                raise Refused("a comment stands in a block scalar's header")
            self.put(node.content, self.stream.tail(node), leaf(value, fallback=fallback))
            return
        quote = node.style if node.style in ("'", '"') and isinstance(value, str) else ""
        in_json = self.layout.is_json(place.document)
        text = leaf(value, quote=quote, fallback=fallback, flow=place.in_flow, in_json=in_json)
        self.put(node.content, node.end, (" " if node.start == node.end else "") + text)

    # -- append

    def append(self, place: Place, value: Value) -> None:
        """A new last item; one that is there already is not added again."""
        node = place.node
        if node.kind == "alias":
            raise Refused(f"the list is the alias *{node.text}: one edit, many places")
        if node.kind != "seq":
            raise Refused(f"{_dotted(place.path)} is not a list")
        if any(tree.same(tree.intended(value), _tree(item)) for item in node.items):
            return
        if not node.items:
            self.fill(place, [value])
        elif node.flow:
            in_json = self.layout.is_json(place.document)
            for start, end, text in flow.add(
                self.layout, node, None, value, place.above, in_json=in_json
            ):
                self.put(start, end, text, len(place.chain))
        else:
            self.append_block(place, value)

    def append_block(self, place: Place, value: Value) -> None:
        """A new item of a block list, laid out like its last sibling."""
        last = place.node.items[-1]
        dash = self.layout.dash(last)
        column = dash - self.layout.line_start(dash)
        lead = self.stream.text[dash : last.start]
        if lead.strip(" ") != "-" or last.start == last.end:
            lead = "- "
        if isinstance(value, Mapping | list):
            lines = self.block((*place.chain, last)).lines(value, column + len(lead))
        else:
            quote = self.layout.quote_of(place.node.items)
            lines = [leaf(value, quote=quote, fallback=self.layout.quote())]
        lines[0] = " " * column + lead + lines[0]
        if last.start == last.end:
            at = (self.layout.skip_comments(self.layout.line_end(dash), column), False)
        else:
            at = self.layout.after(last, column)
        self.put_lines(at, lines, len(place.chain))

    # -- remove

    def remove(self, place: Place) -> None:
        """Take a member of a block collection away, with its lines."""
        if not place.above:
            raise Refused("a whole document is not removed")
        holder, node = place.above[-1], place.node
        if holder.flow:
            raise Refused("removing from a flow collection")
        if node.anchor:
            raise Refused(f"the value is the anchor &{node.anchor}")
        members = holder.pairs or holder.items
        start = place.key.start if place.key is not None else self.layout.dash(node)
        end = self._end(place)
        if not self.layout.ends_line(end):
            raise Refused("more text follows the value on its line")
        if len(members) == 1:
            self._empty(place, holder, end)
            return
        line_start = self.layout.line_start(start)
        if self.stream.text[line_start:start].strip(" ") == "":
            self._remove_lines(line_start, end)
        else:
            self._remove_first_key(holder, place, start, end)

    def _end(self, place: Place) -> int:
        node, key = place.node, place.key
        if key is not None and node.start == node.end:
            return max(key.end, node.end)
        return self.stream.tail(node)

    def _empty(self, place: Place, holder: Node, end: int) -> None:
        """The only member goes: an empty collection stays, on the key's own line."""
        owner = self.place(place.document, place.path[:-1])
        if owner.key is None or holder.anchor:
            raise Refused("the only member of a list item")
        colon = self.stream.text.index(":", owner.key.end) + 1
        if "#" in self.stream.text[colon : self.layout.line_end(end)]:
            raise Refused("a comment stands beside what would be removed")
        self.put(colon, end, " {}" if holder.kind == "map" else " []")

    def _remove_lines(self, line_start: int, end: int) -> None:
        line_end = self.layout.line_end(end)
        feed = self.stream.text.find("\n", line_end)
        if feed >= 0:
            self.put(line_start, feed + 1, "")
            return
        before = line_start - 1
        if before > 0 and self.stream.text[before - 1] == "\r":
            before -= 1
        self.put(max(before, 0), line_end, "")

    def _remove_first_key(self, holder: Node, place: Place, start: int, end: int) -> None:
        """The first key of a list item shares the dash's line: the next key slides up."""
        if holder.kind != "map" or holder.pairs[0][0] is not place.key:
            raise Refused("the member shares its line with another")
        following = holder.pairs[1][0]
        if "#" in re.sub(r"[^#]", "", self.stream.text[end : following.start]):
            raise Refused("a comment stands beside what would be removed")
        self.put(start, following.start, "")


def _is_empty(node: Node) -> bool:
    return node.is_null or (node.kind in ("map", "seq") and not node.pairs and not node.items)


def _tree(node: Node) -> tree.Tree:
    return tree.meaning_of(node)


def _dotted(path: Path) -> str:
    return ".".join(map(str, path)) or "the document"
