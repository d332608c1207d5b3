"""Containers that live as long as their pod and request nothing."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import (
    Container,
    Context,
    Defaults,
    Place,
    Question,
    RuleFix,
    SetField,
    Version,
    View,
    Violation,
    folder_of,
)

NAMES = {"cpu": "CPU", "memory": "memory"}
# a pod's own resources count from the version that takes them by default (KEP-2837)
POD_LEVEL = Version(34)
OWN = ("resources.requests", "resources.limits")


def check(container: Container, context: Context) -> Iterator[Violation]:
    """Own requests, or limits (which Kubernetes takes for requests), or the pod's resources."""
    if container.list == "initContainers" and not container.is_sidecar:
        return
    places = [container.own(field) for field in OWN]
    if context.version >= POD_LEVEL:
        places += [container.pod.own(field) for field in OWN]
    for name, spoken in NAMES.items():
        if not any(isinstance(place, dict) and place.get(name) is not None for place in places):
            owner = container.pod.owner
            yield Violation(
                f"resources.requests.{name}",
                f"container {container.name!r} requests no {spoken}",
                question=(owner.file, owner.namespace, owner.kind, owner.name, name),
            )


def confirm(question: Question, view: View) -> bool:
    """Not where a LimitRange or a VerticalPodAutoscaler in view gives a request."""
    file, namespace, kind, name, resource = question
    defaults, place = view.derived(Defaults), Place(namespace, folder_of(file))
    return not (defaults.request(place, resource) or defaults.is_scaled(place, kind, name))


def fix(container: Container, violation: Violation, context: Context) -> RuleFix:
    """Request the configured amount: a request stops nothing, it reserves."""
    config = context.config
    value = config.cpu_request if violation.field.endswith("cpu") else config.memory_request
    return RuleFix(patches=(SetField(field=violation.field, value=value),))
