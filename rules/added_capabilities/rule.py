"""Containers that add capabilities beyond those which a runtime gives by default."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import (
    DEFAULT_CAPABILITIES,
    Advice,
    Container,
    Context,
    Violation,
    as_list,
    as_mapping,
)

FIELD = "securityContext.capabilities.add"


def _beyond(container: Container) -> list[str]:
    """What is added beyond the default set, spelled as the standards spell it: no CAP_ before."""
    added = as_list(as_mapping(container.security.get("capabilities")).get("add"))
    return [
        str(name) for name in added if not (isinstance(name, str) and name in DEFAULT_CAPABILITIES)
    ]


def check(container: Container, context: Context) -> Iterator[Violation]:
    """Nothing is added but what is in the default set, and that without NET_RAW."""
    if names := _beyond(container):
        listed = ", ".join(repr(name) for name in names)
        yield Violation(FIELD, f"container {container.name!r} adds the capabilities {listed}")


def fix(container: Container, violation: Violation, context: Context) -> Advice | None:
    """A harmless one in another spelling is to be spelled right; the rest is for people."""
    for name in _beyond(container):
        plain = name.upper().removeprefix("CAP_")
        if plain in DEFAULT_CAPABILITIES:
            return Advice(f"write {plain!r} for {name!r}: the standards know no other spelling")
    return None
