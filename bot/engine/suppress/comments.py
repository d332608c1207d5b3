"""`# podsec: ignore[rule,rule] reason` on a line, a container or an object.

A comment speaks of the line that it stands on; alone on its line, of the next line with content.
Where a container or an object begins there, it speaks of the whole.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from bot.engine.pods import pods_of
from bot.engine.suppress.terms import terms
from bot.frozen import frozen
from bot.model.manifest import Manifest
from bot.model.suppression import Place, Suppression
from bot.yamlpatch import Node, Path, Stream, Unreadable, read

_MARK = "podsec:"
_START = r"(?:^|(?<=[ \t]))#[ \t]*podsec:[ \t]*ignore"
_COMMENT = re.compile(_START + r"\[([^\]\n]*)\]([^\n]*)", re.MULTILINE)
_BARE = re.compile(_START + r"\b(?!\[)", re.MULTILINE)
_NO_CONTENT = re.compile(r"[ \t\r]*(?:---[ \t\r]*)?(?:#.*)?$")
_NO_RULE = "names no rule: write ignore[RULE] and a reason; nothing is suppressed"


@frozen(kw_only=False)
class _Whole:
    """A container or an object: the lines that stand for it, and all of its lines."""

    heads: frozenset[int]
    lines: tuple[int, int]


def commented(manifests: Sequence[Manifest]) -> Iterator[Suppression]:
    """The suppressions in the comments of one file, given all its manifests."""
    seen: set[int] = set()
    for manifest in manifests:
        known = manifest.stream
        if id(known) in seen:
            continue
        seen.add(id(known))
        if _MARK in known.text:
            stream = known if isinstance(known, Stream) else _in_full(known.text)
            yield from _of_stream([m for m in manifests if m.stream is known], stream)


def _in_full(text: str) -> Stream:
    """The file as the full reader sees it.

    It has no nodes where a document that holds no object, and so was not judged, is broken.
    """
    try:
        return read(text.encode())
    except Unreadable:
        return Stream(text, bom=False, documents=())


def _of_stream(manifests: Sequence[Manifest], stream: Stream) -> Iterator[Suppression]:
    """`stream` is the file as the full reader sees it: it knows where scalars stand."""
    scalars = _Spans(stream)
    file = manifests[0].file
    objects = [_object(manifest) for manifest in manifests]
    containers = [whole for manifest in manifests for whole in _containers(manifest)]
    for match in _COMMENT.finditer(stream.text):
        if scalars.hold(match.start()):
            continue
        line = stream.line_of(match.start())
        said = terms(match[2])
        place = _place(_subject(stream, match.start()), objects, containers)
        for rule in dict.fromkeys(name.strip() for name in match[1].split(",")):
            yield Suppression(
                rule=rule,
                reason=said.reason,
                source="comment",
                file=file,
                line=line,
                scope=place,
                until=said.until,
                fault=said.fault if rule else _NO_RULE,
            )
    for match in _BARE.finditer(stream.text):
        if not scalars.hold(match.start()):
            yield _without_rule(file, stream.line_of(match.start()))


def _without_rule(file: str, line: int) -> Suppression:
    return Suppression(
        rule="",
        reason="",
        source="comment",
        file=file,
        line=line,
        scope=Place(reach="line", lines=()),
        fault=_NO_RULE,
    )


def _subject(stream: Stream, offset: int) -> int:
    """The line that a comment speaks of."""
    text = stream.text
    start = text.rfind("\n", 0, offset) + 1
    line = stream.line_of(offset)
    if text[start:offset].strip() not in ("", "-", "---"):
        return line
    for number, following in enumerate(text[offset:].split("\n")[1:], line + 1):
        if not _NO_CONTENT.match(following):
            return number
    return line


def _place(line: int, objects: Sequence[_Whole], containers: Sequence[_Whole]) -> Place:
    if whole := tuple(one.lines for one in objects if line in one.heads):
        return Place(reach="object", lines=whole)
    if whole := tuple(one.lines for one in containers if line in one.heads):
        return Place(reach="container", lines=whole)
    return Place(reach="line", lines=((line, line),))


def _object(manifest: Manifest) -> _Whole:
    """An object: its first line, that of its kind, and the first line of its document."""
    lines = _lines(manifest, manifest.base)
    document, _ = manifest.stream.locate(manifest.document, ())
    kind, _ = manifest.stream.locate(manifest.document, (*manifest.base, "kind"))
    return _Whole(frozenset({lines[0], document.line, kind.line}), lines)


def _containers(manifest: Manifest) -> Iterator[_Whole]:
    """The containers: the first line of each, and that of its name."""
    for pod in pods_of(manifest):
        for container in pod.containers:
            lines = _lines(manifest, container.path)
            name, _ = manifest.stream.locate(manifest.document, (*container.path, "name"))
            yield _Whole(frozenset({lines[0], name.line}), lines)


def _lines(manifest: Manifest, path: Path) -> tuple[int, int]:
    spot, _ = manifest.stream.locate(manifest.document, path)
    return spot.line, spot.end_line


class _Spans:
    """Where a file's scalars stand: a `#` inside one begins no comment."""

    def __init__(self, stream: Stream) -> None:
        roots = [document.root for document in stream.documents if document.root is not None]
        spans = sorted(_scalars(roots, stream.text))
        self._starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]

    def hold(self, offset: int) -> bool:
        """Whether the character at `offset` belongs to a scalar."""
        index = bisect_right(self._starts, offset) - 1
        return index >= 0 and offset < self._ends[index]


def _scalars(roots: Sequence[Node], text: str) -> Iterator[tuple[int, int]]:
    todo = list(roots)
    while todo:
        node = todo.pop()
        todo += node.items
        todo += [part for pair in node.pairs for part in pair]
        if node.is_block_scalar:  # its header line may carry a comment
            header = text.find("\n", node.content, node.end)
            yield (header if header >= 0 else node.end), node.end
        elif node.kind == "scalar" and node.end > node.content:
            yield node.content, node.end
