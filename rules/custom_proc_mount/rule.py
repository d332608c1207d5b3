"""Containers whose /proc is not masked, even in a user namespace."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Container, Context, RuleFix, SetField, Violation

FIELD = "securityContext.procMount"


def check(container: Container, context: Context) -> Iterator[Violation]:
    """Absent or Default; outside a user namespace the baseline profile says so already."""
    value = container.security.get("procMount")
    if value is None or value == "Default":
        return
    if context.replaces_baseline or container.pod.in_user_namespace:
        yield Violation(FIELD, f"container {container.name!r} mounts /proc as {value!r}")


def fix(container: Container, violation: Violation, context: Context) -> RuleFix:
    """Say Default."""
    return RuleFix(patches=(SetField(field=FIELD, value="Default"),))
