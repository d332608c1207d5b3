"""Splices that give a key another name, and another value where one is asked for."""

from __future__ import annotations

from bot.yamlpatch import flow
from bot.yamlpatch.document import Node
from bot.yamlpatch.draft import Draft, Place
from bot.yamlpatch.emit import is_collection, json_lines, leaf
from bot.yamlpatch.patch import Keep, Refused, Rename, Value
from bot.yamlpatch.scalar import write
from bot.yamlpatch.values import colon, drop_body, put_flow


def rename(draft: Draft, place: Place, patch: Rename) -> None:
    """Replace the key's text, and its value."""
    key = _key(draft, place, patch.key)
    if patch.key != key.text:
        draft.put(key.start, key.end, _name(draft, place, key, patch.key))
    if isinstance(patch.value, Keep):
        return
    draft.demand_unused(place.node)
    if place.holder.flow:
        _in_flow(draft, place, key, patch.value)
    elif is_collection(patch.value):
        _lines_below(draft, place, key, patch.value)
    else:
        _beside(draft, place, key, patch.value)


def _key(draft: Draft, place: Place, name: str) -> Node:
    """The key at a place. Raises Refused where it may not become `name`."""
    key = place.key
    if key is None:
        raise Refused("a list item has no name")
    if name != key.text and place.holder.own(name):
        raise Refused(f"the key {name!r} is there already")
    draft.demand_own(place)
    if key.kind != "scalar" or key.anchor or key.tag or key.is_block_scalar:
        raise Refused(f"the key {key.text!r} has an anchor or a tag")
    return key


def _name(draft: Draft, place: Place, key: Node, name: str) -> str:
    """A name, quoted like the key that it takes the place of."""
    flow_style = place.holder.flow
    in_json = draft.layout.is_json(place.document)
    fallback = draft.layout.quote
    return write(name, quote=key.style, fallback=fallback, flow=flow_style, in_json=in_json)


def _in_flow(draft: Draft, place: Place, key: Node, value: Value) -> None:
    layout, holder = draft.layout, place.holder
    style = flow.style_of(layout, holder, in_json=layout.is_json(place.document))
    text = style.text(value)
    if style.in_json and layout.opens_line(key.start):
        prefix = layout.before(key.start)
        unit = flow.unit(layout, holder, prefix)
        text = json_lines(value, prefix, unit, layout.newline(key.start), style.colon)
    put_flow(draft, place, text)


def _lines_below(draft: Draft, place: Place, key: Node, value: Value) -> None:
    """The old value goes, its comment stays on the key's line, new lines follow."""
    lines = draft.block(place.above).below(value, key.column)
    at = _take_value(draft, place, key)
    newline = draft.layout.newline(at)
    draft.put(at, at, "".join(newline + line for line in lines), place.depth)


def _beside(draft: Draft, place: Place, key: Node, value: Value) -> None:
    """The old value goes, a scalar takes its place on the key's line."""
    at = colon(draft, key)
    _take_value(draft, place, key)
    draft.put(at, at, " " + leaf(value, fallback=draft.layout.quote), place.depth)


def _take_value(draft: Draft, place: Place, key: Node) -> int:
    """Delete a value in block style; returns where a line below its key goes."""
    node, layout = place.node, draft.layout
    after, line_end = colon(draft, key), layout.line_end(key.end)
    if node.is_block_scalar and layout.line_start(node.content) == layout.line_start(key.start):
        comment = layout.comment_at(node.content + len(layout.header(node)))
        end = line_end if comment is None else len(draft.text[:comment].rstrip(" \t"))
        draft.put(after, end, "")
        drop_body(draft, node)
        return line_end if comment is not None else end
    tail = max(draft.stream.tail(node), after)
    if not layout.ends_line(tail):
        raise Refused("more text follows the value on its line")
    if node.start > line_end:  # the value stands below its key
        draft.put(line_end, tail, "")
        return layout.line_end(tail)
    if tail > after:
        draft.put(after, tail, "")
    return layout.line_end(tail)
