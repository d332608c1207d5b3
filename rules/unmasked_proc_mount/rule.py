"""Containers whose /proc is not masked, outside a user namespace."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Container, Context, RuleFix, SetField, Version, Violation

FIELD = "securityContext.procMount"
RELAXED = Version(35)
"""From here on a pod in a user namespace may say anything."""


def check(container: Container, context: Context) -> Iterator[Violation]:
    """Absent or Default."""
    value = container.security.get("procMount")
    if value is None or value == "Default":
        return
    if context.version >= RELAXED and container.pod.in_user_namespace:
        return
    yield Violation(FIELD, f"container {container.name!r} mounts /proc as {value!r}")


def fix(container: Container, violation: Violation, context: Context) -> RuleFix:
    """Say Default."""
    return RuleFix(patches=(SetField(field=FIELD, value="Default"),))
