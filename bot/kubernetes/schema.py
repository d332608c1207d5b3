"""What of an object the API server would not take, by Kubernetes' own JSON schemas."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any, Literal

import jsonschema_rs

from bot.frozen import frozen
from bot.kubernetes.released_schema import REFERENCE, Node, definition_of, schema_of
from bot.kubernetes.version import Version
from bot.kubernetes.whereabouts import Fields
from bot.yamlpatch import Path

Fault = Literal["unknown", "type", "missing"]
# what something else replaces before the object is applied: Flux, Helm, Argo, sops, people
_PLACEHOLDER = re.compile(r"\$\{|\{\{|\$\(|%\{|^ENC\[|^<.*>$|^__\w+__$|^@\w+@$")
# what sops adds to the objects that it encrypts, and takes away again
_ENCRYPTED = ("sops",)
_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: (
        isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
    ),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
    "string": lambda value: isinstance(value, str),
}
_NOTHING: Node = {}
_NEAR = 2
_MOST = 20


@frozen
class Problem:
    """What the API server would refuse, `path` below the object."""

    fault: Fault
    path: Path
    expected: tuple[str, ...] = ()
    """The JSON types that belong there, where the type is wrong."""
    similar: str | None = None
    """A field of the same object that is spelled nearly as an unknown one."""
    home: str | None = None
    """Where, below the object, a field of this name exists; `[]` stands for any item of a list."""

    @property
    def may_be_added(self) -> bool:
        """Whether kustomize may supply what is missing: selectors and namespaces, or all of it.

        An object that lacks a field so near its root may be a patch.
        """
        return self.fault == "missing" and (len(self.path) <= _NEAR or self.path[-1] == "namespace")


def problems(
    data: Mapping[str, Any], api_version: str, kind: str, version: Version
) -> tuple[Problem, ...]:
    """What of an object the API server of that version would refuse, in the schema's order.

    20 problems at most: what has more is no object of this kind. Nothing is said of kinds without
    a schema (custom resources, API versions that the release does not serve); older releases than
    the oldest known are judged by that one: fields are only added.
    """
    known = definition_of(api_version, kind, version)
    schema = None if known is None else _compiled(*known)
    return () if schema is None else schema.answer(data)


def has_schema(api_version: str, kind: str, version: Version) -> bool:
    """Whether a kind can be judged by its schema."""
    return definition_of(api_version, kind, version) is not None


@cache
def _compiled(release: int, name: str) -> _Schema:
    """About 5 ms for a Deployment; the first kind of a release costs 15 ms more."""
    return _Schema(schema_of(release, name))


class _Schema:
    """One kind's schema, compiled; the walk in Python is for what it refuses alone."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._schema = schema
        self._definitions: Mapping[str, Node] = schema["$defs"]
        self._validator = jsonschema_rs.validator_for(schema)
        self._latest: tuple[Mapping[str, Any], tuple[Problem, ...]] | None = None

    def answer(self, data: Mapping[str, Any]) -> tuple[Problem, ...]:
        """The problems of an object; two rules ask for them, one after the other."""
        latest = self._latest
        if latest is None or latest[0] is not data:
            found = () if self.accepts(data) else tuple(islice(self.problems(data), _MOST))
            latest = self._latest = (data, found)
        return latest[1]

    def accepts(self, data: Mapping[str, Any]) -> bool:
        """Whether the API server would take the object as it stands: some microseconds."""
        return bool(self._validator.is_valid(data))

    def problems(self, data: Mapping[str, Any]) -> Iterator[Problem]:
        """One by one, where the validator would collect them all before it gives the first."""
        return self._below(self._schema, data, ())

    def _below(self, schema: Node, value: Any, path: Path) -> Iterator[Problem]:
        while (reference := schema.get("$ref")) is not None:
            schema = self._definitions[reference.removeprefix(REFERENCE)]
        types = schema.get("type")
        if types is not None and not _is_of(value, types):
            if not _is_placeholder(value):
                fault: Fault = "missing" if value is None else "type"
                yield Problem(fault=fault, path=path, expected=tuple(types))
        elif isinstance(value, dict):
            yield from self._in_mapping(schema, value, path)
        elif isinstance(value, list) and "items" in schema:
            for index, item in enumerate(value):
                yield from self._below(schema["items"], item, (*path, index))

    def _in_mapping(self, schema: Node, value: dict[str, Any], path: Path) -> Iterator[Problem]:
        for name in schema.get("required", ()):
            if name not in value:
                yield Problem(fault="missing", path=(*path, name))
        known, others = schema.get("properties", _NOTHING), schema.get("additionalProperties")
        for name, item in value.items():
            below = known.get(name, others)
            if isinstance(below, dict):
                yield from self._below(below, item, (*path, name))
            elif below is False and (path or name not in _ENCRYPTED):
                fields = Fields(self._schema, path)
                similar, home = fields.similar(name), fields.home(name)
                yield Problem(fault="unknown", path=(*path, name), similar=similar, home=home)


def _is_of(value: Any, types: Sequence[str]) -> bool:
    """Whether a value is of one of some JSON types."""
    return any(_TYPES[name](value) for name in types)


def _is_placeholder(value: Any) -> bool:
    return isinstance(value, str) and _PLACEHOLDER.search(value) is not None
