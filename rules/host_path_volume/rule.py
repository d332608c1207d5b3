"""Volumes that are a path of the node, mounted or not."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Context, Pod, Violation, as_list, as_mapping


def check(pod: Pod, context: Context) -> Iterator[Violation]:
    """No volume has a hostPath."""
    for index, volume in enumerate(as_list(pod.spec.get("volumes"))):
        named = as_mapping(volume)
        source = named.get("hostPath")
        if source is not None:
            path = as_mapping(source).get("path")
            message = f"volume {named.get('name')!r} is the path {path!r} of the node"
            yield Violation(f"volumes.{index}.hostPath", message)
