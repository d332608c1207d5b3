"""All objects in scope, as far as one object may be judged by another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.kubernetes.workload import CONTAINER_LISTS, dig, reach
from bot.yamlpatch import Path

# kinds that are kept whole: what they say is about other objects
_WHOLE = frozenset(
    {
        "NetworkPolicy",
        "CiliumNetworkPolicy",
        "CiliumClusterwideNetworkPolicy",
        "GlobalNetworkPolicy",
        "AdminNetworkPolicy",
        "BaselineAdminNetworkPolicy",
        "ServiceAccount",
        "RoleBinding",
        "ClusterRoleBinding",
        "Service",
        "Namespace",
        "LimitRange",
        "ResourceQuota",
    }
)
# kinds whose keys matter, not their values
_KEYED = {"ConfigMap": ("data", "binaryData"), "Secret": ("data", "stringData")}
_POD_FIELDS = (
    "serviceAccountName",
    "serviceAccount",
    "automountServiceAccountToken",
    "hostNetwork",
    "volumes",
)
_CONTAINER_FIELDS = ("name", "image", "ports", "envFrom", "resources", "securityContext")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One object, pruned to what others may ask of it: no value of a Secret or ConfigMap."""

    file: str
    api_version: str
    kind: str
    name: str
    namespace: str | None
    data: Mapping[str, Any]
    pod_path: Path | None = None

    @property
    def labels(self) -> Mapping[str, Any]:
        """The object's own labels."""
        found = dig(self.data, "metadata.labels")
        return found if isinstance(found, Mapping) else {}

    @property
    def pod_labels(self) -> Mapping[str, Any]:
        """The labels of the pods that a workload makes."""
        return template_labels(self.data, self.pod_path or ())

    @property
    def pod(self) -> Mapping[str, Any]:
        """The pruned pod spec of a workload; empty for other kinds."""
        found = reach(self.data, self.pod_path) if self.pod_path else None
        return found if isinstance(found, Mapping) else {}


@dataclass(frozen=True, slots=True)
class View:
    """The objects of a check; `complete`: a whole directory, so that absence means absence."""

    objects: tuple[Seen, ...] = ()
    complete: bool = False
    _by_kind: dict[str, list[Seen]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for seen in self.objects:
            self._by_kind.setdefault(seen.kind, []).append(seen)

    def of_kind(self, *kinds: str) -> Iterator[Seen]:
        """The objects of some kinds, in order of file."""
        for kind in kinds:
            yield from self._by_kind.get(kind, ())

    def with_file(self, file: str, objects: Iterable[Seen]) -> View:
        """The view after a file has changed."""
        others = tuple(seen for seen in self.objects if seen.file != file)
        return View((*others, *objects), self.complete)

    def workloads(self) -> Iterator[Seen]:
        """The objects that make pods."""
        return (seen for seen in self.objects if seen.pod_path is not None)


NOTHING = View()
"""No other object is known."""


def template_labels(data: Mapping[str, Any], pod_path: Path) -> Mapping[str, Any]:
    """The labels of a workload's pods; a Pod's own."""
    found = reach(data, (*pod_path[:-1], "metadata", "labels"))
    return found if isinstance(found, Mapping) else {}


def prune(
    data: Mapping[str, Any], kind: str, api_version: str, pod_path: Path | None
) -> Mapping[str, Any] | None:
    """What is kept of an object, or None where no other object asks for it."""
    if pod_path is not None:
        return _workload(data, pod_path)
    if kind in _KEYED:
        return {"metadata": data.get("metadata"), **_keys(data, _KEYED[kind])}
    if kind in _WHOLE or kind in ("ExternalSecret", "SealedSecret", "SecretProviderClass"):
        return data
    del api_version
    return None


def _keys(data: Mapping[str, Any], fields: Iterable[str]) -> dict[str, dict[str, None]]:
    return {
        name: dict.fromkeys(map(str, data[name]))
        for name in fields
        if isinstance(data.get(name), Mapping)
    }


def _workload(data: Mapping[str, Any], pod_path: Path) -> dict[str, Any]:
    """The object with its pod template reduced to what the fields above name."""
    spec = reach(data, pod_path)
    pod: dict[str, Any] = {}
    if isinstance(spec, Mapping):
        pod = {name: spec[name] for name in _POD_FIELDS if name in spec}
        for which in CONTAINER_LISTS:
            listed = spec.get(which)
            if isinstance(listed, list):
                pod[which] = [_container(one) for one in listed if isinstance(one, Mapping)]
    metadata = reach(data, (*pod_path[:-1], "metadata"))
    kept: dict[str, Any] = {"spec": pod, "metadata": metadata}
    for step in reversed(pod_path[:-1]):
        kept = {str(step): kept}
    return {**kept, "metadata": data.get("metadata")}


def _container(container: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: container[name] for name in _CONTAINER_FIELDS if name in container}
    env = container.get("env")
    kept["env"] = [
        {"name": entry.get("name"), "valueFrom": entry["valueFrom"]}
        for entry in (env if isinstance(env, list) else ())
        if isinstance(entry, Mapping) and "valueFrom" in entry
    ]
    return kept
