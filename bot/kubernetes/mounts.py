"""What is mounted into a container, and from where."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, Literal

from bot.frozen import frozen
from bot.kubernetes.workload import Container, Pod, as_list, as_mapping

Origin = Literal["claim", "empty", "given", "node", "other"]
"""A persistent claim; an emptyDir; ConfigMap, Secret and their like; the node; anything else."""

_ORIGINS: Mapping[str, Origin] = {
    "persistentVolumeClaim": "claim",
    "ephemeral": "claim",
    "emptyDir": "empty",
    "configMap": "given",
    "secret": "given",
    "projected": "given",
    "downwardAPI": "given",
    "hostPath": "node",
}
_NAME = re.compile(r"[^a-z0-9]+")
_LONGEST_NAME = 63
_GROUP = 0o070


@frozen
class Mount:
    """One volumeMount; `path` has no slash at its end."""

    path: str
    volume: str
    origin: Origin
    is_read_only: bool

    @property
    def outlives_pod(self) -> bool:
        """Whether files on it were there before the pod, and belong to somebody."""
        return self.origin in ("claim", "node", "other")


def mounts(container: Container) -> tuple[Mount, ...]:
    """What is mounted, in the order of the manifest."""
    volumes = origins(container.pod)
    return tuple(
        Mount(
            path=_plain(one["mountPath"]),
            volume=str(one.get("name")),
            origin=volumes.get(str(one.get("name")), "other"),
            is_read_only=one.get("readOnly") is True,
        )
        for one in map(as_mapping, as_list(container.spec.get("volumeMounts")))
        if isinstance(one.get("mountPath"), str)
    )


def origins(pod: Pod) -> dict[str, Origin]:
    """Where the volumes of a pod come from, by name."""
    found: dict[str, Origin] = dict.fromkeys(_claimed(pod), "claim")
    for volume in map(as_mapping, as_list(pod.spec.get("volumes"))):
        kinds = (_ORIGINS.get(key, "other") for key in volume if key != "name")
        # neither a source nor a null one: the API server makes an emptyDir of it
        found[str(volume.get("name"))] = next(kinds, "empty")
    return found


def _claimed(pod: Pod) -> Iterator[str]:
    """The claims that a StatefulSet makes for its pods."""
    templates = as_list(as_mapping(pod.owner.spec.get("spec")).get("volumeClaimTemplates"))
    for template in map(as_mapping, templates):
        yield str(as_mapping(template.get("metadata")).get("name"))


def has_private_secret(pod: Pod) -> bool:
    """Whether it mounts a Secret with a mode of its own that keeps the group out."""
    for volume in map(as_mapping, as_list(pod.spec.get("volumes"))):
        mode = as_mapping(volume.get("secret")).get("defaultMode")
        if isinstance(mode, int) and not mode & _GROUP:
            return True
    return False


def is_within(path: str, folder: str) -> bool:
    """Whether `path` is the folder or below it."""
    return folder in (path, "/") or path.startswith(folder + "/")


def writable_mount(path: str, mounted: tuple[Mount, ...]) -> Mount | None:
    """The mount that a path lies in, the deepest; None where it lies in the image."""
    holding = [one for one in mounted if is_within(_real(path), _real(one.path))]
    return max(holding, key=lambda one: len(_real(one.path))) if holding else None


def _real(path: str) -> str:
    """/var/run is a link to /run in every image that has both (Filesystem Hierarchy Standard)."""
    return path.removeprefix("/var") if is_within(path, "/var/run") else path


def _plain(path: str) -> str:
    return path.rstrip("/") or "/"


def volume_name(container: Container, path: str) -> str:
    """A name for a new volume of a container: always the same, and no other volume's.

    `tmp` where the pod has one container, else `shop-tmp`.
    """
    pod = container.pod
    alone = sum(1 for one in pod.containers if one.list != "ephemeralContainers") == 1
    words = path if alone else f"{container.name}-{path}"
    name = _NAME.sub("-", words.lower()).strip("-")
    taken = origins(pod)
    if name in taken or len(name) > _LONGEST_NAME:
        digest = sha256(f"{container.name}:{path}".encode()).hexdigest()[:8]
        name = f"{name[: _LONGEST_NAME - 9].rstrip('-')}-{digest}"
    return name


def new_volume(container: Container, path: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """An emptyDir for a path: the volume for the pod, the mount for the container."""
    name = volume_name(container, path)
    return {"name": name, "emptyDir": {}}, {"name": name, "mountPath": path}
