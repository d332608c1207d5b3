"""Containers whose /proc is not masked, even in a user namespace."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Advice, Container, Context, RuleFix, SetField, Violation

FIELD = "securityContext.procMount"


def check(container: Container, context: Context) -> Iterator[Violation]:
    """Absent or Default; outside a user namespace the baseline profile says so already."""
    value = container.security.get("procMount")
    if value is None or value == "Default":
        return
    if context.replaces_baseline or container.pod.in_user_namespace:
        yield Violation(FIELD, f"container {container.name!r} mounts /proc as {value!r}")


def fix(container: Container, violation: Violation, context: Context) -> RuleFix | Advice:
    """Say Default."""
    if container.pod.is_windows:
        return Advice("take it away: Windows has no /proc, and the API server rejects it there")
    return RuleFix(patches=(SetField(field=FIELD, value="Default"),))
