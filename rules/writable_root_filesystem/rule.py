"""Containers whose root file system is writable."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Advice, Container, Context, RuleFix, SetField, Violation, as_mapping

FIELD = "securityContext.readOnlyRootFilesystem"


def check(container: Container, context: Context) -> Iterator[Violation]:
    """The field must be true; it exists on containers only."""
    own = container.spec.get("securityContext")
    if as_mapping(own).get("readOnlyRootFilesystem") is not True:
        yield Violation(FIELD, f"container {container.name!r} has a writable root file system")


def fix(container: Container, violation: Violation, context: Context) -> RuleFix | Advice:
    """Set it, unless the image is known to write where no volume is."""
    facts = context.image_facts(container)
    if facts is not None and facts.ro_rootfs in ("with_mounts", "hard"):
        return Advice(f"the image {facts.family!r} writes to its file system: mount emptyDir there")
    proved = facts is not None and facts.ro_rootfs == "yes" and facts.proved
    safe = proved and container.own(FIELD) is None
    return RuleFix(
        patches=(SetField(field=FIELD, value=True),), applicability="safe" if safe else "unsafe"
    )
