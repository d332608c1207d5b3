"""Containers without a seccomp profile, their own or their pod's."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Container, Context, RuleFix, SetField, Violation

FIELD = "securityContext.seccompProfile.type"


def check(container: Container, context: Context) -> Iterator[Violation]:
    """The effective type is RuntimeDefault or Localhost."""
    if container.field(FIELD) not in ("RuntimeDefault", "Localhost"):
        yield Violation(FIELD, f"container {container.name!r} has no seccomp profile")


def fix(container: Container, violation: Violation, context: Context) -> RuleFix:
    """Set it once, on the pod; an explicit value is changed where it stands."""
    if container.own(FIELD) is not None:
        return _changed("container")
    if container.pod.own(FIELD) is not None:
        return _changed("pod")
    return RuleFix(patches=(SetField(field=FIELD, value="RuntimeDefault", target="pod"),))


def _changed(target: str) -> RuleFix:
    where = "pod" if target == "pod" else "container"
    patch = SetField(field=FIELD, value="RuntimeDefault", target=where)  # type: ignore[arg-type]
    reason = "it changes an explicit value; system calls outside the profile will fail"
    return RuleFix(patches=(patch,), applicability="unsafe", reason=reason)
