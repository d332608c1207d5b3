"""The user, group and volume group that a container gets when it stops being root's."""

from __future__ import annotations

from bot.kubernetes.workload import Container
from bot.rule.rule import Context, SetField

USER = "securityContext.runAsUser"
GROUP = "securityContext.runAsGroup"
FS_GROUP = "securityContext.fsGroup"


def identity(container: Container, context: Context) -> tuple[SetField, ...]:
    """Set what is absent or 0: the image's own numbers where they are known, else the config's."""
    facts, config = context.image_facts(container), context.config
    patches = []
    if container.field(USER) in (None, 0):
        user = facts.uid if facts and facts.uid else config.run_as_user
        patches.append(SetField(field=USER, value=user))
    if container.field(GROUP) in (None, 0):
        group = facts.gid if facts and facts.gid else config.run_as_group
        patches.append(SetField(field=GROUP, value=group))
    if container.pod.own(FS_GROUP) in (None, 0):
        group = facts.gid if facts and facts.gid else config.fs_group
        patches.append(SetField(field=FS_GROUP, value=group, target="pod"))
    return tuple(patches)


def has_claims(container: Container) -> bool:
    """Whether the pod mounts persistent volumes, whose files belong to somebody already."""
    volumes = container.pod.own("volumes")
    listed = volumes if isinstance(volumes, list) else []
    return any(isinstance(v, dict) and "persistentVolumeClaim" in v for v in listed)
