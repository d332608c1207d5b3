"""All objects in scope, as far as one object may be judged by another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from itertools import chain
from typing import Any, TypeVar, cast

from bot.frozen import frozen
from bot.kubernetes import kustomization
from bot.kubernetes.evidence import Evidence
from bot.kubernetes.workload import CONTAINER_LISTS, as_mapping, dig, reach
from bot.yamlpatch import Path

_T = TypeVar("_T")

# kinds that are kept whole: what they say is about other objects
_WHOLE = frozenset(
    {
        "NetworkPolicy",
        "CiliumNetworkPolicy",
        "CiliumClusterwideNetworkPolicy",
        "GlobalNetworkPolicy",
        "AdminNetworkPolicy",
        "BaselineAdminNetworkPolicy",
        "ClusterNetworkPolicy",
        "ServiceAccount",
        "RoleBinding",
        "ClusterRoleBinding",
        "Service",
        "Namespace",
        "LimitRange",
        "ResourceQuota",
        "VerticalPodAutoscaler",
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
# not what fixes change: a view must not be built anew for each
_CONTAINER_FIELDS = ("name", "ports", "envFrom")


@frozen
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

    @property
    def group(self) -> str:
        """The API group, empty for the core."""
        return self.api_version.rpartition("/")[0]

    @property
    def identity(self) -> tuple[str, str, str, str | None, Path | None]:
        """What it is, whatever it says."""
        return self.api_version, self.kind, self.name, self.namespace, self.pod_path


_ALL = "*"
_PRESENT = "what there is"


@frozen(kw_only=False)
class View:
    """The objects of a check; `complete`: a whole directory, so that absence means absence."""

    _objects: tuple[Seen, ...] = ()
    complete: bool = False
    evidence: Evidence | None = field(default=None, compare=False)
    """What fixes may rest on: the objects as they were before any fix."""
    _by_kind: dict[str, list[Seen]] = field(default_factory=dict, compare=False)
    _by_file: dict[str, tuple[Seen, ...]] = field(default_factory=dict, compare=False)
    _derived: dict[Callable[[View], Any], Any] = field(default_factory=dict, compare=False)
    _read: dict[Callable[[View], Any], frozenset[str]] = field(default_factory=dict, compare=False)
    """The kinds that each was derived from."""
    _reading: list[set[str]] = field(default_factory=list, compare=False)
    """The kinds asked for so far, by what is being derived now, innermost last."""

    def __post_init__(self) -> None:
        if self._by_file:  # sorted already, by the view that this one is made from
            return
        files: dict[str, list[Seen]] = {}
        for seen in self._objects:
            self._by_kind.setdefault(seen.kind, []).append(seen)
            files.setdefault(seen.file, []).append(seen)
        self._by_file.update((file, tuple(found)) for file, found in files.items())

    @property
    def objects(self) -> tuple[Seen, ...]:
        """All objects, in order of file."""
        self._note((_ALL,))
        return self._objects

    @property
    def present(self) -> tuple[Seen, ...]:
        """All objects, for who asks what they are and where, and not what they say."""
        self._note((_PRESENT,))
        return self._objects

    def of_kind(self, *kinds: str) -> Iterator[Seen]:
        """The objects of some kinds, in order of file."""
        self._note(kinds)
        for kind in kinds:
            yield from self._by_kind.get(kind, ())

    def of_file(self, file: str) -> tuple[Seen, ...]:
        """The objects of one file."""
        self._note((_ALL,))
        return self._by_file.get(file, ())

    def with_file(self, file: str, objects: Iterable[Seen]) -> View:
        """The view after a file has changed; the same one if nothing that is asked for has.

        What was derived from other kinds than those that changed is not derived again, and only the
        objects of those are sorted again: in a large tree one file changes after the other.
        """
        before, after = self._by_file.get(file, ()), tuple(objects)
        if before == after:
            return self
        files = {**self._by_file, file: after}
        changed = {
            *(seen.kind for seen in before if seen not in after),
            *(seen.kind for seen in after if seen not in before),
        }
        kinds = {kind: self._without(kind, file) for kind in changed}
        for seen in after:
            if seen.kind in changed:
                kinds[seen.kind].append(seen)
        asked = {*changed, _ALL}
        if [seen.identity for seen in before] != [seen.identity for seen in after]:
            asked.add(_PRESENT)
        kept = {make: read for make, read in self._read.items() if not read & asked}
        return View(
            tuple(chain.from_iterable(files.values())),
            self.complete,
            self.evidence,
            {**self._by_kind, **kinds},
            files,
            _derived={make: self._derived[make] for make in kept},
            _read=kept,
        )

    def _without(self, kind: str, file: str) -> list[Seen]:
        return [seen for seen in self._by_kind.get(kind, ()) if seen.file != file]

    def with_more(self, objects: Iterable[Seen]) -> View:
        """The view with further objects."""
        more = tuple(objects)
        return View((*self._objects, *more), self.complete, self.evidence) if more else self

    def workloads(self) -> Iterator[Seen]:
        """The objects that make pods."""
        return (seen for seen in self.objects if seen.pod_path is not None)

    def derived(self, make: Callable[[View], _T]) -> _T:
        """What `make` makes of this view: made once, however many ask.

        `make` reads the view while it is called, and keeps no hold of it.
        """
        if make not in self._derived:
            self._reading.append(set())
            try:
                self._derived[make] = make(self)
            finally:
                self._read[make] = frozenset(self._reading.pop())
        self._note(self._read[make])
        return cast("_T", self._derived[make])

    def _note(self, kinds: Iterable[str]) -> None:
        if self._reading:
            self._reading[-1].update(kinds)


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
        kept = {"metadata": data.get("metadata"), "type": data.get("type"), "sops": "sops" in data}
        return {**kept, **_keys(data, _KEYED[kind])}
    if kind in _WHOLE:
        return data
    if kustomization.is_kustomization(api_version, kind):
        return kustomization.pruned(data)
    return None if _is_built_in(api_version) else _custom(data, kind)


def _is_built_in(api_version: str) -> bool:
    """Whether Kubernetes or one of its own projects brings the group."""
    group = api_version.rpartition("/")[0]
    return "." not in group or group.endswith(".k8s.io")


def _custom(data: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """Of a custom resource: that it is there, and the Secret that it is known to make."""
    if kind == "ExternalSecret":
        return _external(data)
    if kind == "SealedSecret":
        parts = (dig(data, f"spec.{part}") for part in ("encryptedData", "template.data"))
        return {"data": {str(key): None for part in parts for key in as_mapping(part)}}
    return {}


def _external(data: Mapping[str, Any]) -> dict[str, Any]:
    """The Secret that External Secrets makes, its keys, and the store that they come from."""
    listed = dig(data, "spec.data")
    keys = [
        as_mapping(one).get("secretKey") for one in (listed if isinstance(listed, list) else ())
    ]
    return {
        "target": dig(data, "spec.target.name"),
        "keys": [key for key in keys if isinstance(key, str)],
        "store": dig(data, "spec.secretStoreRef"),
    }


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
    kept: dict[str, Any] = {"metadata": metadata, str(pod_path[-1]): pod}
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
