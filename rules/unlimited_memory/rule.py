"""Containers that live as long as their pod and have no memory limit."""

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
    decide_limit,
    folder_of,
)

FIELD = "resources.limits.memory"
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
        f"container {container.name!r} has no memory limit",
        question=(owner.file, owner.namespace, owner.kind, owner.name),
    )


def _limits(spec: Mapping[str, Any]) -> bool:
    resources = as_mapping(spec.get("resources"))
    return as_mapping(resources.get("limits")).get("memory") is not None


def confirm(question: Question, view: View) -> bool:
    """Not where a LimitRange or a VerticalPodAutoscaler in view gives a limit."""
    file, namespace, kind, name = question
    defaults, place = view.derived(Defaults), Place(namespace, folder_of(file))
    return not (defaults.limit(place, "memory") or defaults.is_scaled(place, kind, name))


def fix(container: Container, violation: Violation, context: Context) -> RuleFix | Advice:
    """Limit it as elsewhere, or as its image usually needs, never below what is requested."""
    return decide_limit(container, context).answer()
