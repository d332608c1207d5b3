"""What the objects in view say of the CPU and memory of a container.

Sources: LimitRange, ResourceQuota (core/v1), HorizontalPodAutoscaler (autoscaling/v2),
VerticalPodAutoscaler (autoscaling.k8s.io), and the same workload in other files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from posixpath import dirname
from typing import Any, NamedTuple

from bot.frozen import frozen
from bot.kubernetes.quantity import quantity
from bot.kubernetes.workload import Container, Object, Pod, as_list, as_mapping

_Where = tuple[str | None, str]


class Said(NamedTuple):
    """A quantity as somebody wrote it, and where."""

    value: str
    where: str


@frozen
class Bounds:
    """What a namespace allows one container: cores or bytes, None where it says nothing."""

    least: float | None = None
    most: float | None = None
    ratio: float | None = None
    """How many times its request a limit may be."""


_UNBOUNDED = Bounds()


class Amounts:
    """The objects that speak of amounts."""

    def __init__(self, objects: Iterable[tuple[Object, Pod | None]] = ()) -> None:
        self._limits: list[tuple[_Where, Mapping[str, Any]]] = []
        self._quotas: list[tuple[_Where, Mapping[str, Any]]] = []
        self._scalers: dict[tuple[str, str, str], list[tuple[_Where, Mapping[str, Any]]]] = {}
        self._same: dict[tuple[str, str, str], list[Container]] = {}
        for owner, pod in objects:
            self._add(owner)
            for container in pod.containers if pod is not None else ():
                if isinstance(container.spec.get("resources"), dict):
                    self._same.setdefault(_identity(container), []).append(container)

    def _add(self, owner: Object) -> None:
        spec = as_mapping(owner.spec.get("spec"))
        where = (owner.namespace, dirname(owner.file))
        if owner.kind == "LimitRange":
            items = map(as_mapping, as_list(spec.get("limits")))
            self._limits += [(where, one) for one in items if one.get("type") == "Container"]
        elif owner.kind == "ResourceQuota":
            self._quotas.append((where, as_mapping(spec.get("hard"))))
        elif owner.kind in ("HorizontalPodAutoscaler", "VerticalPodAutoscaler"):
            target = as_mapping(spec.get("scaleTargetRef") or spec.get("targetRef"))
            key = (owner.kind, str(target.get("kind")), str(target.get("name")))
            self._scalers.setdefault(key, []).append((where, spec))

    def elsewhere(self, container: Container, field: str) -> Said | None:
        """What the same container of the same workload has in another file: the largest amount.

        `field` is `requests.cpu` and the like.
        """
        which, _, resource = field.partition(".")
        found: list[tuple[float, str, str]] = []
        for other in self._same.get(_identity(container), ()):
            file = other.pod.owner.file
            value = as_mapping(as_mapping(other.spec["resources"]).get(which)).get(resource)
            number = quantity(value)
            if file != container.pod.owner.file and number is not None:
                found.append((number, str(value), file))
        if not found:
            return None
        _, value, file = max(found)
        return Said(value, file)

    def bounds(self, container: Container, resource: str) -> Bounds:
        """The narrowest that the LimitRanges of its namespace allow."""
        if not self._limits:
            return _UNBOUNDED
        items = list(_near(self._limits, container))

        def said(field: str) -> list[float]:
            found = (quantity(as_mapping(item.get(field)).get(resource)) for item in items)
            return [number for number in found if number is not None]

        return Bounds(
            least=max(said("min"), default=None),
            most=min(said("max"), default=None),
            ratio=min(said("maxLimitRequestRatio"), default=None),
        )

    def demanded(self, container: Container, field: str) -> bool:
        """Whether a ResourceQuota of its namespace rejects pods without the field."""
        names = {field, field.removeprefix("requests.")}
        return any(names & hard.keys() for hard in _near(self._quotas, container))

    def scales_on(self, container: Container, resource: str) -> bool:
        """Whether an autoscaler counts replicas by the share of the request that is used."""
        owner = container.pod.owner
        key = ("HorizontalPodAutoscaler", owner.kind, owner.name)
        return any(
            resource in _utilised(spec) for spec in _near(self._scalers.get(key, ()), container)
        )

    def is_sized(self, container: Container) -> bool:
        """Whether a VerticalPodAutoscaler sets the amounts itself."""
        owner = container.pod.owner
        key = ("VerticalPodAutoscaler", owner.kind, owner.name)
        return any(
            as_mapping(spec.get("updatePolicy")).get("updateMode") != "Off"
            for spec in _near(self._scalers.get(key, ()), container)
        )


def _identity(container: Container) -> tuple[str, str, str]:
    owner = container.pod.owner
    return owner.kind, owner.name, container.name


def _near(
    found: Sequence[tuple[_Where, Mapping[str, Any]]], container: Container
) -> Iterator[Mapping[str, Any]]:
    """What shares the namespace; where none is written, the folder."""
    if not found:
        return
    owner = container.pod.owner
    place = (owner.namespace, dirname(owner.file))
    for where, data in found:
        if where[0] == place[0] and (place[0] is not None or where[1] == place[1]):
            yield data


def _utilised(spec: Mapping[str, Any]) -> Iterator[str]:
    """The resources whose utilisation an autoscaler watches."""
    if spec.get("targetCPUUtilizationPercentage") is not None:
        yield "cpu"
    for metric in map(as_mapping, as_list(spec.get("metrics"))):
        for key in ("resource", "containerResource"):
            told = as_mapping(metric.get(key))
            target = as_mapping(told.get("target"))
            if target.get("type") == "Utilization" or "targetAverageUtilization" in told:
                yield str(told.get("name"))
