"""Probes and lifecycle hooks that make the kubelet ask another host than the pod."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import (
    Advice,
    Container,
    Context,
    RemoveField,
    RuleFix,
    Violation,
    as_mapping,
)

PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
HOOKS = ("postStart", "preStop")
ACTIONS = ("httpGet", "tcpSocket")


def check(container: Container, context: Context) -> Iterator[Violation]:
    """No host, or an empty one."""
    for name in PROBES:
        yield from _hosts(container, container.spec.get(name), name)
    lifecycle = as_mapping(container.spec.get("lifecycle"))
    for name in HOOKS:
        yield from _hosts(container, lifecycle.get(name), f"lifecycle.{name}")


def _hosts(container: Container, handler: object, place: str) -> Iterator[Violation]:
    if handler is None:
        return
    for action in ACTIONS:
        host = as_mapping(as_mapping(handler).get(action)).get("host")
        if host:
            message = f"{place} of container {container.name!r} asks the host {host!r}"
            yield Violation(f"{place}.{action}.host", message)


def fix(container: Container, violation: Violation, context: Context) -> RuleFix | Advice:
    """Take the host away; on the node's own network the process may listen on that host alone."""
    if container.pod.spec.get("hostNetwork") is True:
        return Advice("let the process listen on all addresses of the node, then take host away")
    return RuleFix(patches=(RemoveField(field=violation.field),))
