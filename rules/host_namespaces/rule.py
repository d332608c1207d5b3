"""Pods in the network, process or IPC namespace of their node."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Context, Pod, Violation

FIELDS = ("hostNetwork", "hostPID", "hostIPC")


def check(pod: Pod, context: Context) -> Iterator[Violation]:
    """None of the three may be true."""
    for field in FIELDS:
        if pod.spec.get(field) is True:
            yield Violation(field, f"pod {pod.name!r} shares a namespace of the host: {field}")
