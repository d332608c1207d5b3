"""Fixes of rendered objects written where their fields are decided: in files, and texts in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.engine.gitops.deciding import Place
from bot.engine.gitops.sources import translated
from bot.engine.gitops.truth import Held
from bot.engine.hands_off import demand_marked
from bot.kubernetes.workload import reach
from bot.yamlpatch import (
    NewDocument,
    Patch,
    Path,
    Refused,
    Stream,
    Unreadable,
    edit,
    read,
)

_ELSEWHERE = "the field is not within reach of the patch that decides"


def placed_edit(data: bytes, held: Held, place: Place) -> bytes:
    """The file of a place after the fix of a finding. Raises Refused."""
    fix = held.finding.fix
    if fix is None or place.prefix is None:
        raise Refused(_ELSEWHERE)
    patches = [_placed(patch, held, place, place.prefix) for patch in fix.patches]
    if place.inside is None:
        after = edit(data, patches).data
        demand_marked(data, after)
        return after
    return _inside(data, place.inside, patches)


def _placed(patch: Patch, held: Held, place: Place, prefix: Path) -> Patch:
    """A patch on the rendered object as one on the document that decides."""
    if isinstance(patch, NewDocument):
        raise Refused("a new document has no place in a patch")
    manifest = held.rendered.manifest
    path = patch.path[len(manifest.base) :]
    head, rest = path[: place.stripped], path[place.stripped :]
    if head != held.path[: place.stripped]:
        raise Refused(_ELSEWHERE)
    there = translated(rest, reach(manifest.data, head), place.data)
    if there is None:
        raise Refused(_ELSEWHERE)
    return replace(patch, document=place.document, path=(*prefix, *there))


def _inside(data: bytes, inside: Path, patches: Sequence[Patch]) -> bytes:
    """A kustomization of which the patch that is text in it has been edited. Raises Refused."""
    try:
        outer = read(data)
    except Unreadable as error:
        raise Refused(error.reason) from error
    node, exact = outer.find(0, inside)
    if not exact or node.style != "|":
        raise Refused("the patch is no literal block of lines: podsec does not rewrite it")
    after = edit(node.text.encode(), patches).data.decode().rstrip("\n")
    start = outer.text.find("\n", node.content) + 1
    end = outer.tail(node)
    first = outer.text[start:end].split("\n", 1)[0]
    indent = first[: len(first) - len(first.lstrip(" "))]
    lines = (f"{indent}{line}" if line.strip() else line for line in after.split("\n"))
    newline = "\r\n" if "\r\n" in outer.text[start:end] else "\n"
    text = outer.text[:start] + newline.join(lines) + outer.text[end:]
    result = (("\ufeff" if outer.bom else "") + text).encode()
    _demand_alone(outer, result, inside, after)
    return result


def _demand_alone(outer: Stream, result: bytes, inside: Path, text: str) -> None:
    """Raises Refused unless the text alone has changed, and to what was meant."""
    try:
        stream = read(result)
    except Unreadable as error:
        raise Refused(f"the result would not be readable: {error.reason}") from error
    before, after = outer.value(0), stream.value(0)
    if str(reach(after, inside)).rstrip("\n") != text:
        raise Refused("the text would not read back as what was meant")
    for value in (before, after):
        holder = reach(value, inside[:-1])
        holder[inside[-1]] = None
    if before != after or len(outer.documents) != len(stream.documents):
        raise Refused("the edit would change more than the patch")
