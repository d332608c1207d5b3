"""Volumes that are the node's own folders: its programs, its devices, its credentials."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Context, Pod, Violation, host_paths, is_sensitive


def check(pod: Pod, context: Context) -> Iterator[Violation]:
    """Whether mounted or not, and read-only or not: credentials are to be read."""
    for number, volume, path in host_paths(pod.spec):
        if is_sensitive(path):
            message = f"volume {volume.get('name')!r} is {path!r} of the node"
            yield Violation(f"volumes.{number}.hostPath.path", message)
