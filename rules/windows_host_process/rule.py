"""Windows containers that are processes of their node."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Container, Context, Pod, Violation, as_mapping

FIELD = "securityContext.windowsOptions.hostProcess"


def check_pod(pod: Pod, context: Context) -> Iterator[Violation]:
    """What the pod says for all containers, even if each says otherwise."""
    if as_mapping(pod.security.get("windowsOptions")).get("hostProcess") is True:
        yield Violation(FIELD, f"pod {pod.name!r} runs its containers as processes of the node")


def check(container: Container, context: Context) -> Iterator[Violation]:
    """What the container says itself."""
    if as_mapping(container.security.get("windowsOptions")).get("hostProcess") is True:
        yield Violation(FIELD, f"container {container.name!r} runs as a process of the node")
