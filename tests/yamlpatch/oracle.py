"""What patches should do, told twice: on plain data, and read by hands that are not podsec's."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from bot.yamlpatch import KEEP, Append, Insert, NewDocument, Patch, Remove, Rename, Set

_WORDS = {"null": None, "Null": None, "~": None, "": None, "true": True, "True": True}
_WORDS |= {"false": False, "FALSE": False, "False": False}
_INT = re.compile(r"-?(?:0|[1-9][0-9]*)$")


class Impossible(Exception):
    """The patch has no meaning on this data."""


def read_plainly(text: str) -> list[Any]:
    """The documents by libyaml's own composer; scalars as far as the generator writes them."""
    return [_value(node) for node in yaml.compose_all(text, Loader=yaml.CSafeLoader)]


def _value(node: Any) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item) for item in node.value]
    assert isinstance(node, yaml.MappingNode)
    merged: dict[str, Any] = {}
    own: dict[str, Any] = {}
    for key, value in node.value:
        if key.value == "<<" and not key.style:
            for source in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                merged = _value(source) | merged
        else:
            own[key.value] = _value(value)
    return merged | own


def _scalar(node: yaml.ScalarNode) -> Any:
    if node.style:
        return node.value
    if node.value in _WORDS:
        return _WORDS[node.value]
    return int(node.value) if _INT.match(node.value) else node.value


def key_of(data: Any) -> str:
    """Data as text: 1 and True differ, the order of keys does not."""
    if isinstance(data, dict):
        return "{" + ",".join(f"{k!r}:{key_of(v)}" for k, v in sorted(data.items())) + "}"
    if isinstance(data, list | tuple):
        return "[" + ",".join(map(key_of, data)) + "]"
    return repr(data)


def same(one: Any, other: Any) -> bool:
    return key_of(one) == key_of(other)


def apply(documents: Sequence[Any], patches: Sequence[Patch]) -> list[Any]:
    """Plain data with the patches made: all of them speak of the data as it was before."""
    out = copy.deepcopy(list(documents))
    for patch in sorted({repr(patch): patch for patch in patches}.values(), key=_order):
        if isinstance(patch, NewDocument):
            out += [] if any(same(patch.value, one) for one in out) else [_plain(patch.value)]
        elif not patch.path:
            out[patch.document] = _at_root(out[patch.document], patch)
        else:
            _apply(out[patch.document], patch)
    return out


def _order(patch: Patch) -> tuple[Any, ...]:
    if isinstance(patch, NewDocument):
        return (4,)
    if isinstance(patch, Rename):
        return (2, -len(patch.path))
    if isinstance(patch, Remove | Insert):
        path = (*patch.path, patch.index) if isinstance(patch, Insert) else patch.path
        indexes = [-step for step in path if isinstance(step, int)]
        return (3, [*indexes, 10**9], -len(path), isinstance(patch, Insert))
    return (1,) if isinstance(patch, Append) else (0,)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _at_root(data: Any, patch: Patch) -> Any:
    if isinstance(patch, Set):
        return _merge(data, patch.value)
    raise Impossible


def _merge(data: Any, value: Any) -> Any:
    if not (isinstance(data, dict) and isinstance(value, dict)):
        return _plain(value)
    for key, item in value.items():
        data[key] = _merge(data[key], item) if key in data else _plain(item)
    return data


def _apply(data: Any, patch: Any) -> None:
    making = not isinstance(patch, Remove | Rename)
    for step, following in zip(patch.path[:-1], patch.path[1:], strict=True):
        data = _step(data, step, following, making)
    last = patch.path[-1]
    if isinstance(patch, Set):
        if isinstance(last, int) and not (isinstance(data, list) and last < len(data)):
            raise Impossible
        there = data[last] if isinstance(last, int) else data.get(last)
        data[last] = _merge(there, patch.value)
    elif isinstance(patch, Remove):
        if isinstance(data, list):
            del data[last]
        else:
            data.pop(last, None)
    elif isinstance(patch, Rename):
        _rename(data, patch)
    else:
        _add(data, last, patch)


def _step(data: Any, step: Any, following: Any, making: bool) -> Any:
    if isinstance(step, int):
        if not isinstance(data, list) or step >= len(data):
            raise Impossible
        return data[step]
    if not isinstance(data, dict):
        raise Impossible
    if data.get(step) is None:
        if not making or isinstance(following, int):
            raise Impossible
        data[step] = {}
    return data[step]


def _rename(data: Any, patch: Rename) -> None:
    name = patch.path[-1]
    if not isinstance(data, dict) or (name not in data and patch.key not in data):
        raise Impossible
    if name not in data:
        return
    if patch.key in data and patch.key != name:
        raise Impossible
    renamed = {}
    for key, value in data.items():
        if key == name:
            renamed[patch.key] = value if patch.value is KEEP else _plain(patch.value)
        else:
            renamed[key] = value
    data.clear()
    data.update(renamed)


def _add(data: Any, last: Any, patch: Append | Insert) -> None:
    there = data.get(last) if isinstance(data, dict) else data[last]
    if there is None:
        there = data[last] = []
    if not isinstance(there, list):
        raise Impossible
    if not any(same(patch.value, item) for item in there):
        index = patch.index if isinstance(patch, Insert) else len(there)
        there.insert(index, _plain(patch.value))


def paths(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, Any]]:
    """All places with what stands there."""
    yield path, data
    if isinstance(data, dict):
        for key, value in data.items():
            yield from paths(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from paths(value, (*path, index))
