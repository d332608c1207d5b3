"""Fields that exist on a pod only, put on a container: the API server drops or rejects them."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import (
    POD_ONLY,
    Advice,
    Container,
    Context,
    RemoveField,
    RuleFix,
    SetField,
    Violation,
)


def check(container: Container, context: Context) -> Iterator[Violation]:
    """None of the pod's fields in the container's own securityContext."""
    own = container.own("securityContext")
    for field in POD_ONLY if isinstance(own, dict) else ():
        if field in own:
            message = f"container {container.name!r} sets {field}, which only a pod has"
            yield Violation(f"securityContext.{field}", message)


def fix(container: Container, violation: Violation, context: Context) -> RuleFix | Advice:
    """Move it, unless the pod says something else already, or is for Windows."""
    if container.pod.is_windows:
        return Advice("take it away: Windows has none of these fields")
    value, standing = container.own(violation.field), container.pod.own(violation.field)
    if standing is not None and standing != value:
        return Advice("the pod sets another value already: keep one of them")
    return RuleFix(
        patches=(
            RemoveField(field=violation.field),
            SetField(field=violation.field, value=value, target="pod"),
        )
    )
