"""Containers for which nothing forbids root."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import (
    Advice,
    Container,
    Context,
    RuleFix,
    SetField,
    Violation,
    has_claims,
    identity,
)

FIELD = "securityContext.runAsNonRoot"
USER = "securityContext.runAsUser"


def check(container: Container, context: Context) -> Iterator[Violation]:
    """The effective value must be true; a container's own false overrides its pod."""
    if container.field(FIELD) is not True:
        yield Violation(FIELD, f"container {container.name!r} may run as root")


def fix(container: Container, violation: Violation, context: Context) -> RuleFix | Advice:
    """Set it, and a user where none is set: a named or root user alone would not start."""
    if container.field(USER) == 0:
        return Advice("first choose another user than 0: the kubelet would refuse to start it")
    facts = context.image_facts(container)
    if facts is not None and facts.nonroot == "no":
        return Advice(f"the image {facts.family!r} is known to need root; choose another image")
    if container.pod.is_windows:
        return Advice("on Windows choose the user by windowsOptions.runAsUserName")
    patches = (SetField(field=FIELD, value=True), *identity(container, context))
    proved = facts is not None and facts.nonroot == "yes" and facts.proved
    safe = proved and container.own(FIELD) is None and not has_claims(container)
    return RuleFix(patches=patches, applicability="safe" if safe else "unsafe")
