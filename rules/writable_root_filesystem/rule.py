"""Containers whose root file system is writable."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Advice, Container, Context, RuleFix, Violation, as_mapping, plan_of

FIELD = "securityContext.readOnlyRootFilesystem"


def check(container: Container, context: Context) -> Iterator[Violation]:
    """The field must be true; it exists on containers only."""
    own = container.spec.get("securityContext")
    if as_mapping(own).get("readOnlyRootFilesystem") is not True:
        yield Violation(FIELD, f"container {container.name!r} has a writable root file system")


def fix(container: Container, violation: Violation, context: Context) -> RuleFix | Advice:
    """Set it with a volume for each path that the image is known to write; else advise."""
    return plan_of(container.pod, context).root_filesystem(container).answer()
