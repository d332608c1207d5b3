"""Which field an unknown one was meant to be, and where a misplaced one belongs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from bot.yamlpatch import Path

Node = Mapping[str, Any]
_NO_FIELDS: Node = {}
_ALIKE = 0.8
# a field is looked for this many objects further down
_DEEPEST = 3
# a name that so many kinds of objects have says nothing about where it belongs
_COMMON = 6
# beside an unknown field's own line of objects, only these are looked into: others that happen to
# have a field of that name are somebody else's, such as another kind of volume
_ASIDE = ("metadata", "spec", "securityContext", "resources")


class Fields:
    """The fields around one place of an object, by the schema of its kind."""

    def __init__(self, schema: Node, path: Path) -> None:
        """Take `schema` with its `$defs`, and the `path` of an object that it describes."""
        self._definitions: Mapping[str, Node] = schema["$defs"]
        self._ancestors: list[tuple[Path, Node]] = [((), self._resolved(schema))]
        for depth, step in enumerate(path, 1):
            below = self._resolved(_below(self._ancestors[-1][1], step))
            self._ancestors.append((path[:depth], below))

    def similar(self, name: str) -> str | None:
        """The field of this object that is spelled nearly as `name`."""
        known = list(_fields(self._ancestors[-1][1]))
        folded = {field.casefold(): field for field in known}
        if name.casefold() in folded:
            return folded[name.casefold()]
        return next(iter(get_close_matches(name, known, n=1, cutoff=_ALIKE)), None)

    def home(self, name: str) -> str | None:
        """The nearest other place that has a field `name`: below this one first, then around it."""
        owners = sum(name in _fields(node) for node in self._definitions.values())
        if not 0 < owners < _COMMON:
            return None
        seen: set[int] = set()
        for path, node in reversed(self._ancestors):
            inside = path == self._ancestors[-1][0]
            for place, found in self._around(node, seen):
                if name in _fields(found) and (inside or not place or place.endswith(_ASIDE)):
                    return (_dotted(path) + place).removeprefix(".")
        return None

    def _around(self, node: Node, seen: set[int]) -> Iterator[tuple[str, Node]]:
        """The objects at and below a node with their places, the nearest first."""
        row = [("", node)]
        for _ in range(_DEEPEST + 1):
            following: list[tuple[str, Node]] = []
            for place, one in row:
                if id(one) in seen:
                    continue
                seen.add(id(one))
                yield place, one
                for field, schema in _fields(one).items():
                    listed, below = self._object_of(schema)
                    following.append((f"{place}.{field}{listed}", below))
            row = following

    def _object_of(self, schema: Node) -> tuple[str, Node]:
        """The object that a field holds, or that each item of its list is."""
        resolved = self._resolved(schema)
        items = resolved.get("items")
        return ("[]", self._resolved(items)) if isinstance(items, dict) else ("", resolved)

    def _resolved(self, schema: Node) -> Node:
        reference = schema.get("$ref")
        if isinstance(reference, str):
            return self._definitions[reference.rpartition("/")[2]]
        return schema


def _fields(node: Node) -> Mapping[str, Node]:
    fields: Mapping[str, Node] = node.get("properties", _NO_FIELDS)
    return fields


def _below(node: Node, step: str | int) -> Node:
    if isinstance(step, int):
        found = node.get("items", _NO_FIELDS)
    else:
        found = _fields(node).get(step, node.get("additionalProperties", _NO_FIELDS))
    return found if isinstance(found, dict) else _NO_FIELDS


def _dotted(path: Path) -> str:
    """A path with `[]` for the number of a list's item."""
    return "".join("[]" if isinstance(step, int) else f".{step}" for step in path)
