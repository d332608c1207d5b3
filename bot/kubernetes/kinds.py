"""Which kinds make pods, and where in an object they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from bot.frozen import frozen
from bot.model.manifest import Edits, PodPlace
from bot.yamlpatch import Path

EACH = "*"
"""A step of a pattern: every item of a list, every value of a mapping."""
_TEMPLATE: Path = ("spec", "template", "spec")
_GROUPS = frozenset({"", "apps", "autoscaling", "batch", "extensions", "policy"})

# group (without version) and kind; the built-in ones as the Pod Security admission lists them
_BUILT_IN: dict[tuple[str, str], Path] = {
    ("", "Pod"): ("spec",),
    ("", "PodTemplate"): ("template", "spec"),
    ("", "ReplicationController"): _TEMPLATE,
    ("apps", "ReplicaSet"): _TEMPLATE,
    ("apps", "Deployment"): _TEMPLATE,
    ("apps", "StatefulSet"): _TEMPLATE,
    ("apps", "DaemonSet"): _TEMPLATE,
    ("extensions", "Deployment"): _TEMPLATE,
    ("extensions", "DaemonSet"): _TEMPLATE,
    ("extensions", "ReplicaSet"): _TEMPLATE,
    ("extensions", "Job"): _TEMPLATE,
    ("batch", "Job"): _TEMPLATE,
    ("batch", "CronJob"): ("spec", "jobTemplate", *_TEMPLATE),
    ("batch", "ScheduledJob"): ("spec", "jobTemplate", *_TEMPLATE),
}


@frozen
class Shape:
    """Where pods stand in the objects of a kind; `EACH` may be a step of any path."""

    path: Path
    containers: tuple[tuple[str, Path], ...] | None = None
    is_whole: bool = True
    edits: Edits = "pod"


@frozen(kw_only=False)
class Kinds:
    """The kinds that make pods: those that podsec knows, and those that a repository adds."""

    shapes: Mapping[tuple[str, str], Sequence[Shape]] = field(default_factory=dict)

    def known(self, api_version: str, kind: str) -> Sequence[Shape] | None:
        """The shapes of a kind, None where it is not known to make pods."""
        return self.shapes.get((api_version.rpartition("/")[0], kind))

    def extended(self, added: Iterable[tuple[str, str, Path]]) -> Kinds:
        """With more kinds: group, kind and the path of its pod spec, once for each pod.

        They take the place of what podsec knows of the kind.
        """
        own: dict[tuple[str, str], tuple[Shape, ...]] = {}
        for group, kind, path in added:
            own[group, kind] = (*own.get((group, kind), ()), Shape(path=path))
        return Kinds({**self.shapes, **own})


def pattern(text: str) -> Path:
    """A path as people write it: `spec.tasks[].template.spec`, `spec.replicas.*.template`."""
    steps: list[str | int] = []
    for part in text.split("."):
        name = part.removesuffix("[]")
        steps += [name] if name == part else [name, EACH]
    return tuple(steps)


def places(shapes: Iterable[Shape], data: Mapping[str, Any]) -> Iterator[PodPlace]:
    """The pods that an object of such shapes holds."""
    for shape in shapes:
        for path, spec in _matching(data, shape.path):
            if isinstance(spec, dict):
                containers = None
                if shape.containers is not None:
                    containers = tuple(_listed(spec, shape.containers))
                yield PodPlace(
                    path=path,
                    containers=containers,
                    is_whole=shape.is_whole,
                    edits=shape.edits,
                )


def is_built_in(api_version: str) -> bool:
    """Whether a group is Kubernetes' own."""
    group = api_version.rpartition("/")[0]
    return group in _GROUPS or (group.endswith(".k8s.io") and not group.endswith(".x-k8s.io"))


def _listed(
    spec: Mapping[str, Any], patterns: Iterable[tuple[str, Path]]
) -> Iterator[tuple[str, Path]]:
    for which, path in patterns:
        for found, container in _matching(spec, path):
            if isinstance(container, dict):
                yield which, found


def _matching(data: Any, path: Path, base: Path = ()) -> Iterator[tuple[Path, Any]]:
    """The places of a pattern that exist, with what stands there."""
    for index, step in enumerate(path):
        if step == EACH:
            for key, below in _items(data):
                yield from _matching(below, path[index + 1 :], (*base, key))
            return
        if not isinstance(data, dict) or step not in data:
            return
        data, base = data[step], (*base, step)
    yield base, data


def _items(data: Any) -> Iterable[tuple[str | int, Any]]:
    if isinstance(data, list):
        return enumerate(data)
    return data.items() if isinstance(data, dict) else ()


BUILT_IN = Kinds({name: (Shape(path=path),) for name, path in _BUILT_IN.items()})
"""Kubernetes' own kinds; bot.kubernetes.custom_kinds adds those of others."""
