"""The user, group and volume group that a container gets when it stops being root's."""

from __future__ import annotations

from typing import NamedTuple

from bot.kubernetes.workload import Container, Pod
from bot.rule.rule import Context, SetField

USER = "securityContext.runAsUser"
GROUP = "securityContext.runAsGroup"
FS_GROUP = "securityContext.fsGroup"


class _Numbers(NamedTuple):
    user: int
    group: int
    fs_group: int


def identity(container: Container, context: Context) -> tuple[SetField, ...]:
    """Set what is absent or 0: the image's own numbers where they are known, else the config's."""
    numbers = _of_image(container, context)
    patches = []
    if container.field(USER) in (None, 0):
        patches.append(SetField(field=USER, value=numbers.user))
    if container.field(GROUP) in (None, 0):
        patches.append(SetField(field=GROUP, value=numbers.group))
    if container.pod.own(FS_GROUP) in (None, 0):
        patches.append(SetField(field=FS_GROUP, value=numbers.fs_group, target="pod"))
    return tuple(patches)


def pod_identity(pod: Pod, context: Context) -> tuple[SetField, ...] | None:
    """The same on the pod; None where the images of those that inherit it differ in their user."""
    heirs = [c for c in pod.containers if c.security.get("runAsUser") is None]
    choices = {_of_image(container, context) for container in heirs}
    if len(choices) > 1:
        return None
    numbers = choices.pop() if choices else _of_config(context)
    wanted = ((USER, numbers.user), (GROUP, numbers.group), (FS_GROUP, numbers.fs_group))
    return tuple(
        SetField(field=field, value=value, target="pod")
        for field, value in wanted
        if pod.own(field) in (None, 0)
    )


def _of_config(context: Context) -> _Numbers:
    config = context.config
    return _Numbers(config.run_as_user, config.run_as_group, config.fs_group)


def _of_image(container: Container, context: Context) -> _Numbers:
    facts, default = context.image_facts(container), _of_config(context)
    if facts is None:
        return default
    return _Numbers(
        facts.uid or default.user, facts.gid or default.group, facts.gid or default.fs_group
    )


def has_claims(container: Container) -> bool:
    """Whether the pod mounts persistent volumes, whose files belong to somebody already."""
    volumes = container.pod.own("volumes")
    listed = volumes if isinstance(volumes, list) else []
    return any(isinstance(v, dict) and "persistentVolumeClaim" in v for v in listed)
