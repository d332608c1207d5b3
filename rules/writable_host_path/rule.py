"""Mounts of hostPath volumes that are not read-only."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import (
    Container,
    Context,
    RuleFix,
    SetField,
    Violation,
    as_list,
    as_mapping,
    host_paths,
    is_runtime_socket,
)

# files that are no files: a mount's readOnly does not stop a write to them
_DEVICES = ("Socket", "CharDevice", "BlockDevice")


def check(container: Container, context: Context) -> Iterator[Violation]:
    """A mount is writable unless it says otherwise."""
    mounts = as_list(container.spec.get("volumeMounts"))
    paths = _paths(container) if mounts else {}
    if not paths:
        return
    for number, mount in enumerate(map(as_mapping, mounts)):
        path = paths.get(str(mount.get("name")))
        if path is not None and mount.get("readOnly") is not True:
            message = f"container {container.name!r} can write to {path!r} of its node"
            yield Violation(f"volumeMounts.{number}.readOnly", message)


def _paths(container: Container) -> dict[str, str]:
    """The node's folders and files, by the name of their volume."""
    return {
        str(volume.get("name")): path
        for _, volume, path in host_paths(container.pod.spec)
        if as_mapping(volume["hostPath"]).get("type") not in _DEVICES
        and not f"{path}/".startswith("/dev/")
        and not is_runtime_socket(path)
    }


def fix(container: Container, violation: Violation, context: Context) -> RuleFix:
    """Set it; the paths below may still be writable mounts of their own on the node."""
    return RuleFix(patches=(SetField(field=violation.field, value=True),))
