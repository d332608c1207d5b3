"""Pods and containers with effective values: inheritance lives here, once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field as dataclass_field
from functools import lru_cache
from typing import Any

from bot.frozen import frozen
from bot.yamlpatch import Path

CONTAINER_LISTS = ("initContainers", "containers", "ephemeralContainers")
# what a container inherits from its pod where it says nothing itself (PodSecurityContext, v1;
# securitycontext.DetermineEffectiveSecurityContext in the kubelet)
INHERITED = frozenset(
    {
        "runAsUser",
        "runAsGroup",
        "runAsNonRoot",
        "seccompProfile",
        "seLinuxOptions",
        "appArmorProfile",
        "windowsOptions",
    }
)
# of these, the one whose fields are inherited one by one; of the others the whole value is
_MERGED = frozenset({"windowsOptions"})
# fields of the pod's securityContext that a container does not have
POD_ONLY = (
    "fsGroup",
    "fsGroupChangePolicy",
    "supplementalGroups",
    "supplementalGroupsPolicy",
    "sysctls",
)
_OS_LABEL = "kubernetes.io/os"
_NOTHING: Mapping[str, Any] = {}


@lru_cache(maxsize=1024)
def _split(field: str) -> list[str]:
    return field.split(".")


def dig(data: Any, field: str) -> Any:
    """The value at a dotted field, None where a step is missing."""
    for step in _split(field):
        if isinstance(data, dict):
            data = data.get(step)
        elif step.isdigit():
            data = below(data, int(step))
        else:
            return None
    return data


def below(data: Any, step: str | int) -> Any:
    """What is one step below, None where nothing is."""
    if isinstance(data, dict):
        return data.get(str(step))
    if isinstance(data, list) and isinstance(step, int) and step < len(data):
        return data[step]
    return None


def reach(data: Any, path: Path) -> Any:
    """The value at a path, None where a step is missing."""
    for step in path:
        data = below(data, step)
        if data is None:
            return None
    return data


def as_mapping(data: Any) -> Mapping[str, Any]:
    """The value if it is a mapping, else an empty one: manifests hold anything anywhere."""
    return data if isinstance(data, dict) else _NOTHING


def as_list(data: Any) -> Sequence[Any]:
    """The value if it is a list, else an empty one."""
    return data if isinstance(data, list) else ()


@frozen
class Object:
    """One Kubernetes object; `path` is where it stands in its document (not empty in a List)."""

    spec: Mapping[str, Any]
    """The whole object: a rule's dotted fields start here."""
    path: Path
    api_version: str
    kind: str
    name: str
    namespace: str | None
    file: str

    def field(self, field: str) -> Any:
        """The value of a dotted field."""
        return dig(self.spec, field)

    own = field

    def at(self, steps: Path) -> Path:
        """Where a field of it stands below the document's root."""
        return (*self.path, *steps)

    @property
    def group(self) -> str:
        """The API group, empty for the core."""
        return self.api_version.rpartition("/")[0]


@frozen
class Pod:
    """A pod spec; `path` is where it stands below the document's root.

    `owner` is the object that makes the pod, or the Pod itself; `metadata` is the pod's own.
    """

    spec: Mapping[str, Any]
    path: Path
    name: str
    owner: Object
    metadata: Mapping[str, Any] = dataclass_field(default_factory=dict)
    listed: tuple[tuple[str, Path], ...] | None = None
    """Where its containers stand below it, by list; None where in the lists of a pod spec."""

    def field(self, field: str) -> Any:
        """The value of a dotted field."""
        return dig(self.spec, field)

    own = field

    def at(self, steps: Path) -> Path:
        """Where a field of it stands below the document's root: its metadata is beside its spec."""
        if steps[:1] == ("metadata",):
            return (*self.path[:-1], *steps)
        return (*self.path, *steps)

    @property
    def security(self) -> Mapping[str, Any]:
        """Its securityContext, empty where it has none."""
        return as_mapping(self.spec.get("securityContext"))

    @property
    def in_user_namespace(self) -> bool:
        """Whether its users are not the node's: only an explicit `hostUsers: false` (KEP-127)."""
        return self.spec.get("hostUsers") is False

    @property
    def namespace(self) -> str | None:
        """The namespace as written; None where something else decides it."""
        return self.owner.namespace

    @property
    def os(self) -> str | None:
        """What `spec.os.name` says: for the API server it alone decides (KEP-2802)."""
        name = self.field("os.name")
        return name if isinstance(name, str) else None

    @property
    def is_windows(self) -> bool:
        """Whether it is to run on Windows: `spec.os.name`, else the node selector as a hint."""
        name = self.os
        if name is None:
            selector = self.spec.get("nodeSelector")
            name = selector.get(_OS_LABEL) if isinstance(selector, Mapping) else None
        return bool(name == "windows")

    @property
    def labels(self) -> Mapping[str, Any]:
        """The labels of the pods."""
        found = self.metadata.get("labels")
        return found if isinstance(found, Mapping) else {}

    @property
    def annotations(self) -> Mapping[str, Any]:
        """The annotations of the pods."""
        found = self.metadata.get("annotations")
        return found if isinstance(found, Mapping) else {}

    @property
    def containers(self) -> Iterator[Container]:
        """All containers: init, main, ephemeral."""
        if self.listed is not None:
            for which, path in self.listed:
                spec = reach(self.spec, path)
                yield Container(spec=spec, list=which, pod=self, path=(*self.path, *path))
            return
        for which in CONTAINER_LISTS:
            listed = self.spec.get(which)
            for index, spec in enumerate(listed if isinstance(listed, list) else ()):
                if isinstance(spec, Mapping):
                    yield Container(
                        spec=spec, list=which, pod=self, path=(*self.path, which, index)
                    )


@frozen
class Container:
    """One container of a pod."""

    spec: Mapping[str, Any]
    list: str
    pod: Pod
    path: Path

    @property
    def name(self) -> str:
        """Its name, empty where it has none; in a piece of a pod that needs none, the piece's."""
        own = self.spec.get("name")
        if own is None and self.pod.listed is not None:
            own = self.pod.spec.get("name") or self.pod.name
        return str(own or "")

    @property
    def image(self) -> str:
        """Its image reference as written."""
        return str(self.spec.get("image") or "")

    @property
    def is_sidecar(self) -> bool:
        """A native sidecar: an init container that lives as long as the pod (KEP-753)."""
        return self.list == "initContainers" and self.spec.get("restartPolicy") == "Always"

    def at(self, steps: Path) -> Path:
        """Where a field of it stands below the document's root."""
        return (*self.path, *steps)

    def below_pod(self, field: str) -> str:
        """A field of it as one of its pod: `initContainers.0.image`."""
        return f"{self.list}.{self.path[-1]}.{field}"

    @property
    def security(self) -> Mapping[str, Any]:
        """Its own securityContext, empty where it has none."""
        return as_mapping(self.spec.get("securityContext"))

    def own(self, field: str) -> Any:
        """The container's own value of a dotted field."""
        return dig(self.spec, field)

    def field(self, field: str) -> Any:
        """The effective value: its own, else what the pod gives it."""
        value = self.own(field)
        if value is not None or not field.startswith("securityContext."):
            return value
        name = field.split(".", 2)[1]
        if name in INHERITED and (name in _MERGED or self.security.get(name) is None):
            return self.pod.field(field)
        return None
