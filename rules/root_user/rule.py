"""Containers for which nothing forbids root, and pods that allow it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.rule import (
    Advice,
    Container,
    Context,
    Pod,
    RuleFix,
    SetField,
    Version,
    Violation,
    has_claims,
    identity,
)

FIELD = "securityContext.runAsNonRoot"
USER = "securityContext.runAsUser"
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
        return _fix_pod(target, context)
    if advice := _needs_root([target], context):
        return advice
    facts = context.image_facts(target)
    patches = (SetField(field=FIELD, value=True), *identity(target, context))
    proved = facts is not None and facts.nonroot == "yes" and facts.proved
    safe = proved and target.own(FIELD) is None and not has_claims(target)
    return RuleFix(patches=patches, applicability="safe" if safe else "unsafe")


def _fix_pod(pod: Pod, context: Context) -> RuleFix | Advice:
    """Change the pod's value, and set a user on each container that inherits it."""
    heirs = [c for c in pod.containers if c.security.get("runAsNonRoot") is None]
    if advice := _needs_root(heirs, context):
        return advice
    patches = {FIELD: SetField(field=FIELD, value=True)}
    for container in heirs:
        for patch in identity(container, context):
            on_pod = patch.target == "pod"
            field = patch.field if on_pod else container.below_pod(patch.field)
            patches.setdefault(field, replace(patch, field=field, target="pod"))
    return RuleFix(patches=tuple(patches.values()))


def _needs_root(containers: Sequence[Container], context: Context) -> Advice | None:
    """What is to be done first, where one of them could not start."""
    for container in containers:
        if container.pod.is_windows:
            return Advice(
                "set runAsNonRoot to true; on Windows the image's user, or "
                "windowsOptions.runAsUserName, must not be ContainerAdministrator"
            )
        if container.field(USER) == 0:
            return Advice("first choose another user than 0: the kubelet would refuse to start it")
        facts = context.image_facts(container)
        if facts is not None and facts.nonroot == "no":
            return Advice(f"the image {facts.family!r} is known to need root; choose another image")
    return None
