"""Containers that live as long as their pod and have no CPU limit."""

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
    SetField,
    Version,
    View,
    Violation,
    as_mapping,
    folder_of,
    quantity,
)

FIELD = "resources.limits.cpu"
# a pod's own resources count from the version that takes them by default (KEP-2837)
POD_LEVEL = Version(34)


def check(container: Container, context: Context) -> Iterator[Violation]:
    """Its own limit, or its pod's."""
    if container.list == "initContainers" and not container.is_sidecar:
        return
    if _limits(container.spec):
        return
    if context.version >= POD_LEVEL and _limits(container.pod.spec):
        return
    owner = container.pod.owner
    yield Violation(
        FIELD,
        f"container {container.name!r} has no CPU limit",
        question=(owner.file, owner.namespace, owner.kind, owner.name),
    )


def _limits(spec: Mapping[str, Any]) -> bool:
    resources = as_mapping(spec.get("resources"))
    return as_mapping(resources.get("limits")).get("cpu") is not None


def confirm(question: Question, view: View) -> bool:
    """Not where a LimitRange or a VerticalPodAutoscaler in view gives a limit."""
    file, namespace, kind, name = question
    defaults, place = view.derived(Defaults), Place(namespace, folder_of(file))
    return not (defaults.limit(place, "cpu") or defaults.is_scaled(place, kind, name))


def fix(container: Container, violation: Violation, context: Context) -> RuleFix | Advice:
    """Set the configured limit, never below what is requested: the API server rejects that."""
    limit = context.config.cpu_limit or context.options["limit"]
    request = container.own("resources.requests.cpu") or context.config.cpu_request
    asked, allowed = quantity(request), quantity(limit)
    if asked is None or allowed is None or asked > allowed:
        return Advice("set a limit above the request, from what the container uses")
    return RuleFix(patches=(SetField(field=FIELD, value=limit),))
