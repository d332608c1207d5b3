"""Pods that are not root's, and leave their group or the group of their volumes at 0."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Container, Context, Pod, RuleFix, SetField, Violation

GROUP = "securityContext.runAsGroup"
FS_GROUP = "securityContext.fsGroup"


def _is_nonroot(container: Container) -> bool:
    user = container.field("securityContext.runAsUser")
    if isinstance(user, int):
        return user > 0
    return container.field("securityContext.runAsNonRoot") is True


def check(pod: Pod, context: Context) -> Iterator[Violation]:
    """A pod with a user has a group too, for its processes and for its volumes."""
    main = [c for c in pod.containers if c.list == "containers" and _is_nonroot(c)]
    if not main:
        return
    if any(c.field(GROUP) in (None, 0) for c in main):
        yield Violation(GROUP, f"pod {pod.name!r} is not root's, but its group is root's")
    if pod.own(FS_GROUP) in (None, 0):
        yield Violation(FS_GROUP, f"pod {pod.name!r} is not root's, but its volumes are root's")


def fix(pod: Pod, violation: Violation, context: Context) -> RuleFix:
    """Set the configured groups on the pod."""
    config = context.config
    if violation.field == FS_GROUP:
        return RuleFix(patches=(SetField(field=FS_GROUP, value=config.fs_group),))
    patches = [SetField(field=GROUP, value=config.run_as_group)]
    for container in pod.containers:
        if container.own(GROUP) == 0:
            steps = [str(step) for step in container.path[len(pod.path) :]]
            field = ".".join([*steps, GROUP])
            patches.append(SetField(field=field, value=config.run_as_group))
    return RuleFix(patches=tuple(patches))
