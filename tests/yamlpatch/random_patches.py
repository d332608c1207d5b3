"""Random patches that have a meaning on given documents."""

from __future__ import annotations

import copy
from random import Random
from typing import Any

from bot.yamlpatch import KEEP, Append, Insert, NewDocument, Patch, Remove, Rename, Set
from tests.yamlpatch.oracle import paths

NEW: tuple[Any, ...] = (
    {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    True,
    ["a", "yes", {"k": 1, "l": None}],
    "0777",
    {},
    [],
    {"secretKeyRef": {"name": "s", "key": "k"}},
    "a: b # c",
    "two\nlines\n",
    [["x"], [{"a": {"b": []}}]],
)
ITEMS: tuple[Any, ...] = (
    "ALL",
    "yes",
    {"name": "t", "mountPath": "/tmp"},
    5,
    ["q"],
)  # a mount path
SCALARS: tuple[Any, ...] = (True, False, 7, "new", "no", "a: b", None, "multi\nline")


def patch(r: Random, documents: list[Any], *, json: bool = False) -> Patch | None:
    """One patch, or None where this draw has no place for its kind."""
    if not json and r.random() < 0.05:
        return NewDocument(value={"kind": "X", "list": [1, "yes"]}, comment=r.choice(["", "why"]))
    index = r.randrange(len(documents))
    places = list(paths(documents[index]))
    kind = r.choice(["key", "key", "merge", "scalar", "list", "item", "insert", "name", "gone"])
    return globals()[f"_{kind}"](r, index, places)  # type: ignore[no-any-return]  # by name


def _pick(r: Random, places: list[Any], good: Any) -> Any:
    found = [(path, value) for path, value in places if good(path, value)]
    return r.choice(found) if found else (None, None)


def _key(r: Random, index: int, places: list[Any]) -> Patch | None:
    path, value = _pick(
        r, places, lambda p, v: isinstance(v, dict) or (v is None and p and isinstance(p[-1], str))
    )
    if path is None:
        return None
    new = (*path, "zz", "deep") if r.random() < 0.3 else (*path, "zz")
    after = tuple(r.sample(sorted(value), min(len(value), 1))) if isinstance(value, dict) else ()
    after = after if r.random() < 0.4 else ()
    return Set(document=index, path=new, value=copy.deepcopy(r.choice(NEW)), after=after)


def _merge(r: Random, index: int, places: list[Any]) -> Patch | None:
    path, value = _pick(r, places, lambda _, v: isinstance(v, dict))
    if path is None:
        return None
    merged = {"zz": {"a": 1}, "yy": ["ALL"]}
    nested = [key for key, item in value.items() if isinstance(item, dict)]
    if nested:
        merged[r.choice(nested)] = {"ww": False}  # type: ignore[dict-item]  # any value will do
    return Set(document=index, path=path, value=merged)


def _scalar(r: Random, index: int, places: list[Any]) -> Patch | None:
    path, _ = _pick(r, places, lambda p, v: p and not isinstance(v, dict | list))
    return path and Set(document=index, path=path, value=r.choice(SCALARS))


def _list(r: Random, index: int, places: list[Any]) -> Patch | None:
    path, _ = _pick(r, places, lambda p, v: p and isinstance(v, list))
    return path and Set(document=index, path=path, value=r.choice([["ALL"], [], [{"a": 1}, "b"]]))


def _item(r: Random, index: int, places: list[Any]) -> Patch | None:
    path, _ = _pick(r, places, lambda p, v: p and isinstance(v, list))
    return path and Append(document=index, path=path, value=copy.deepcopy(r.choice(ITEMS)))


def _insert(r: Random, index: int, places: list[Any]) -> Patch | None:
    path, value = _pick(r, places, lambda p, v: p and isinstance(v, list))
    if path is None:
        return None
    at = r.randint(0, len(value))
    return Insert(document=index, path=path, index=at, value=copy.deepcopy(r.choice(ITEMS)))


def _name(r: Random, index: int, places: list[Any]) -> Patch | None:
    path, _ = _pick(r, places, lambda p, _: p and isinstance(p[-1], str))
    if path is None:
        return None
    value = KEEP if r.random() < 0.4 else copy.deepcopy(r.choice(NEW))
    return Rename(document=index, path=path, key=r.choice(["valueFrom", "no"]), value=value)


def _gone(r: Random, index: int, places: list[Any]) -> Patch | None:
    path, _ = _pick(r, places, lambda p, _: p)
    return path and Remove(document=index, path=path)
