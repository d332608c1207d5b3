"""Splices that take members of collections away; the comments beside them stay."""

from __future__ import annotations

from bot.yamlpatch import flow
from bot.yamlpatch.comments import inside
from bot.yamlpatch.document import Node
from bot.yamlpatch.draft import Draft, Place
from bot.yamlpatch.patch import Refused
from bot.yamlpatch.values import beside


def remove(draft: Draft, place: Place) -> None:
    """Take a member of a collection away, with its lines."""
    if not place.above:
        raise Refused("a whole document is not removed")
    draft.demand_own(place)
    draft.demand_unused(place.node)
    holder = place.holder
    index = _index(place)
    if holder.flow:
        for start, end, text in flow.remove(draft.layout, holder, index):
            draft.put(start, end, text)
        return
    start = place.key.start if place.key is not None else draft.layout.dash(place.node)
    end = _end(draft, place)
    if inside(draft.stream, start, end):
        raise Refused("a comment stands inside what would be removed, and would go with it")
    if not draft.layout.ends_line(end):
        raise Refused("more text follows the value on its line")
    if len(holder.pairs or holder.items) == 1:
        _empty(draft, place, start, end)
    elif draft.layout.opens_line(start):
        _drop(draft, start, end)
    else:
        _slide_up(draft, holder, index, start, end)


def _index(place: Place) -> int:
    members: list[Node] = [value for _, value in place.holder.pairs] or place.holder.items
    return next(i for i, member in enumerate(members) if member is place.node)


def _end(draft: Draft, place: Place) -> int:
    """Just behind the member's last character."""
    node, key = place.node, place.key
    if node.start == node.end:
        return max(key.end, node.end) if key is not None else node.end
    leaf = draft.layout.last_leaf(node)
    if leaf.is_block_scalar and "+" in draft.layout.header(leaf):
        return leaf.content + len(draft.text[leaf.content : leaf.end].rstrip("\r\n"))
    return draft.stream.tail(node)


def _drop(draft: Draft, start: int, end: int) -> None:
    """The lines from `start` to `end` go; a comment behind them keeps its line."""
    comment = draft.layout.comment_at(end)
    if comment is not None:
        draft.put(start, comment, "")
        return
    line_start, follows = draft.layout.line_start(start), draft.layout.next_line(end)
    if follows < len(draft.text) or draft.text.endswith("\n"):
        draft.put(line_start, follows, "")
        return
    before = draft.text[:line_start].removesuffix("\n").removesuffix("\r")
    draft.put(len(before), len(draft.text), "")


def _slide_up(draft: Draft, holder: Node, index: int, start: int, end: int) -> None:
    """The first member stands behind a dash: the next one takes its place."""
    if index != 0:
        raise Refused("the member shares its line with another")
    comment = draft.layout.comment_at(end)
    if comment is not None:
        draft.put(start, comment, "")
        return
    if holder.kind == "map":
        follows = holder.pairs[1][0].start
    else:
        follows = draft.layout.dash(holder.items[1])
    if "#" in draft.text[end:follows]:
        raise Refused("a comment stands behind what would be removed, and would move")
    draft.put(start, follows, "")


def _empty(draft: Draft, place: Place, start: int, end: int) -> None:
    """The only member goes: an empty collection stays, on the line of its key or dash."""
    holder = place.holder
    if holder.tag:
        raise Refused("the collection that would be empty has a tag")
    empty = "{}" if holder.kind == "map" else "[]"
    owner = draft.place(place.document, place.path[:-1])
    if owner.key is None or not draft.layout.opens_line(start):
        draft.put(start, end, empty)
        return
    at = beside(draft, owner.key, holder)
    draft.put(at, at, " " + empty)
    _drop(draft, start, end)
