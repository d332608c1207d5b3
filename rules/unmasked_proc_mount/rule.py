"""Containers whose /proc is not masked, outside a user namespace."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Advice, Container, Context, RuleFix, SetField, Version, Violation

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


def fix(container: Container, violation: Violation, context: Context) -> RuleFix | Advice:
    """Say Default."""
    if container.pod.is_windows:
        return Advice("take it away: Windows has no /proc, and the API server rejects it there")
    return RuleFix(patches=(SetField(field=FIELD, value="Default"),))
