"""Pods and containers with effective values: inheritance lives here, once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.yamlpatch import Path

CONTAINER_LISTS = ("initContainers", "containers", "ephemeralContainers")
# what a container inherits from its pod where it says nothing itself (PodSecurityContext, v1)
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
# fields of the pod's securityContext that a container does not have
POD_ONLY = (
    "fsGroup",
    "fsGroupChangePolicy",
    "supplementalGroups",
    "supplementalGroupsPolicy",
    "sysctls",
)
_OS_LABEL = "kubernetes.io/os"


def dig(data: Any, field: str) -> Any:
    """The value at a dotted field, None where a step is missing."""
    for step in field.split("."):
        if isinstance(data, list) and step.isdigit() and int(step) < len(data):
            data = data[int(step)]
        elif isinstance(data, Mapping):
            data = data.get(step)
        else:
            return None
    return data


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """A pod spec; `path` is where it stands below the document's root."""

    spec: Mapping[str, Any]
    path: Path
    name: str
    image: str = ""

    def field(self, field: str) -> Any:
        """The value of a dotted field."""
        return dig(self.spec, field)

    own = field

    @property
    def is_windows(self) -> bool:
        """`spec.os.name` decides; a node selector is a hint."""
        name = self.field("os.name")
        if name is None:
            name = (self.spec.get("nodeSelector") or {}).get(_OS_LABEL)
        return bool(name == "windows")

    @property
    def containers(self) -> Iterator[Container]:
        """All containers: init, main, ephemeral."""
        for which in CONTAINER_LISTS:
            listed = self.spec.get(which)
            for index, spec in enumerate(listed if isinstance(listed, list) else ()):
                if isinstance(spec, Mapping):
                    yield Container(
                        spec=spec, list=which, pod=self, path=(*self.path, which, index)
                    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One container of a pod."""

    spec: Mapping[str, Any]
    list: str
    pod: Pod
    path: Path

    @property
    def name(self) -> str:
        """Its name, empty where it has none."""
        return str(self.spec.get("name") or "")

    @property
    def image(self) -> str:
        """Its image reference as written."""
        return str(self.spec.get("image") or "")

    @property
    def is_sidecar(self) -> bool:
        """A native sidecar: an init container that lives as long as the pod (KEP-753)."""
        return self.list == "initContainers" and self.spec.get("restartPolicy") == "Always"

    def own(self, field: str) -> Any:
        """The container's own value of a dotted field."""
        return dig(self.spec, field)

    def field(self, field: str) -> Any:
        """The effective value: its own, else what the pod gives it."""
        value = self.own(field)
        steps = field.split(".")
        inherits = steps[0] == "securityContext" and len(steps) > 1 and steps[1] in INHERITED
        if inherits and self.own(".".join(steps[:2])) is None:
            return self.pod.field(field)
        return value
