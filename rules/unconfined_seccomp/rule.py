"""Seccomp profiles that are switched off, by the field or by the annotation before it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import (
    Advice,
    Container,
    Context,
    Pod,
    RuleFix,
    SetField,
    Version,
    Violation,
    as_mapping,
)

FIELD = "securityContext.seccompProfile.type"
FIELD_SINCE = Version(19)
"""Before it the standards read the annotations, from it on the fields alone."""
TYPES = ("RuntimeDefault", "Localhost")
POD_ANNOTATION = "seccomp.security.alpha.kubernetes.io/pod"
CONTAINER_ANNOTATION = "container.seccomp.security.alpha.kubernetes.io/"


def check_pod(pod: Pod, context: Context) -> Iterator[Violation]:
    """What the pod says for all containers."""
    if context.version < FIELD_SINCE:
        yield from _annotated(pod)
        return
    profile = pod.security.get("seccompProfile")
    if profile is not None and (kind := as_mapping(profile).get("type")) not in TYPES:
        yield Violation(FIELD, f"pod {pod.name!r} has the seccomp profile {kind or ''!r}")


def _annotated(pod: Pod) -> Iterator[Violation]:
    """The annotations of the pod, and of the containers that it has."""
    names = dict.fromkeys(container.name for container in pod.containers)
    for key in (POD_ANNOTATION, *(f"{CONTAINER_ANNOTATION}{name}" for name in names)):
        if key in pod.annotations and not _is_allowed(pod.annotations[key]):
            message = f"pod {pod.name!r} has the seccomp profile {pod.annotations[key] or ''!r}"
            yield Violation(f"metadata.annotations[{key}]", message)


def _is_allowed(profile: object) -> bool:
    text = str(profile or "")
    return text in ("runtime/default", "docker/default") or text.startswith("localhost/")


def check(container: Container, context: Context) -> Iterator[Violation]:
    """What the container says itself."""
    profile = container.security.get("seccompProfile")
    if profile is None or context.version < FIELD_SINCE:
        return
    kind = as_mapping(profile).get("type")
    if kind not in TYPES:
        message = f"container {container.name!r} has the seccomp profile {kind or ''!r}"
        yield Violation(FIELD, message)


def fix(target: Container | Pod, violation: Violation, context: Context) -> RuleFix | Advice:
    """Change the field where it stands."""
    pod = target.pod if isinstance(target, Container) else target
    if violation.field != FIELD:
        return Advice("write 'runtime/default', or from Kubernetes 1.19 on use the field")
    if pod.is_windows:
        return Advice("take it away: Windows has no seccomp, and the API server rejects it there")
    return RuleFix(patches=(SetField(field=FIELD, value="RuntimeDefault"),))
