"""Splices that give a place a value: new keys, empty values filled, scalars and lists replaced."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.yamlpatch import flow, tree
from bot.yamlpatch.document import Node
from bot.yamlpatch.draft import Draft, Place
from bot.yamlpatch.emit import Flow, is_collection, json_lines, leaf
from bot.yamlpatch.patch import Refused, Set, Value


def put(draft: Draft, place: Place, patch: Set) -> None:
    """Give a place a value: a mapping is merged, a scalar or a list replaces its like."""
    node, value = place.node, patch.value
    if tree.same(tree.intended(value), node):
        return
    if node.kind == "alias" and isinstance(value, Mapping | list | tuple):
        raise Refused(f"the value is the alias *{node.text}: one edit, many places")
    if isinstance(value, Mapping) and node.kind == "map" and (node.pairs or not value):
        merge(draft, place, value, patch.after)
    elif is_collection(value) and is_empty(node):
        fill(draft, place, value)
    elif isinstance(value, list | tuple) and node.kind == "seq":
        replace(draft, place, value)
    elif isinstance(value, Mapping | list | tuple) and not node.is_null:
        raise Refused(f"{place.dotted} holds something else already")
    else:
        set_scalar(draft, place, value)


def is_empty(node: Node) -> bool:
    """Whether a node is null, `{}` or `[]`."""
    return node.is_null or (node.kind in ("map", "seq") and not node.pairs and not node.items)


def merge(draft: Draft, place: Place, value: Mapping[str, Value], after: tuple[str, ...]) -> None:
    """Add what a mapping lacks; go down where it has the key."""
    absent: dict[str, Value] = {}
    for key, item in value.items():
        inherited = place.node.get(key)
        if place.node.own(key):
            path = (*place.path, key)
            below = Set(document=place.document, path=path, value=item)
            put(draft, draft.place(place.document, path), below)
        elif inherited is not None and isinstance(item, Mapping):
            raise Refused(f"{key!r} comes from a merge key")
        elif inherited is None or not tree.same(tree.intended(item), inherited):
            absent[key] = item
    if not absent:
        return
    draft.demand_own(place)
    if place.node.flow:
        _add_flow_keys(draft, place, absent, after)
    else:
        _add_block_keys(draft, place, absent, after)


def _chosen(node: Node, after: tuple[str, ...]) -> int:
    """The member that a new one comes behind."""
    found = [i for i, (key, _) in enumerate(node.pairs) if key.text in after]
    return found[-1] if found else len(node.pairs) - 1


def _add_flow_keys(
    draft: Draft, place: Place, absent: Mapping[str, Value], after: tuple[str, ...]
) -> None:
    in_json = draft.layout.is_json(place.document)
    members = list(absent.items())
    index = _chosen(place.node, after)
    for start, end, text in flow.add(
        draft.layout, place.node, members, place.above, in_json=in_json, after=index
    ):
        draft.put(start, end, text, place.depth)


def _add_block_keys(
    draft: Draft, place: Place, absent: Mapping[str, Value], after: tuple[str, ...]
) -> None:
    node = place.node
    if draft.text[node.content : node.content + 1] == "?":
        raise Refused("the mapping has explicit keys")
    column = node.pairs[0][0].column
    index = _chosen(node, after)
    while index > 0 and draft.layout.is_open(node.pairs[index][1]):
        index -= 1
    lines = draft.block(place.chain).indented(dict(absent), column)
    draft.put_lines(draft.layout.after(node.pairs[index][1], column), lines, place.depth)


def fill(draft: Draft, place: Place, value: Value) -> None:
    """Give `key:`, `key: null`, `key: {}`, `- {}` or `key: []` its content."""
    node, key = place.node, place.key
    draft.demand_own(place)
    if node.is_null and not place.above:
        raise Refused("the document is empty")
    if node.anchor or node.tag:
        raise Refused("an empty value with an anchor or a tag")
    text = draft.text[node.start : node.end]
    if "#" in text:
        raise Refused("a comment stands in an empty collection")
    scalars = isinstance(value, list | tuple) and not any(is_collection(v) for v in value)
    if place.in_flow or not place.above or "\n" in text or (node.flow and scalars):
        _fill_flow(draft, place, value)
    elif key is None or "\n" in draft.text[key.end : node.end]:
        _fill_in_place(draft, place, value)
    else:
        _fill_below(draft, place, key, value)


def _fill_flow(draft: Draft, place: Place, value: Value) -> None:
    """Fill an empty value where it stands, in flow style."""
    node = place.node
    holder = place.above[-1] if place.above else node
    style = flow.style_of(draft.layout, holder, in_json=draft.layout.is_json(place.document))
    put_flow(draft, place, _flow_text(draft, place, value, style))


def _flow_text(draft: Draft, place: Place, value: Value, style: Flow) -> str:
    """A value in flow style: over several lines in JSON whose members have lines of their own."""
    start = place.key.start if place.key is not None else place.node.start
    if not (style.in_json and draft.layout.opens_line(start) and place.in_flow):
        return style.text(value)
    prefix = draft.layout.before(start)
    unit = flow.unit(draft.layout, place.holder, prefix)
    return json_lines(value, prefix, unit, draft.layout.newline(start), style.colon)


def put_flow(draft: Draft, place: Place, text: str) -> None:
    """Write a value on one line where a node stands; where nothing stands, behind its colon."""
    node, key = place.node, place.key
    if node.start < node.end:
        draft.put(node.content, node.end, text)
    elif key is None:
        draft.put(node.start, node.start, " " + text)
    else:
        has_colon = ":" in draft.text[key.end : node.start]
        at = node.start if has_colon else key.end
        gap = "" if draft.text[at - 1] in " \t" else " "
        draft.put(at, at, (gap if has_colon else ": ") + text)


def _fill_in_place(draft: Draft, place: Place, value: Value) -> None:
    """Block lines that start where the empty value stands: behind a dash, or below its key."""
    node = place.node
    if draft.layout.comment_at(node.end) is not None or not isinstance(value, Mapping):
        _fill_flow(draft, place, value)
        return
    pad = " " if node.start == node.end else ""
    column = draft.layout.column(node.start) + len(pad)
    lines = draft.block(place.above).lines(value, column)
    draft.put(node.start, node.end, pad + draft.layout.newline(node.end).join(lines))


def _fill_below(draft: Draft, place: Place, key: Node, value: Value) -> None:
    """Lines below the key; the old empty value goes, its comment stays on the key's line."""
    node = place.node
    if not draft.layout.ends_line(node.end):
        raise Refused("more text follows the empty value on its line")
    if node.end > node.start:
        draft.put_first(len(draft.text[: node.start].rstrip(" \t")), node.end, "")
    lines = draft.block(place.above).below(value, key.column)
    draft.put_lines((draft.layout.line_end(node.end), False), lines, place.depth)


