"""The patches of kustomizations: where each stands, what it targets, what it says of a field.

Source: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/patches/
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.engine.gitops.sources import translated
from bot.frozen import frozen
from bot.kubernetes.kustomization import folder_of
from bot.kubernetes.workload import as_list, as_mapping, below, dig, reach
from bot.model.files import Files
from bot.model.manifest import Manifest
from bot.yamlpatch import Path, Stream, Unreadable, read

_FIELDS = ("patchesStrategicMerge", "patchesJson6902", "patches")
_STEP = re.compile(r"~[01]")


@frozen
class PatchText:
    """The text of a patch: a file of its own, or a scalar of a kustomization.

    `inside` is the scalar's path there, None for a file; its first line is `lines` below the first
    of the file, its first column `columns` behind the first.
    """

    file: str
    kustomization: str
    stream: Stream
    target: Mapping[str, Any] | None
    inside: Path | None = None
    lines: int = 0
    columns: int = 0


@frozen
class Said:
    """What a patch says of a field: the nearest place, and how many of the field's steps it has.

    `prefix` is the path in the patch's document that stands for the object's `stripped` first
    steps; None where nothing can be added there, as where the patch takes the field away.
    """

    text: PatchText
    document: int
    path: Path
    depth: int
    prefix: Path | None
    stripped: int = 0
    removes: bool = False


def patch_texts(kustomization: str, data: Mapping[str, Any], files: Files) -> Iterator[PatchText]:
    """The patches of a kustomization, in the order in which they are applied."""
    for name in _FIELDS:
        for index, entry in enumerate(as_list(data.get(name))):
            target = as_mapping(entry).get("target")
            target = target if isinstance(target, Mapping) else None
            inline = entry if isinstance(entry, str) else as_mapping(entry).get("patch")
            path = entry if isinstance(entry, str) else as_mapping(entry).get("path")
            if isinstance(inline, str) and ("\n" in inline or not isinstance(entry, str)):
                place: Path = (name, index) if isinstance(entry, str) else (name, index, "patch")
                found = _inline(kustomization, files, place, inline, target)
            else:
                found = _file(kustomization, files, str(path), target)
            if found is not None:
                yield found


def _file(
    kustomization: str, files: Files, path: str, target: Mapping[str, Any] | None
) -> PatchText | None:
    name = posixpath.normpath(posixpath.join(folder_of(kustomization), path))
    data = files.read(name)
    stream = _read(data) if data is not None else None
    if stream is None:
        return None
    return PatchText(file=name, kustomization=kustomization, stream=stream, target=target)


def _inline(
    kustomization: str, files: Files, place: Path, text: str, target: Mapping[str, Any] | None
) -> PatchText | None:
    inner = _read(text.encode())
    outer = _read(files.read(kustomization) or b"")
    if inner is None or outer is None:
        return None
    node, exact = outer.find(0, place)
    lines = outer.line_of(node.start) if exact else 1
    columns = 0
    if exact and node.is_block_scalar:
        first = outer.text.find("\n", node.content) + 1
        line = outer.text[first : outer.text.find("\n", first)]
        columns = len(line) - len(line.lstrip(" "))
    return PatchText(
        file=kustomization,
        kustomization=kustomization,
        stream=inner,
        target=target,
        inside=place,
        lines=lines if exact and node.is_block_scalar else lines - 1,
        columns=columns,
    )


def _read(data: bytes) -> Stream | None:
    try:
        stream = read(data)
        for document in stream.documents:
            stream.value(document.index)
    except Unreadable:
        return None
    return stream


def said_of(
    text: PatchText, rendered: Manifest, name: str, path: Path, written: Path | None
) -> Iterator[Said]:
    """What a patch says of a field of an object that was called `name` before.

    `path` is the field's in the rendered object, `written` that in its source, if it is there: a
    JSON patch counts the items of lists as they are when it is applied.
    """
    names = {name, rendered.name}
    for document in text.stream.documents:
        value = None if document.is_empty else text.stream.value(document.index)
        if isinstance(value, list):
            if text.target is not None and _targets(text.target, rendered, names):
                yield from _operations(text, document.index, value, rendered, path, written or path)
        elif isinstance(value, Mapping) and _merges(text, value, rendered, names):
            found = _merged(text, document.index, value, rendered, path)
            if found is not None:
                yield found


def _merges(text: PatchText, value: Mapping[str, Any], rendered: Manifest, names: set[str]) -> bool:
    if text.target is not None:
        return _targets(text.target, rendered, names)
    return value.get("kind") == rendered.kind and str(dig(value, "metadata.name")) in names


def _targets(target: Mapping[str, Any], rendered: Manifest, names: set[str]) -> bool:
    """Whether a target selects an object; names and kinds are regular expressions, anchored."""
    kind, name = target.get("kind"), target.get("name")
    if isinstance(kind, str) and not _matches(kind, {rendered.kind}):
        return False
    if isinstance(name, str) and not _matches(name, names):
        return False
    return _labelled(target.get("labelSelector"), dig(rendered.data, "metadata.labels"))


def _matches(pattern: str, texts: set[str]) -> bool:
    try:
        return any(re.fullmatch(pattern, text) for text in texts)
    except re.error:
        return pattern in texts


def _labelled(selector: Any, labels: Any) -> bool:
    """Equalities alone are looked at; the rest of a selector may hold."""
    if not isinstance(selector, str):
        return True
    for part in selector.split(","):
        key, sign, value = part.partition("=")
        if sign and not key.endswith("!"):
            wanted = value.lstrip("=").strip()
            if str(as_mapping(labels).get(key.strip())) != wanted:
                return False
    return True


def _merged(
    text: PatchText, document: int, value: Mapping[str, Any], rendered: Manifest, path: Path
) -> Said | None:
    """A strategic merge patch: how far it goes along the field, its lists' items by name."""
    reached: Path = ()
    for depth in range(1, len(path) + 1):
        there = translated(path[:depth], rendered.data, value)
        if there is None or not _has(value, there):
            break
        reached = there
    if not reached:
        return None
    removes = reach(value, reached) is None
    return Said(
        text=text,
        document=document,
        path=reached,
        depth=len(reached),
        prefix=None if removes else (),
        removes=removes,
    )


