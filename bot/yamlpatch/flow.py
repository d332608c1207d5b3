"""New members of flow collections, JSON among them, in the style of their siblings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.yamlpatch.document import Node
from bot.yamlpatch.emit import Flow, json_lines, leaf
from bot.yamlpatch.layout import Layout
from bot.yamlpatch.patch import Refused, Value

Splice = tuple[int, int, str]


def style_of(layout: Layout, node: Node, *, in_json: bool) -> Flow:
    """How the members of a flow collection are written."""
    text = layout.text
    quoted = bool(node.pairs) and all(key.style == '"' for key, _ in node.pairs)
    colon = ": "
    if quoted and node.pairs:
        key, value = node.pairs[0]
        between = text[key.end : value.start]
        colon = between if re.fullmatch(r"[ \t]*:[ \t]*", between) else colon
    match = re.match(r"[\[{]([ \t]*)\S", text[node.content : node.end])
    pad = match.group(1) if match else ""
    comma = _comma(layout, node, ", " if colon != ":" else ",")
    return Flow(quote=layout.quote(), in_json=quoted or in_json, colon=colon, comma=comma, pad=pad)


def _comma(layout: Layout, node: Node, default: str) -> str:
    members = [(k, v) for k, v in node.pairs] or [(item, item) for item in node.items]
    if len(members) < 2:
        return default
    between = layout.text[layout.stream.tail(members[0][1]) : members[1][0].start]
    return between if re.fullmatch(r",[ \t]*", between) else default


def add(
    layout: Layout,
    node: Node,
    key: str | None,
    value: Value,
    near: Sequence[Node],
    *,
    in_json: bool,
) -> list[Splice]:
    """The splices that add a member at the end of a flow collection that is not empty."""
    style = style_of(layout, node, in_json=in_json or _json_list(node, near))
    first, last = _last_member(node)
    tail = layout.stream.tail(last) if last.end > first.end else first.end
    comma = _comma_after(layout, node, tail)
    prefix = layout.text[layout.line_start(first.start) : first.start]
    if prefix.strip(" \t") == "" and first.start > node.start:
        body = _own_line_body(layout, node, key, value, style, prefix)
        return _on_own_line(layout, node, tail, comma, prefix, body)
    body = _body(layout, node, key, value, style)
    if comma is not None:
        return [(comma, comma, style.comma[1:] + body + ",")]
    return [(tail, tail, style.comma + body)]


def _json_list(node: Node, near: Sequence[Node]) -> bool:
    strings = bool(node.items) and all(item.style == '"' for item in node.items)
    return strings and any(n.flow and n.pairs and n.pairs[0][0].style == '"' for n in near)


def _last_member(node: Node) -> tuple[Node, Node]:
    return node.pairs[-1] if node.kind == "map" else (node.items[-1], node.items[-1])


def _comma_after(layout: Layout, node: Node, tail: int) -> int | None:
    """Just after a trailing comma, where there is one."""
    gap = re.sub(r"#[^\n]*", lambda m: " " * len(m.group()), layout.text[tail : node.end - 1])
    if re.search(r"[^\s,]", gap):
        raise Refused("unexpected text in a flow collection")
    at = gap.find(",")
    return tail + at + 1 if at >= 0 else None


def _body(layout: Layout, node: Node, key: str | None, value: Value, style: Flow) -> str:
    inner = style
    for _, sibling in node.pairs:
        if sibling.flow:
            inner = replace(style, pad=style_of(layout, sibling, in_json=style.in_json).pad)
            break
    if key is not None:
        return style.key(key) + style.colon + inner.text(value)
    if isinstance(value, dict | list | tuple):
        return inner.text(value)
    quote = layout.quote_of(node.items)
    return leaf(value, quote=quote, fallback=style.quote, flow=True, in_json=style.in_json)


def _own_line_body(
    layout: Layout, node: Node, key: str | None, value: Value, style: Flow, prefix: str
) -> str:
    if not style.in_json:
        return _body(layout, node, key, value, style)
    newline = layout.newline(node.start)
    text = json_lines(value, prefix, unit(layout, node, prefix), newline, style.colon)
    return text if key is None else style.key(key) + style.colon + text


def unit(layout: Layout, node: Node, prefix: str) -> str:
    """One level of indentation, as text: tabs stay tabs."""
    start = layout.line_start(node.start)
    match = re.match(r"[ \t]*", layout.text[start:])
    own = match.group() if match else ""
    longer = prefix.startswith(own) and len(prefix) > len(own)
    return prefix[len(own) :] if longer else "  "


def _on_own_line(
    layout: Layout, node: Node, tail: int, comma: int | None, prefix: str, body: str
) -> list[Splice]:
    newline = layout.newline(tail)
    close = node.end - 1
    if comma is not None:
        end = layout.line_end(comma)
        at = comma if end > close else end
        return [(at, at, newline + prefix + body + ",")]
    end = layout.line_end(tail)
    if end > close or end == tail:
        return [(tail, tail, "," + newline + prefix + body)]
    return [(tail, tail, ","), (end, end, newline + prefix + body)]
