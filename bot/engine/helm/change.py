"""What differs between two versions of an object: list items go by their names, not by number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.frozen import frozen
from bot.yamlpatch import Path

_NAMES = ("name", "mountPath", "devicePath", "containerPort")
_NOTHING = object()


@frozen
class Change:
    """One difference. `parent` is the path of the mapping or list that it is made in, before it.

    `key` is the key there; None for a new item of a list. `value` is what comes: the whole tree
    where nothing was, and nothing where `is_removal`.
    """

    parent: Path
    key: str | None
    value: Any = None
    is_new: bool = True
    is_removal: bool = False

    @property
    def path(self) -> Path:
        """The path of what changes; of the list where an item joins it."""
        return self.parent if self.key is None else (*self.parent, self.key)


def changes(before: Any, after: Any, path: Path = ()) -> Iterator[Change]:
    """How the one becomes the other, outermost first."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _in_mapping(before, after, path)
    elif isinstance(before, list) and isinstance(after, list) and _key_of(before, after):
        yield from _in_list(before, after, path)
    elif before != after and path:
        yield Change(parent=path[:-1], key=str(path[-1]), value=after, is_new=False)


def _in_mapping(
    before: Mapping[str, Any], after: Mapping[str, Any], path: Path
) -> Iterator[Change]:
    for key in before:
        if key not in after:
            yield Change(parent=path, key=key, is_new=False, is_removal=True)
        elif not before[key] and isinstance(after[key], Mapping | list) and after[key]:
            yield Change(parent=path, key=key, value=after[key], is_new=before[key] is None)
        else:
            yield from changes(before[key], after[key], (*path, key))
    for key in after:
        if key not in before:
            yield Change(parent=path, key=key, value=after[key])


def _in_list(before: Sequence[Any], after: Sequence[Any], path: Path) -> Iterator[Change]:
    name = _key_of(before, after)
    assert name is not None
    known = {one[name]: index for index, one in enumerate(before)}
    kept = {one[name]: one for one in after}
    for item, index in known.items():
        if item in kept:
            yield from changes(before[index], kept[item], (*path, index))
        else:
            yield Change(parent=path, key=str(index), is_new=False, is_removal=True)
    for item, value in kept.items():
        if item not in known:
            yield Change(parent=path, key=None, value=value)


def _key_of(*lists: Sequence[Any]) -> str | None:
    """The field that names the items of lists, if each item has it and it tells them apart."""
    for name in _NAMES:
        if all(_tells_apart(one, name) for one in lists):
            return name
    return None


def _tells_apart(items: Sequence[Any], name: str) -> bool:
    found = [one.get(name) if isinstance(one, Mapping) else None for one in items]
    return all(isinstance(one, str | int) for one in found) and len(set(found)) == len(found)


def leaves(value: Any, path: Path = ()) -> dict[Path, Any]:
    """All scalars, plain lists and empty collections of an object; named items by their names."""
    out: dict[Path, Any] = {}
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            out |= leaves(inner, (*path, key))
    elif isinstance(value, list) and value and (name := _key_of(value)):
        for item in value:
            out |= leaves(item, (*path, f"[{item[name]}]"))
    else:
        out[path] = value
    return out


def differing(before: Any, after: Any) -> dict[Path, Any]:
    """The leaves that are other, with what they become; None for what is gone.

    A collection that was empty is no leaf of its own once it holds something.
    """
    old, new = leaves(before), leaves(after)
    out = {
        path: value
        for path, value in new.items()
        if path not in old or old[path] != value or type(old[path]) is not type(value)
    }
    for path, value in old.items():
        if path not in new and not (value in ({}, [], None) and _has_below(path, new)):
            out[path] = None
    return out


def _has_below(path: Path, found: Mapping[Path, Any]) -> bool:
    return any(one[: len(path)] == path for one in found)
