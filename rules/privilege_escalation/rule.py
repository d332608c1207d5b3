"""Containers that do not forbid privilege escalation."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import (
    SAY_WINDOWS,
    Advice,
    Container,
    Context,
    RuleFix,
    Violation,
    as_list,
    plan_of,
)

FIELD = "securityContext.allowPrivilegeEscalation"


def check(container: Container, context: Context) -> Iterator[Violation]:
    """The field must be false; absent it is true, and a pod has no such field."""
    if container.security.get("allowPrivilegeEscalation") is not False:
        yield Violation(FIELD, f"container {container.name!r} does not forbid privilege escalation")


def fix(container: Container, violation: Violation, context: Context) -> RuleFix | Advice:
    """Set it, unless the API server would then reject the pod."""
    if container.pod.is_windows:
        return SAY_WINDOWS
    added = as_list(container.own("securityContext.capabilities.add"))
    if container.security.get("privileged") is True:
        return Advice("first take away 'privileged: true': the API server rejects both together")
    if "SYS_ADMIN" in added or "CAP_SYS_ADMIN" in added:
        return Advice("first take away SYS_ADMIN: the API server rejects both together")
    return plan_of(container.pod, context).escalation(container).answer()
