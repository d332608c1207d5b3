"""Fields that the schema of the object's kind does not have at that place."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import POD_ONLY, Context, Object, SchemaFault, Violation, schema_faults


def check(target: Object, context: Context) -> Iterator[Violation]:
    """Each unknown field, with the one that is meant or the place where it belongs."""
    for fault in schema_faults(target, context):
        if fault.problem.fault == "unknown" and not _is_of_the_pod(fault):
            message = f"{fault.subject} has no field {fault.place!r}{_hint(fault)}"
            yield Violation(fault.field, message)


def _is_of_the_pod(fault: SchemaFault) -> bool:
    """The rule misplaced-pod-field says it better, and mends it."""
    path = fault.problem.path
    return path[-1] in POD_ONLY and path[-2:-1] == ("securityContext",)


def _hint(fault: SchemaFault) -> str:
    similar, home = fault.problem.similar, fault.problem.home
    if similar is not None:
        return f": did you mean {similar!r}?"
    if home is not None:
        return f": it belongs to {home!r}"
    return ": the root of the object has it" if home == "" else ""
