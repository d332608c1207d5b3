"""Containers for which nothing forbids root, and pods that allow it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Advice, Container, Context, Pod, RuleFix, Version, Violation, plan_of

FIELD = "securityContext.runAsNonRoot"
RELAXED = Version(35)
"""From here on a pod in a user namespace may say anything: its root is not the node's."""


def check_pod(pod: Pod, context: Context) -> Iterator[Violation]:
    """An explicit false on the pod fails, even if each container says true."""
    if pod.security.get("runAsNonRoot") is False and not _is_relaxed(pod, context):
        yield Violation(FIELD, f"pod {pod.name!r} lets its containers run as root")


def check(container: Container, context: Context) -> Iterator[Violation]:
    """Its own value must be true, or absent where the pod's decides."""
    own = container.security.get("runAsNonRoot")
    if own is True or (own is None and container.pod.security.get("runAsNonRoot") is not None):
        return
    if not _is_relaxed(container.pod, context):
        yield Violation(FIELD, f"container {container.name!r} may run as root")


def _is_relaxed(pod: Pod, context: Context) -> bool:
    return pod.in_user_namespace and context.version >= RELAXED


def fix(target: Container | Pod, violation: Violation, context: Context) -> RuleFix | Advice:
    """Set it, and a user where none is set: a named or root user alone would not start."""
    if isinstance(target, Pod):
        return plan_of(target, context).nonroot_pod().answer()
    return plan_of(target.pod, context).user(target).answer()
