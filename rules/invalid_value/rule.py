"""Values of the wrong type, such as string booleans, and required fields that are missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from bot.rule import (
    Advice,
    Context,
    Object,
    Question,
    RuleFix,
    SchemaFault,
    SetField,
    View,
    Violation,
    folder_of,
    kustomizations_of,
    schema_faults,
)

_NAMES = {
    "array": "a list",
    "boolean": "a boolean",
    "integer": "a whole number",
    "number": "a number",
    "object": "a mapping",
    "string": "a string",
}
_KINDS = (
    (bool, _NAMES["boolean"]),
    (int | float, _NAMES["number"]),
    (list, _NAMES["array"]),
    (dict, _NAMES["object"]),
)
_BOOLEANS = {"true": True, "false": False}
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")


def check(target: Object, context: Context) -> Iterator[Violation]:
    """Each value that is not of its field's type, and each field that must be there and is not."""
    for fault in schema_faults(target, context):
        if fault.problem.fault == "missing":
            message = f"{fault.subject} lacks the required field {fault.place!r}"
            question = (folder_of(target.file),) if fault.problem.may_be_added else None
            yield Violation(fault.field, message, question=question)
        elif fault.problem.fault == "type":
            yield Violation(fault.field, _wrong_type(fault))


def confirm(question: Question, view: View) -> bool:
    """A field near the root may come from kustomize, or the object be a patch: look around.

    A folder of patches may have no kustomization of its own, but one above it.
    """
    (folder,) = question
    known = kustomizations_of(view)
    around = (folder, *map(str, PurePosixPath(folder).parents))
    return view.complete and not any(next(known.of(_root(one)), None) for one in around)


def _root(folder: str) -> str:
    return "" if folder == "." else folder


def _wrong_type(fault: SchemaFault) -> str:
    """The value itself is not repeated: it may be a secret that lost its quotes."""
    value = fault.value
    wanted = [_NAMES[name] for name in fault.problem.expected if name in _NAMES]
    text = f"{fault.subject} sets {fault.place!r} to {_kind(value)}"
    text += f", where {' or '.join(sorted(wanted))} belongs"
    if _meant(fault) is not None:
        return f"{text}: write it without quotes"
    if "string" in fault.problem.expected and isinstance(value, bool | int | float):
        return f"{text}: put it in quotes"
    return text


def _kind(value: Any) -> str:
    return next((name for types, name in _KINDS if isinstance(value, types)), _NAMES["string"])


def _meant(fault: SchemaFault) -> bool | int | None:
    """What a string in quotes was meant to be, where there is no doubt."""
    value = fault.value
    if not isinstance(value, str):
        return None
    if "boolean" in fault.problem.expected:
        return _BOOLEANS.get(value.lower())
    if "integer" in fault.problem.expected and _WHOLE.fullmatch(value):
        return int(value)
    return None


def fix(target: Object, violation: Violation, context: Context) -> RuleFix | Advice | None:
    """Take the quotes away. To add quotes is for people: `yes` and `1.10` are read as others."""
    if not isinstance(target.own(violation.field), str):
        return None
    for fault in schema_faults(target, context):
        if fault.field == violation.field and (meant := _meant(fault)) is not None:
            return RuleFix(patches=(SetField(field=fault.field, value=meant, target="object"),))
    return None
