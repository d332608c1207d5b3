"""Containers without a seccomp profile, their own or their pod's."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import (
    SAY_WINDOWS,
    Advice,
    Container,
    Context,
    Pod,
    RuleFix,
    SetField,
    Violation,
    as_mapping,
)

FIELD = "securityContext.seccompProfile.type"
TYPES = ("RuntimeDefault", "Localhost")


def check_pod(pod: Pod, context: Context) -> Iterator[Violation]:
    """An explicit other type on the pod fails, even if each container names a right one."""
    profile = pod.security.get("seccompProfile")
    if profile is None or not context.replaces_baseline:
        return
    if (kind := as_mapping(profile).get("type")) not in TYPES:
        yield Violation(FIELD, f"pod {pod.name!r} has the seccomp profile {kind or ''!r}")


def check(container: Container, context: Context) -> Iterator[Violation]:
    """A right type, or none where the pod's decides; a wrong one is the baseline rule's too."""
    profile = container.security.get("seccompProfile")
    if profile is None:
        if container.pod.security.get("seccompProfile") is None:
            yield Violation(FIELD, f"container {container.name!r} has no seccomp profile")
        return
    if context.replaces_baseline and (kind := as_mapping(profile).get("type")) not in TYPES:
        message = f"container {container.name!r} has the seccomp profile {kind or ''!r}"
        yield Violation(FIELD, message)


def fix(target: Container | Pod, violation: Violation, context: Context) -> RuleFix | Advice:
    """Set it once, on the pod; an explicit value is changed where it stands."""
    pod = target.pod if isinstance(target, Container) else target
    if pod.is_windows:
        return SAY_WINDOWS
    if target.security.get("seccompProfile") is None:
        return RuleFix(patches=(SetField(field=FIELD, value="RuntimeDefault", target="pod"),))
    return RuleFix(
        patches=(SetField(field=FIELD, value="RuntimeDefault"),),
        applicability="unsafe",
        reason="it changes an explicit value; system calls outside the profile will fail",
    )
