"""The schemas of each Kubernetes release, as the API server means them.

Source: the package kubernetes-validate, which makes them from each release's OpenAPI document
(1.25 and later). The API server is kinder than they are: null is the same as nothing, `status` is
not what people write, and some fields that are required there are in truth defaulted.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bot.frozen import frozen
from bot.kubernetes.version import Version

Node = Mapping[str, Any]
REFERENCE = "#/$defs/"
_RELEASE = re.compile(r"^v1\.(\d+)\.0-local-strict$")
_DEFINITION = re.compile(r'"(io\.k8s\.[\w.-]+)": \{')
_SERVED = re.compile('"x-kubernetes-group-version-kind": ')
_DECODER = json.JSONDecoder()
_KEPT = ("type", "required", "$ref")
# what the API server takes although the schema of some release requires it: the field's zero value
# is valid, or it is defaulted (validation.go and defaults.go of each group)
DEFAULTED = {
    "io.k8s.api.apps.v1.ControllerRevision": ("revision",),
    "io.k8s.api.apps.v1.StatefulSetSpec": ("serviceName",),
    "io.k8s.api.batch.v1.PodFailurePolicyOnPodConditionsPattern": ("status",),
    "io.k8s.api.batch.v1.PodFailurePolicyRule": ("onPodConditions",),
    "io.k8s.api.core.v1.HTTPHeader": ("value",),
    "io.k8s.api.core.v1.ISCSIPersistentVolumeSource": ("lun",),
    "io.k8s.api.core.v1.ISCSIVolumeSource": ("lun",),
    "io.k8s.api.core.v1.LimitRangeSpec": ("limits",),
    "io.k8s.api.core.v1.PreferredSchedulingTerm": ("preference",),
    "io.k8s.api.core.v1.SleepAction": ("seconds",),
    "io.k8s.api.core.v1.Sysctl": ("value",),
    "io.k8s.api.discovery.v1.EndpointSlice": ("endpoints",),
    "io.k8s.api.networking.v1.NetworkPolicySpec": ("podSelector",),
    "io.k8s.api.rbac.v1.RoleRef": ("apiGroup",),
    "io.k8s.api.scheduling.v1.PriorityClass": ("value",),
    "io.k8s.api.storage.v1.CSIDriver": ("spec",),
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionVersion": (
        "served",
        "storage",
    ),
}
# read from strings and numbers alike (intstr.IntOrString, resource.Quantity)
_SCALARS = {
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": ("string", "integer", "null"),
    "io.k8s.apimachinery.pkg.api.resource.Quantity": ("string", "number", "null"),
}


@frozen(kw_only=False)
class _Release:
    """The definitions of one release: a large text, of which only what is asked for is parsed."""

    text: str
    starts: Mapping[str, int]
    """By name, where a definition begins."""
    kinds: Mapping[tuple[str, str], str]
    """By apiVersion and kind: the name of the definition."""

    def definition(self, name: str) -> Node:
        """One definition, with the words for people."""
        found: Node = _DECODER.raw_decode(self.text, self.starts[name])[0]
        return found


@cache
def releases() -> dict[int, Path]:
    """The folders of schemas, by minor version. The package itself is not imported: 0.2 s."""
    spec = find_spec("kubernetes_validate")
    if spec is None or not spec.submodule_search_locations:
        return {}
    root = Path(spec.submodule_search_locations[0]) / "kubernetes-json-schema"
    found = ((_RELEASE.match(folder.name), folder) for folder in root.iterdir())
    return {int(match[1]): folder for match, folder in found if match is not None}


def _release(version: Version) -> int | None:
    """The release to judge by; none is known for what is newer than all."""
    known = releases()
    if not known or version.minor > max(known):
        return None
    return max(version.minor, min(known))


@cache
def _release_of(minor: int) -> _Release:
    text = (releases()[minor] / "_definitions.json").read_text(encoding="utf-8")
    starts = {found[1]: found.end() - 1 for found in _DEFINITION.finditer(text)}
    names, offsets = list(starts), list(starts.values())
    kinds = {}
    for found in _SERVED.finditer(text):
        name = names[bisect_right(offsets, found.start()) - 1]
        for served in _DECODER.raw_decode(text, found.end())[0]:
            group = f"{served['group']}/" if served["group"] else ""
            kinds[f"{group}{served['version']}", served["kind"]] = name
    return _Release(text, starts, kinds)


@lru_cache(maxsize=4096)
def definition_of(api_version: str, kind: str, version: Version) -> tuple[int, str] | None:
    """The release that judges a kind under a version, and the name of its definition there."""
    release = _release(version)
    name = None if release is None else _release_of(release).kinds.get((api_version, kind))
    if release is None or name is None:
        return None
    is_object = "metadata" in _release_of(release).definition(name).get("properties", ())
    return (release, name) if is_object else None


def schema_of(release: int, name: str) -> dict[str, Any]:
    """One kind's schema with all that it refers to, and nothing else."""
    definition = _release_of(release).definition
    needed: dict[str, Node] = {}
    todo = [name]
    while todo:
        one = todo.pop()
        if one not in needed:
            needed[one] = _lenient(one, definition(one), root=one == name)
            todo += _references(needed[one])
    return {"$ref": REFERENCE + name, "$defs": needed}


def _lenient(name: str, definition: Node, *, root: bool = False) -> Node:
    """A definition as the API server reads it, without what only people read."""
    if name in _SCALARS:
        return {"type": list(_SCALARS[name])}
    lenient = dict(_pruned(definition))
    if "required" in lenient:
        defaulted = DEFAULTED.get(name, ())
        lenient["required"] = [field for field in lenient["required"] if field not in defaulted]
    for field, schema in lenient.get("properties", {}).items():
        if field not in lenient.get("required", ()):
            _or_null(schema)
    if root and "status" in lenient.get("properties", ()):
        lenient["properties"]["status"] = {}
    return lenient


def _pruned(schema: Node) -> Node:
    kept: dict[str, Any] = {key: schema[key] for key in _KEPT if key in schema}
    if isinstance(schema.get("type"), str):
        kept["type"] = [schema["type"]]
    if "properties" in schema:
        kept["properties"] = {k: _pruned(v) for k, v in schema["properties"].items()}
    for key in ("items", "additionalProperties"):
        if key in schema:
            below = schema[key]
            kept[key] = _or_null(_pruned(below)) if isinstance(below, dict) else below
    return kept


def _or_null(schema: Any) -> Any:
    """The schema with null allowed: Go reads it as the zero value."""
    types = schema.get("type")
    if types is not None and "null" not in types:
        schema["type"] = [*types, "null"]
    return schema


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        reference = schema.get("$ref")
        if isinstance(reference, str):
            yield reference.removeprefix(REFERENCE)
        for below in schema.values():
            yield from _references(below)