def _has(value: Any, path: Path) -> bool:
    parent = reach(value, path[:-1])
    if isinstance(parent, Mapping):
        return path[-1] in parent
    return isinstance(parent, list) and isinstance(path[-1], int) and path[-1] < len(parent)


def _operations(
    text: PatchText,
    document: int,
    operations: list[Any],
    rendered: Manifest,
    path: Path,
    written: Path,
) -> Iterator[Said]:
    """A JSON patch: the operations on the field, on what holds it, or that bring it."""
    for index, operation in enumerate(operations):
        steps = _steps(as_mapping(operation).get("path"))
        kind = as_mapping(operation).get("op")
        if steps is None or kind not in ("add", "replace", "remove"):
            continue
        count = len(steps)
        value = as_mapping(operation).get("value")
        if not _along(steps, path, written, rendered, value):
            continue
        if kind == "remove":
            here: Path = (index,)
            yield Said(
                text=text, document=document, path=here, depth=count, prefix=None, removes=True
            )
            continue
        inner = 0
        holder = reach(rendered.data, path[:count])
        reached: Path = ()
        for depth in range(count + 1, len(path) + 1):
            there = translated(path[count:depth], holder, value)
            if there is None or not _has(value, there):
                break
            reached, inner = there, depth - count
        yield Said(
            text=text,
            document=document,
            path=(index, "value", *reached),
            depth=count + inner,
            prefix=(index, "value"),
            stripped=count,
        )


def _along(steps: Path, path: Path, written: Path, rendered: Manifest, value: Any) -> bool:
    """Whether an operation's path leads to a field: an item that is added is known by its name."""
    if len(steps) > len(path):
        return False
    for depth, step in enumerate(steps):
        wanted = path[depth]
        if step == "-" or (isinstance(wanted, int) and depth == len(steps) - 1):
            name = below(value, "name")
            item = reach(rendered.data, path[: depth + 1])
            if name is not None and isinstance(wanted, int):
                return bool(below(item, "name") == name)
            if step == "-":
                return bool(item == value)
        if str(step) not in (str(wanted), str(written[depth])):
            return False
    return True


def _steps(pointer: Any) -> Path | None:
    """The steps of a JSON pointer (RFC 6901)."""
    if not isinstance(pointer, str) or not pointer.startswith("/"):
        return None
    parts = pointer[1:].split("/")
    return tuple(_STEP.sub(lambda m: "~" if m[0] == "~0" else "/", part) for part in parts)
