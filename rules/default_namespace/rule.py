"""Workloads in the namespace that is there for whoever names none."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Context, Object, Violation

FIELD = "metadata.namespace"


def check(target: Object, context: Context) -> Iterator[Violation]:
    """What names no namespace is decided elsewhere, unless the option `absent` asks for it."""
    if target.namespace == "default":
        yield Violation(FIELD, f"{target.kind} {target.name!r} runs in the namespace 'default'")
    elif target.namespace is None and context.options.get("absent") is True:
        yield Violation(FIELD, f"{target.kind} {target.name!r} names no namespace")
