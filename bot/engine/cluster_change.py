"""The objects that a change makes other in the cluster, without the secrets that stand in them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.frozen import frozen
from bot.kubernetes.secret import classify, in_command
from bot.model.cluster_change import ObjectChange
from bot.model.manifest import Manifest

_HIDDEN, _CHANGED = "(hidden)", "(hidden, changed)"
_WORDS = ("command", "args")
_Identity = tuple[str, str, str, str]


@frozen
class Made:
    """An object that a root makes."""

    root: str
    manifest: Manifest


def cluster_changes(before: Iterable[Made], after: Iterable[Made]) -> tuple[ObjectChange, ...]:
    """What differs between two sides, by kind and name; equal changes of several roots are one."""
    old, new = _by_identity(before), _by_identity(after)
    found: dict[str, ObjectChange] = {}
    for identity in sorted(old.keys() | new.keys()):
        one, other = old.get(identity), new.get(identity)
        if one is not None and other is not None and one.data == other.data:
            continue
        change = _change(identity[0], one, other)
        key = json.dumps(
            [change.kind, change.namespace, change.name, change.before, change.after],
            sort_keys=True,
            default=str,
        )
        known = found.get(key)
        found[key] = change if known is None else _joined(known, change)
    return tuple(sorted(found.values(), key=lambda one: (one.kind, one.namespace or "", one.name)))


def _by_identity(made: Iterable[Made]) -> dict[_Identity, Manifest]:
    return {
        (one.root, one.manifest.kind, one.manifest.namespace or "", one.manifest.name): one.manifest
        for one in made
    }


def _change(root: str, before: Manifest | None, after: Manifest | None) -> ObjectChange:
    known = after or before
    assert known is not None
    old = before.data if before is not None else None
    new = after.data if after is not None else None
    return ObjectChange(
        kind=known.kind,
        namespace=known.namespace,
        name=known.name,
        roots=(root,),
        before=None if old is None else _hidden(old, None, known.kind),
        after=None if new is None else _hidden(new, old, known.kind),
    )


def _joined(known: ObjectChange, more: ObjectChange) -> ObjectChange:
    return replace(known, roots=(*known.roots, *more.roots))


def _hidden(data: Mapping[str, Any], before: Mapping[str, Any] | None, kind: str) -> dict[str, Any]:
    """The object without secrets: a Secret's values, and what anywhere else looks like one."""
    return {
        str(key): _without(value, (before or {}).get(key), str(key), kind == "Secret")
        for key, value in data.items()
    }


def _without(value: Any, before: Any, name: str, is_secret: bool) -> Any:
    if isinstance(value, Mapping):
        inside = is_secret and name in ("data", "stringData")
        old = before if isinstance(before, Mapping) else {}
        label = str(value.get("name") or "")
        return {
            str(key): _leaf(inner, old.get(key))
            if inside
            else _without(inner, old.get(key), label if key == "value" else str(key), is_secret)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return list(_items(value, before, name, is_secret))
    if isinstance(value, str) and classify(name, value):
        return _leaf(value, before)
    return value


def _items(value: list[Any], before: Any, name: str, is_secret: bool) -> Iterator[Any]:
    old = before if isinstance(before, list) else []
    words = [one for one in value if isinstance(one, str)]
    if name in _WORDS and len(words) == len(value) and any(in_command(words)):
        yield _HIDDEN if value == before or before is None else _CHANGED
        return
    for index, inner in enumerate(value):
        yield _without(inner, old[index] if index < len(old) else None, name, is_secret)


def _leaf(value: Any, before: Any) -> str:
    return _HIDDEN if before is None or value == before else _CHANGED
