"""Containers that live as long as their pod and have no memory limit."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Advice, Container, Context, RuleFix, SetField, Violation

FIELD = "resources.limits.memory"
UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "k": 10**3, "M": 10**6, "G": 10**9}


def check(container: Container, context: Context) -> Iterator[Violation]:
    """Its own limit, or its pod's."""
    if container.list == "initContainers" and not container.is_sidecar:
        return
    if container.own(FIELD) is None and container.pod.own(FIELD) is None:
        yield Violation(FIELD, f"container {container.name!r} has no memory limit")


def _bytes(quantity: object) -> float | None:
    text = str(quantity)
    for unit, factor in UNITS.items():
        if text.endswith(unit):
            number = text.removesuffix(unit)
            return float(number) * factor if number.replace(".", "", 1).isdigit() else None
    return float(text) if text.isdigit() else None


def fix(container: Container, violation: Violation, context: Context) -> RuleFix | Advice:
    """Set the configured limit, never below what is requested: the API server rejects that."""
    limit = context.config.memory_limit
    request = container.own("resources.requests.memory")
    if request is not None:
        asked, allowed = _bytes(request), _bytes(limit)
        if asked is None or allowed is None or asked > allowed:
            return Advice("set a limit above the request, from what the container uses")
    return RuleFix(patches=(SetField(field=FIELD, value=limit),))
