"""SELinux labels that are chosen by hand, on the pod or on a container."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.rule import Container, Context, Pod, Version, Violation, as_mapping

OPTIONS = "securityContext.seLinuxOptions"
TYPES = ("container_t", "container_init_t", "container_kvm_t")
ENGINE_TYPE = "container_engine_t"
ENGINE_SINCE = Version(31)


def check_pod(pod: Pod, context: Context) -> Iterator[Violation]:
    """What the pod says itself."""
    options = pod.security.get("seLinuxOptions")
    if options is not None:
        yield from _chosen(options, f"pod {pod.name!r}", context)


def check(container: Container, context: Context) -> Iterator[Violation]:
    """What the container says itself."""
    options = container.security.get("seLinuxOptions")
    if options is not None:
        yield from _chosen(options, f"container {container.name!r}", context)


def _chosen(options: Any, who: str, context: Context) -> Iterator[Violation]:
    """One of the container types, and neither user nor role; the level is free."""
    said = as_mapping(options)
    kind = said.get("type") or ""
    is_engine = kind == ENGINE_TYPE and context.version >= ENGINE_SINCE
    if kind and kind not in TYPES and not is_engine:
        yield Violation(f"{OPTIONS}.type", f"{who} chooses the SELinux type {kind!r}")
    for name in ("user", "role"):
        if value := said.get(name):
            yield Violation(f"{OPTIONS}.{name}", f"{who} chooses the SELinux {name} {value!r}")
