"""Members of flow collections, JSON among them: added in the style of their siblings, removed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from bot.yamlpatch.document import Node
from bot.yamlpatch.emit import Flow, is_collection, json_lines, leaf
from bot.yamlpatch.layout import Layout, all_quoted
from bot.yamlpatch.patch import Refused, Value

Splice: TypeAlias = tuple[int, int, str]
Member: TypeAlias = tuple[str | None, Value]
"""A key, None in a list, and its value."""


def style_of(layout: Layout, node: Node, *, in_json: bool) -> Flow:
    """How the members of a flow collection are written."""
    quoted = all_quoted(node)
    colon = ": "
    if quoted:
        key, value = node.pairs[0]
        between = layout.text[key.end : value.start]
        colon = between if re.fullmatch(r"[ \t]*:[ \t]*", between) else colon
    match = re.match(r"[\[{]([ \t]*)\S", layout.text[node.content : node.end])
    pad = match.group(1) if match else ""
    comma = _comma(layout, node, ", " if colon != ":" else ",")
    return Flow(quote=layout.quote, in_json=quoted or in_json, colon=colon, comma=comma, pad=pad)


def _comma(layout: Layout, node: Node, default: str) -> str:
    if _count(node) < 2:
        return default
    between = layout.text[_tail(layout, node, 0) : _member(node, 1)[0].start]
    return between if re.fullmatch(r",[ \t]*", between) else default


def _count(node: Node) -> int:
    return len(node.pairs) or len(node.items)


def _member(node: Node, index: int) -> tuple[Node, Node]:
    return node.pairs[index] if node.kind == "map" else (node.items[index], node.items[index])


def _tail(layout: Layout, node: Node, index: int) -> int:
    first, last = _member(node, index)
    return layout.stream.tail(last) if last.end > first.end else first.end


def _next(node: Node, index: int) -> int:
    """Where the next member, or the closing bracket, stands."""
    return node.end - 1 if index + 1 == _count(node) else _member(node, index + 1)[0].start


def _comma_after(layout: Layout, node: Node, index: int) -> int | None:
    """Just behind the comma that follows a member, where there is one."""
    tail = _tail(layout, node, index)
    gap = re.sub(r"#[^\n]*", lambda m: " " * len(m.group()), layout.text[tail : _next(node, index)])
    if re.search(r"[^\s,]", gap):
        raise Refused("unexpected text in a flow collection")
    at = gap.find(",")
    return tail + at + 1 if at >= 0 else None


def _own_line(layout: Layout, node: Node, index: int) -> bool:
    start = _member(node, index)[0].start
    return start > node.start and layout.opens_line(start)


def add(
    layout: Layout,
    node: Node,
    members: Sequence[Member],
    near: Sequence[Node],
    *,
    in_json: bool,
    after: int,
) -> list[Splice]:
    """The splices that put members behind member `after` of a flow collection; -1 is before all."""
    style = style_of(layout, node, in_json=in_json or _json_list(node, near))
    first = _member(node, max(after, 0))[0]
    own_line = _own_line(layout, node, max(after, 0))
    prefix = layout.before(first.start) if own_line else ""
    bodies = [
        _own_line_body(layout, node, member, style, prefix)
        if own_line
        else _body(layout, node, member, style)
        for member in members
    ]
    if after < 0:
        gap = "," + layout.newline(first.start) + prefix if own_line else style.comma
        return [(first.start, first.start, "".join(body + gap for body in bodies))]
    tail, comma = _tail(layout, node, after), _comma_after(layout, node, after)
    if own_line:
        return _on_own_line(layout, node, (tail, comma), prefix, bodies)
    if comma is not None and after + 1 == _count(node):
        return [(comma, comma, "".join(style.comma[1:] + body + "," for body in bodies))]
    return [(tail, tail, "".join(style.comma + body for body in bodies))]


def _json_list(node: Node, near: Sequence[Node]) -> bool:
    strings = bool(node.items) and all(item.style == '"' for item in node.items)
    return strings and any(n.flow and all_quoted(n) for n in near)


def _body(layout: Layout, node: Node, member: Member, style: Flow) -> str:
    key, value = member
    inner = style
    for _, sibling in node.pairs:
        if sibling.flow:
            inner = replace(style, pad=style_of(layout, sibling, in_json=style.in_json).pad)
            break
    if key is not None:
        return style.key(key) + style.colon + inner.text(value)
    if is_collection(value):
        return _like_sibling(layout, node, style).text(value)
    quote = layout.quote_of(node.items)
    return leaf(value, quote=quote, fallback=style.quote, flow=True, in_json=style.in_json)


def _like_sibling(layout: Layout, node: Node, style: Flow) -> Flow:
    """The style of the last mapping in a list, for one more."""
    last = node.items[-1]
    return style_of(layout, last, in_json=style.in_json) if last.flow and last.pairs else style


def _own_line_body(layout: Layout, node: Node, member: Member, style: Flow, prefix: str) -> str:
    key, value = member
    if not style.in_json or not is_collection(value) or _one_line(layout, node):
        return _body(layout, node, member, style)
    newline = layout.newline(node.start)
    colon = _like_sibling(layout, node, style).colon if node.items else style.colon
    text = json_lines(value, prefix, unit(layout, node, prefix), newline, colon)
    return text if key is None else style.key(key) + style.colon + text


def _one_line(layout: Layout, node: Node) -> bool:
    """Whether there are collections among the members, each on one line."""
    values = [_member(node, index)[1] for index in range(_count(node))]
    texts = [layout.text[v.start : v.end] for v in values if v.pairs or v.items]
    return bool(texts) and not any("\n" in text for text in texts)


def unit(layout: Layout, node: Node, prefix: str) -> str:
    """One level of indentation, as text: tabs stay tabs."""
    match = re.match(r"[ \t]*", layout.text[layout.line_start(node.start) :])
    own = match.group() if match else ""
    longer = prefix.startswith(own) and len(prefix) > len(own)
    return prefix[len(own) :] if longer else "  "


def _on_own_line(
    layout: Layout, node: Node, at: tuple[int, int | None], prefix: str, bodies: Sequence[str]
) -> list[Splice]:
    """New lines behind a member that has a line of its own, and the comma behind that member."""
    tail, comma = at
    newline = layout.newline(tail)
    close = node.end - 1
    if comma is not None:
        end = layout.line_end(comma)
        place = end if end <= close and layout.ends_line(comma) else comma
        return [(place, place, "".join(newline + prefix + body + "," for body in bodies))]
    end = layout.line_end(tail)
    lines = ("," + newline).join(prefix + body for body in bodies)
    if end > close or end == tail:
        return [(tail, tail, "," + newline + lines)]
    return [(tail, tail, ","), (end, end, newline + lines)]


def remove(layout: Layout, node: Node, index: int) -> list[Splice]:
    """The splices that take a member and one comma out of a flow collection."""
    if _count(node) == 1:
        return _emptied(layout, node)
    start, tail = _member(node, index)[0].start, _tail(layout, node, index)
    comma = _comma_after(layout, node, index)
    if comma is not None and (gone := _whole_lines(layout, node, index, comma)):
        return gone
    if index + 1 < _count(node) and comma is not None:
        return [(*_inline(layout, node, index, comma), "")]
    before = _comma_after(layout, node, index - 1)
    assert before is not None  # it parses, so a comma stands between
    if comma is not None:  # a trailing one: the comma before it becomes the trailing one
        return [(before, comma, "")] if _blank(layout, before, start) else [(start, comma, "")]
    if _blank(layout, before, start) and not _own_line(layout, node, index):
        return [(before - 1, tail, "")]
    return [(before - 1, before, ""), *_last_line(layout, node, start, tail)]


def _emptied(layout: Layout, node: Node) -> list[Splice]:
    inner = node.content + 1, node.end - 1
    if "#" not in layout.text[slice(*inner)]:
        return [(*inner, "")]
    start, tail = _member(node, 0)[0].start, _tail(layout, node, 0)
    return [(start, _comma_after(layout, node, 0) or tail, "")]


def _blank(layout: Layout, start: int, end: int) -> bool:
    return layout.text[start:end].strip() == ""


def _whole_lines(layout: Layout, node: Node, index: int, comma: int) -> list[Splice]:
    """The lines of a member that shares them with nothing."""
    start = _member(node, index)[0].start
    follows = layout.next_line(comma)
    alone = _own_line(layout, node, index) and _blank(layout, comma, layout.line_end(comma))
    return [(layout.line_start(start), follows, "")] if alone and follows < node.end else []


def _inline(layout: Layout, node: Node, index: int, comma: int) -> tuple[int, int]:
    """A member with its comma, up to the next one if that is on the same line."""
    start, follows = _member(node, index)[0].start, _next(node, index)
    gap = layout.text[comma:follows]
    if gap.strip(" \t") == "":
        return start, follows
    if not _own_line(layout, node, index) and index > 0:
        before = layout.text[:start].rstrip(" \t")
        return len(before), comma
    return start, comma + len(gap) - len(gap.lstrip(" \t"))


def _last_line(layout: Layout, node: Node, start: int, tail: int) -> list[Splice]:
    """The last member without a comma behind it; its line goes if it holds nothing else."""
    end = layout.line_end(tail)
    if layout.opens_line(start) and _blank(layout, tail, end) and end < node.end:
        return [(layout.line_start(start), layout.next_line(tail), "")]
    comment = layout.comment_at(tail)
    return [(start, tail if comment is None else comment, "")]
