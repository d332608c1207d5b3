"""Containers whose user is 0 by their own words or their pod's."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Container, Context, RuleFix, Violation, identity

FIELD = "securityContext.runAsUser"


def check(container: Container, context: Context) -> Iterator[Violation]:
    """The effective user may not be 0."""
    if container.field(FIELD) == 0:
        yield Violation(FIELD, f"container {container.name!r} runs as user 0")


def fix(container: Container, violation: Violation, context: Context) -> RuleFix:
    """Set another user on the container: its siblings may need the pod's."""
    return RuleFix(patches=identity(container, context))
