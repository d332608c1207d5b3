"""The objects of a source file, patches and partial ones too, and which of them was rendered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.engine.read import objects_of, text_of
from bot.frozen import frozen
from bot.kubernetes.workload import below, reach
from bot.model.manifest import Manifest
from bot.yamlpatch import Path, Stream, Unreadable, read

_KEYS = ("name", "mountPath", "containerPort", "devicePath", "topologyKey", "ip", "key")
"""By which strategic merge knows the items of a pod's lists (patchMergeKey in k8s.io/api/core)."""


@frozen
class Source:
    """An object where it is written; `base` is its path in its document."""

    file: str
    stream: Stream
    document: int
    base: Path
    kind: str
    name: str
    namespace: str | None
    data: Mapping[str, Any]


def sources(file: str, data: bytes) -> tuple[Source, ...]:
    """All objects of a file, whole or not; none where it cannot be read."""
    try:
        stream = read(data)
        found = [
            (document.index, base, value)
            for document in stream.documents
            for base, value in objects_of(stream.value(document.index))
        ]
    except Unreadable:
        return ()
    return tuple(
        Source(
            file=file,
            stream=stream,
            document=document,
            base=base,
            kind=value["kind"],
            name=text_of(reach(value, ("metadata", "name"))),
            namespace=text_of(reach(value, ("metadata", "namespace"))) or None,
            data=value,
        )
        for document, base, value in found
    )


def source_of(rendered: Manifest, candidates: Sequence[Source]) -> Source | None:
    """Which of the objects of the file that it comes from was rendered.

    Its name may have got a prefix and a suffix: the longest name within it wins. A patch may have
    renamed it, or changed its kind: then it is the only one there.
    """
    same = [one for one in candidates if one.kind == rendered.kind] or list(candidates)
    for one in same:
        if one.name == rendered.name:
            return one
    within = [one for one in same if one.name and one.name in rendered.name]
    if within:
        return max(within, key=lambda one: len(one.name))
    return same[0] if len(same) == 1 else None


def translated(path: Path, seen: Any, wanted: Any) -> Path | None:
    """A path in one object as that in another, whose lists may be ordered otherwise.

    Items are known by their names. None where an item on the way is not there; keys need not be.
    """
    out: list[str | int] = []
    for step in path:
        item = below(seen, step)
        if isinstance(step, int):
            place = _index_of(item, step, wanted)
            if place is None:
                return None
            out.append(place)
            wanted = wanted[place]
        else:
            out.append(step)
            wanted = below(wanted, step)
        seen = item
    return tuple(out)


def _index_of(item: Any, index: int, wanted: Any) -> int | None:
    if not isinstance(wanted, list):
        return None
    for key in _KEYS:
        name = item.get(key) if isinstance(item, Mapping) else None
        if name is not None:
            found = (i for i, one in enumerate(wanted) if below(one, key) == name)
            return next(found, None)
    if item in wanted:
        return wanted.index(item)
    return index if not isinstance(item, Mapping) and index < len(wanted) else None
