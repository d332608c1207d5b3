"""Containers that take a port of their node."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Container, Context, Violation, as_list, as_mapping


def check(container: Container, context: Context) -> Iterator[Violation]:
    """No hostPort but 0, which means none."""
    for index, port in enumerate(as_list(container.spec.get("ports"))):
        number = as_mapping(port).get("hostPort")
        if number not in (None, 0):
            message = f"container {container.name!r} takes the node's port {number}"
            yield Violation(f"ports.{index}.hostPort", message)
