"""Containers and pods that name the user 0."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.rule import Advice, Container, Context, Pod, RuleFix, Version, Violation, plan_of

FIELD = "securityContext.runAsUser"
RELAXED = Version(35)
"""From here on a pod in a user namespace may name any user: its root is not the node's."""


def check_pod(pod: Pod, context: Context) -> Iterator[Violation]:
    """A pod may not name 0, even if each container names another."""
    if _is_root(pod.security.get("runAsUser")) and not _is_relaxed(pod, context):
        yield Violation(FIELD, f"pod {pod.name!r} runs its containers as user 0")


def check(container: Container, context: Context) -> Iterator[Violation]:
    """A container may not name 0."""
    user = container.security.get("runAsUser")
    if _is_root(user) and not _is_relaxed(container.pod, context):
        yield Violation(FIELD, f"container {container.name!r} runs as user 0")


def _is_root(user: Any) -> bool:
    return user == 0 and user is not False


def _is_relaxed(pod: Pod, context: Context) -> bool:
    return pod.in_user_namespace and context.version >= RELAXED


def fix(target: Container | Pod, violation: Violation, context: Context) -> RuleFix | Advice:
    """Name another user where 0 is named."""
    pod = target.pod if isinstance(target, Container) else target
    if pod.is_windows:
        return Advice("take it away: Windows has windowsOptions.runAsUserName instead")
    plan = plan_of(pod, context)
    if isinstance(target, Container):
        return plan.other_user(target).answer()
    return plan.other_user_of_pod().answer()
