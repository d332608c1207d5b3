"""Pods with `serviceAccount`, an alias that only the API server still understands."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import Advice, Context, Pod, RemoveField, RuleFix, SetField, Violation

OLD, NEW = "serviceAccount", "serviceAccountName"


def check(pod: Pod, context: Context) -> Iterator[Violation]:
    """The field, if it says anything."""
    if isinstance(pod.spec.get(OLD), str) and pod.spec[OLD]:
        yield Violation(OLD, f"pod {pod.name!r} names its ServiceAccount in the field {OLD!r}")


def fix(pod: Pod, violation: Violation, context: Context) -> RuleFix | Advice:
    """Rename it; where both are there and differ, the new one counts, and a person must choose."""
    old, new = pod.own(OLD), pod.own(NEW)
    if new and new != old:
        return Advice(f"{NEW} says {new!r}, and counts: take {OLD} away if that is meant")
    patches = (RemoveField(field=OLD), SetField(field=NEW, value=old))
    return RuleFix(patches=patches if not new else patches[:1])
