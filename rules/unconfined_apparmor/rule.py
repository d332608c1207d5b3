"""AppArmor profiles that are switched off, by the field or by the annotation before it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Advice, Container, Context, Pod, RuleFix, SetField, Violation, as_mapping

FIELD = "securityContext.appArmorProfile.type"
TYPES = ("RuntimeDefault", "Localhost")
ANNOTATION = "container.apparmor.security.beta.kubernetes.io/"


def check_pod(pod: Pod, context: Context) -> Iterator[Violation]:
    """What the pod says for all containers, and its annotations for single ones."""
    profile = pod.security.get("appArmorProfile")
    if profile is not None and (kind := as_mapping(profile).get("type")) not in TYPES:
        yield Violation(FIELD, f"pod {pod.name!r} has the AppArmor profile {kind or ''!r}")
    for key, value in pod.annotations.items():
        if key.startswith(ANNOTATION) and not _is_allowed(str(value or "")):
            name = key.removeprefix(ANNOTATION)
            message = f"an annotation gives container {name!r} the AppArmor profile {value!r}"
            yield Violation(f"metadata.annotations[{key}]", message)


def _is_allowed(profile: str) -> bool:
    return profile in ("", "runtime/default") or profile.startswith("localhost/")


def check(container: Container, context: Context) -> Iterator[Violation]:
    """What the container says itself."""
    profile = container.security.get("appArmorProfile")
    if profile is not None and (kind := as_mapping(profile).get("type")) not in TYPES:
        message = f"container {container.name!r} has the AppArmor profile {kind or ''!r}"
        yield Violation(FIELD, message)


def fix(target: Container | Pod, violation: Violation, context: Context) -> RuleFix | Advice:
    """Change the field where it stands; with annotations beside it both must agree."""
    pod = target.pod if isinstance(target, Container) else target
    if violation.field != FIELD:
        return Advice("write 'runtime/default', or from Kubernetes 1.30 on use the field")
    if pod.is_windows:
        return Advice("take it away: Windows has no AppArmor, and the API server rejects it there")
    if any(key.startswith(ANNOTATION) for key in pod.annotations):
        return Advice("change it together with the annotation: the API server wants them equal")
    return RuleFix(patches=(SetField(field=FIELD, value="RuntimeDefault"),))
