"""The declared verbs: require, forbid, set, remove, append. The language is closed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs

from bot.config import Config
from bot.errors import RuleError
from bot.rule.rule import (
    AppendField,
    Check,
    Context,
    FieldPatch,
    RemoveField,
    Scope,
    SetField,
    Target,
    Violation,
)

_PLACEHOLDER = re.compile(r"^\$\{config\.([a-z_]+)\}$")


def check_of(data: dict[str, Any], source: Path) -> Check:
    """The check of `require` and `forbid`: JSON Schema on effective values."""
    required = _compiled(data.get("require", {}))
    forbidden = _compiled(data.get("forbid", {}))
    message = data.get("message")
    if not message or not (required or forbidden):
        raise RuleError(f"{source}: needs 'message' and 'require' or 'forbid', or a rule.py")

    def check(target: Target, _context: Context) -> Iterator[Violation]:
        for field, schema in required:
            value = target.field(field)
            if value is None or not schema.is_valid(value):
                yield Violation(field, message.format(name=target.name))
        for field, schema in forbidden:
            value = target.field(field)
            if value is not None and schema.is_valid(value):
                yield Violation(field, message.format(name=target.name))

    return check


def _compiled(fields: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(field, jsonschema_rs.validator_for(schema)) for field, schema in fields.items()]


def patches_of(fix: dict[str, Any]) -> tuple[FieldPatch, ...]:
    """The patches of a declared fix; those under `pod` go to the pod."""
    return (*_patches(fix, "container"), *_patches(fix.get("pod", {}), "pod"))


def _patches(fix: dict[str, Any], target: Scope) -> Iterator[FieldPatch]:
    for field, value in fix.get("set", {}).items():
        yield SetField(field=field, value=value, target=target)
    for field in fix.get("remove", ()):
        yield RemoveField(field=field, target=target)
    for field, value in fix.get("append", {}).items():
        yield AppendField(field=field, value=value, target=target)


def filled(value: Any, config: Config) -> Any:
    """A value with `${config.name}` filled in, its type kept."""
    if isinstance(value, dict):
        return {key: filled(item, config) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, config) for item in value]
    match = _PLACEHOLDER.match(value) if isinstance(value, str) else None
    return getattr(config, match.group(1)) if match else value
