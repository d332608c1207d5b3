"""Containers that live as long as their pod and request nothing."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Container, Context, RuleFix, SetField, Violation

NAMES = {"cpu": "CPU", "memory": "memory"}


def check(container: Container, context: Context) -> Iterator[Violation]:
    """Own requests, or limits (which Kubernetes takes for requests), or the pod's resources."""
    if container.list == "initContainers" and not container.is_sidecar:
        return
    for name, spoken in NAMES.items():
        places = (
            container.own("resources.requests"),
            container.own("resources.limits"),
            container.pod.own("resources.requests"),
            container.pod.own("resources.limits"),
        )
        if not any(isinstance(place, dict) and place.get(name) is not None for place in places):
            message = f"container {container.name!r} requests no {spoken}"
            yield Violation(f"resources.requests.{name}", message)


def fix(container: Container, violation: Violation, context: Context) -> RuleFix:
    """Request the configured amount: a request stops nothing, it reserves."""
    config = context.config
    value = config.cpu_request if violation.field.endswith("cpu") else config.memory_request
    return RuleFix(patches=(SetField(field=violation.field, value=value),))
