"""Containers that live as long as their pod and request nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.rule import (
    Advice,
    Container,
    Context,
    Defaults,
    Place,
    Question,
    RuleFix,
    Version,
    View,
    Violation,
    as_mapping,
    decide_request,
    folder_of,
)

NAMES = {"cpu": "CPU", "memory": "memory"}
# a pod's own resources count from the version that takes them by default (KEP-2837)
POD_LEVEL = Version(34)


def check(container: Container, context: Context) -> Iterator[Violation]:
    """Own requests, or limits (which Kubernetes takes for requests), or the pod's resources."""
    if container.list == "initContainers" and not container.is_sidecar:
        return
    places = [as_mapping(container.spec.get("resources"))]
    if context.version >= POD_LEVEL:
        places.append(as_mapping(container.pod.spec.get("resources")))
    for name, spoken in NAMES.items():
        if not any(_speaks(place, name) for place in places):
            owner = container.pod.owner
            yield Violation(
                f"resources.requests.{name}",
                f"container {container.name!r} requests no {spoken}",
                question=(owner.file, owner.namespace, owner.kind, owner.name, name),
            )


def _speaks(resources: Mapping[str, Any], name: str) -> bool:
    return any(
        as_mapping(resources.get(part)).get(name) is not None for part in ("requests", "limits")
    )


def confirm(question: Question, view: View) -> bool:
    """Not where a LimitRange or a VerticalPodAutoscaler in view gives a request."""
    file, namespace, kind, name, resource = question
    defaults, place = view.derived(Defaults), Place(namespace, folder_of(file))
    return not (defaults.request(place, resource) or defaults.is_scaled(place, kind, name))


def fix(container: Container, violation: Violation, context: Context) -> RuleFix | Advice:
    """Request what it requests elsewhere, what its image usually needs, or a configured amount."""
    resource = violation.field.rpartition(".")[2]
    return decide_request(container, resource, context).answer()