def set_scalar(draft: Draft, place: Place, value: Value) -> None:
    """Replace a scalar; an alias that is the value is replaced where it stands."""
    node, layout = place.node, draft.layout
    draft.demand_own(place)
    if node.kind not in ("alias", "scalar"):
        raise Refused(f"{place.dotted} is a {_NAMES[node.kind]}, not a scalar")
    if node.tag:
        raise Refused("the value has a tag")
    in_json = layout.is_json(place.document)
    quote = node.style if node.style in ("'", '"') and isinstance(value, str) else ""
    text = leaf(value, quote=quote, fallback=layout.quote, flow=place.in_flow, in_json=in_json)
    if node.is_block_scalar:
        header_end = node.content + len(layout.header(node))
        draft.put(node.content, header_end, text)
        drop_body(draft, node)
    else:
        put_flow(draft, place, text)


def drop_body(draft: Draft, scalar: Node) -> None:
    """Take the lines of a block scalar away; its header stays."""
    line_end = draft.layout.line_end(scalar.content)
    if (tail := draft.stream.tail(scalar)) > line_end:
        draft.put(line_end, tail, "")


_NAMES = {"map": "mapping", "seq": "list"}


def replace(draft: Draft, place: Place, value: Value) -> None:
    """Another list where a list stands."""
    node, key = place.node, place.key
    draft.demand_own(place)
    draft.demand_unused(node)
    if node.tag:
        raise Refused("the value has a tag")
    if node.flow:
        _fill_flow(draft, place, value)
    elif key is None:
        _replace_in_place(draft, place, value)
    elif is_collection(value):
        put_below(draft, place, key, draft.block(place.chain).below(value, key.column))
    else:
        at = beside(draft, key, node)
        draft.put(at, at, " " + leaf(value, fallback=draft.layout.quote))
        put_below(draft, place, key, ())


def _replace_in_place(draft: Draft, place: Place, value: Value) -> None:
    """Block lines that start where the old ones did."""
    node = place.node
    column = draft.layout.column(node.content)
    lines = draft.block(place.chain).lines(value, column)
    newline = draft.layout.newline(node.content)
    draft.put(node.content, draft.stream.tail(node), newline.join(lines))


def put_below(draft: Draft, place: Place, key: Node, lines: Sequence[str]) -> None:
    """Lines below a key in place of a block collection that stands there."""
    line_end = draft.layout.line_end(key.end)
    tail = draft.stream.tail(place.node)
    if not draft.layout.ends_line(tail):
        raise Refused("more text follows the value on its line")
    newline = draft.layout.newline(line_end)
    draft.put(line_end, tail, "".join(newline + line for line in lines))


def colon(draft: Draft, key: Node) -> int:
    """Just behind the colon of a key."""
    match = re.compile(r"\s*:").match(draft.text, key.end)
    if match is None:
        raise Refused("the key has no colon")
    return match.end()


def beside(draft: Draft, key: Node, node: Node) -> int:
    """Where a value goes on the line of its key: behind the colon, and the anchor if it has one."""
    if node.anchor:
        return node.start + len(f"&{node.anchor}")
    return colon(draft, key)
