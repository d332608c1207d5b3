"""Volumes that are, or hold, the socket of a container runtime."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import (
    Context,
    Pod,
    Violation,
    holds_runtime_socket,
    host_paths,
    is_runtime_socket,
)


def check(pod: Pod, context: Context) -> Iterator[Violation]:
    """The socket itself is critical; a folder that holds it is high."""
    for number, volume, path in host_paths(pod.spec):
        field, name = f"volumes.{number}.hostPath.path", volume.get("name")
        written = volume["hostPath"]["path"]
        if is_runtime_socket(path):
            message = f"volume {name!r} is the socket of the container runtime: {written}"
            yield Violation(field, message)
        elif holds_runtime_socket(path):
            message = f"volume {name!r} holds the socket of the container runtime: {written}"
            yield Violation(field, message, severity="high")
