"""Pods that are not root's, and leave their group or the group of their volumes at 0."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import (
    Advice,
    Container,
    Context,
    Pod,
    RuleFix,
    Violation,
    as_list,
    as_mapping,
    plan_of,
)

GROUP = "securityContext.runAsGroup"
FS_GROUP = "securityContext.fsGroup"
# volumes whose files get the group of the pod (VolumeSource, core/v1; hostPath and NFS do not)
OWNED = ("csi", "emptyDir", "ephemeral", "persistentVolumeClaim")


def _is_nonroot(container: Container) -> bool:
    user = container.field("securityContext.runAsUser")
    if isinstance(user, int):
        return user > 0
    return container.field("securityContext.runAsNonRoot") is True


def _main(pod: Pod) -> list[Container]:
    return [c for c in pod.containers if c.list == "containers" and _is_nonroot(c)]


def check(pod: Pod, context: Context) -> Iterator[Violation]:
    """A pod with a user has a group too, for its processes and for its volumes."""
    main = _main(pod)
    if not main:
        return
    if pod.own(GROUP) in (None, 0) and any(c.own(GROUP) is None for c in main):
        yield Violation(GROUP, f"pod {pod.name!r} is not root's, but its group is root's")
    for container in main:
        if container.own(GROUP) == 0:
            message = f"container {container.name!r} is not root's, but its group is root's"
            yield Violation(_at(pod, container), message)
    if pod.own(FS_GROUP) in (None, 0) and _has_volumes(pod):
        yield Violation(FS_GROUP, f"pod {pod.name!r} is not root's, but its volumes are root's")


def _at(pod: Pod, container: Container) -> str:
    return ".".join([*map(str, container.path[len(pod.path) :]), GROUP])


def _has_volumes(pod: Pod) -> bool:
    """Whether files come to the pod that are given its group."""
    if as_list(as_mapping(pod.owner.spec.get("spec")).get("volumeClaimTemplates")):
        return True
    volumes = map(as_mapping, as_list(pod.spec.get("volumes")))
    return any(kind in volume for volume in volumes for kind in OWNED)


def fix(pod: Pod, violation: Violation, context: Context) -> RuleFix | Advice:
    """The group of the image where it is known, else the configured one."""
    plan, main = plan_of(pod, context), _main(pod)
    if violation.field == FS_GROUP:
        return plan.fs_group().answer()
    if violation.field == GROUP:
        return plan.group([c for c in main if c.own(GROUP) is None], GROUP).answer()
    own = [c for c in main if _at(pod, c) == violation.field]
    return plan.group(own, violation.field).answer()
