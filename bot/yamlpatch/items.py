"""Splices that put items into lists."""

from __future__ import annotations

from collections.abc import Mapping

from bot.yamlpatch import flow, tree
from bot.yamlpatch.document import Node
from bot.yamlpatch.draft import Draft, Place
from bot.yamlpatch.emit import Flow, is_collection, leaf
from bot.yamlpatch.patch import Refused, Value
from bot.yamlpatch.values import fill, is_empty


def put_item(draft: Draft, place: Place, value: Value, index: int | None) -> None:
    """A new item before item `index`, or as the last; one that is there is not added again."""
    node = place.node
    if node.kind == "alias":
        raise Refused(f"the list is the alias *{node.text}: one edit, many places")
    if node.kind != "seq" and not node.is_null:
        raise Refused(f"{place.dotted} is not a list")
    item = tree.intended(value)
    if any(tree.same(item, known) for known in node.items):
        return
    if index is not None and index > len(node.items):
        raise Refused(f"{place.dotted} has no item {index}")
    draft.demand_own(place)
    if is_empty(node):
        fill(draft, place, [value])
    elif node.flow:
        _in_flow(draft, place, value, index)
    elif index is None or index > 0:
        _behind(draft, place, value, (len(node.items) if index is None else index) - 1)
    else:
        _first(draft, place, value)


def _in_flow(draft: Draft, place: Place, value: Value, index: int | None) -> None:
    after = (len(place.node.items) if index is None else index) - 1
    in_json = draft.layout.is_json(place.document)
    for start, end, text in flow.add(
        draft.layout, place.node, [(None, value)], place.above, in_json=in_json, after=after
    ):
        draft.put(start, end, text, place.depth)


def _behind(draft: Draft, place: Place, value: Value, index: int) -> None:
    """A new item of a block list behind item `index`, laid out like it."""
    layout, known = draft.layout, place.node.items[index]
    dash = layout.dash(known)
    column = layout.column(dash)
    lead, lines = _written(draft, place, value, known)
    lines[0] = " " * column + lead + lines[0]
    if known.start == known.end:
        at = (layout.skip_comments(layout.line_end(dash), column), False)
    else:
        at = layout.after(known, column)
    draft.put_lines(at, lines, place.depth)


def _first(draft: Draft, place: Place, value: Value) -> None:
    """A new item before the first of a block list: it takes that one's place on its line."""
    layout, known = draft.layout, place.node.items[0]
    dash = layout.dash(known)
    lead, lines = _written(draft, place, value, known)
    newline = layout.newline(dash)
    text = lead + newline.join(lines) + newline + " " * layout.column(dash)
    draft.put(dash, dash, text, place.depth)


def _written(draft: Draft, place: Place, value: Value, known: Node) -> tuple[str, list[str]]:
    """The dash and the lines of a new item, like those of an item that is there."""
    layout = draft.layout
    dash = layout.dash(known)
    lead = draft.text[dash : known.start]
    if lead.strip(" ") != "-" or known.start == known.end:
        lead = "- "
    if not is_collection(value):
        quote = layout.quote_of(place.node.items)
        return lead, [leaf(value, quote=quote, fallback=layout.quote)]
    flows = [item for item in place.node.items if item.flow]
    if isinstance(value, Mapping) and len(flows) == len(place.node.items):
        style: Flow = flow.style_of(layout, known, in_json=False)
        return lead, [style.text(value)]
    column = layout.column(dash) + len(lead)
    return lead, draft.block((*place.chain, known)).lines(value, column)
