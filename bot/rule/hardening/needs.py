"""What a user that is not root needs besides: ports below 1024, folders to write to."""

from __future__ import annotations

from collections.abc import Iterable

from bot.kubernetes.image_facts import ImageFacts
from bot.kubernetes.mounts import is_within, mounts, new_volume, writable_mount
from bot.kubernetes.version import Version
from bot.kubernetes.workload import Container, as_list, as_mapping
from bot.rule.hardening.decision import Draft
from bot.rule.rule import Context

SYSCTLS = "securityContext.sysctls"
LOW_PORTS = "net.ipv4.ip_unprivileged_port_start"
# from here on the Pod Security Standards and the kubelet take it for safe (KEP-34, 1.22 notes)
SAFE_SYSCTL = Version(22)
_LOW = 1024


def new_volumes(container: Container, paths: Iterable[str], draft: Draft) -> None:
    """An emptyDir for each path that lies in the image; one that is a volume is left alone."""
    mounted = mounts(container)
    for path in paths:
        if writable_mount(path, mounted) is None:
            volume, mount = new_volume(container, path)
            draft.add("volumes", volume, on_pod=True)
            draft.add("volumeMounts", mount)


def configured(container: Container, draft: Draft) -> None:
    """A configuration of its own may name files and ports that the image's does not."""
    for one in mounts(container):
        if one.origin == "given" and is_within(one.path, "/etc"):
            draft.doubt(f"its own configuration at {one.path!r} may name other files and ports")


def open_low_ports(
    container: Container, facts: ImageFacts | None, draft: Draft, context: Context
) -> None:
    """Let every user listen on ports below 1024, inside the pod's own network alone.

    On the node's network the sysctl would be the node's, and the kubelet refuses it.
    """
    port = _lowest(container, facts)
    if port is None:
        return
    alternative = facts.nonroot.value.alternative if facts and facts.nonroot else None
    instead = f"; the image {alternative!r} does not need that" if alternative else ""
    if container.pod.spec.get("hostNetwork") is True:
        draft.advice = draft.advice or (
            f"it listens on port {port} of the node, which only root may: choose a port from "
            f"1024 on{instead}"
        )
    elif context.version < SAFE_SYSCTL:
        draft.advice = draft.advice or (
            f"it listens on port {port}, which only root may before Kubernetes 1.22: choose a "
            f"port from 1024 on{instead}"
        )
    else:
        _open(container, port, draft)


def _open(container: Container, port: int, draft: Draft) -> None:
    start = next(
        (
            one.get("value")
            for one in map(as_mapping, as_list(container.pod.own(SYSCTLS)))
            if one.get("name") == LOW_PORTS
        ),
        None,
    )
    if start is None:
        draft.add(SYSCTLS, {"name": LOW_PORTS, "value": "0"}, on_pod=True)
    elif not (str(start).isdigit() and int(str(start)) <= port):
        draft.doubt(f"it listens on port {port}, and the pod's sysctl {LOW_PORTS} forbids that")


def _lowest(container: Container, facts: ImageFacts | None) -> int | None:
    """A port below 1024 that it listens on: as declared, else as its image does by default."""
    declared = [
        number
        for one in map(as_mapping, as_list(container.spec.get("ports")))
        if isinstance(number := one.get("containerPort"), int)
    ]
    low = [number for number in declared if 0 < number < _LOW]
    if low:
        return min(low)
    ports = facts.ports.value if facts and facts.ports else None
    if ports is None or not ports.is_low:
        return None
    return min((number for number in ports.numbers if number < _LOW), default=None)
