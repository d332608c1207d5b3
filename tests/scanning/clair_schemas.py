"""Clair's own JSON schemas, and the recorded reports as the newest Clair would write them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource


class Schemas:
    def __init__(self, shared: Path) -> None:
        self._schemas = {
            path.name: json.loads(path.read_bytes())
            for path in (shared / "reports" / "clair-schemas").glob("*.json")
        }
        named = [(s["$id"], Resource.from_contents(s)) for s in self._schemas.values()]
        self._registry: Registry[Any] = Registry().with_resources(named)
        self._right: set[tuple[str, bytes]] = set()

    def are_right(self, name: str, document: Any) -> bool:
        """Whether a document is as its schema says; a large one is looked at once."""
        key = name, hashlib.sha256(json.dumps(document).encode()).digest()
        if key not in self._right and not self.faults(name, document):
            self._right.add(key)
        return key in self._right

    def faults(self, name: str, document: Any) -> list[str]:
        """What in a document is not as its schema says."""
        schema = self._schemas[f"{name}.schema.json"]
        checker = Draft202012Validator(schema, registry=self._registry)
        return [
            f"{'.'.join(map(str, error.absolute_path))}: {error.message}"
            for error in checker.iter_errors(document)
        ]


def newest(report: Any) -> Any:
    """A recorded report in the words of the newest schema: older Clairs wrote some in another way.

    Kinds were in lower case, absent texts and lists were "" and null, `arch_op` was left out.
    """
    return {key: _newest(key, value) for key, value in report.items()}


def _newest(key: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_newest(key, item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {k: _newest(k, v) for k, v in _kept(value)}
    if "kind" in found:
        found["kind"] = found["kind"].upper()
    if "updater" in found and "package" in found:
        found["arch_op"] = "equals"
        found["distribution"].setdefault("id", "")
        found["repository"].setdefault("id", "")
    if key == "source" and not found.get("name"):
        found |= {"name": "", "version": ""}
    return found


def _kept(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, item in value.items():
        if item is None or (key in ("cpe", "kind", "uri") and item == ""):
            continue
        yield key, item
