"""The declared verbs: require, forbid, set, remove, append. The language is closed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import Formatter
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

_FILLED = frozenset(
    {
        "run_as_user",
        "run_as_group",
        "fs_group",
        "cpu_request",
        "cpu_limit",
        "memory_request",
        "memory_limit",
    }
)
_PLACEHOLDER = re.compile(r"^\$\{config\.([a-z_]+)\}$")


def check_of(data: dict[str, Any], source: str) -> Check:
    """The check of `require` and `forbid`: JSON Schema on effective values. Raises RuleError."""
    required = _compiled(data.get("require", {}), source)
    forbidden = _compiled(data.get("forbid", {}), source)
    message = data.get("message")
    if not message or not (required or forbidden):
        raise RuleError(f"{source}: needs 'message' and 'require' or 'forbid', or a rule.py")
    _demand_plain(message, source)

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


def _demand_plain(message: str, source: str) -> None:
    """A message may be a stranger's: it fills in the target's name, and nothing else."""
    try:
        parts = list(Formatter().parse(message))
    except ValueError as error:
        raise RuleError(f"{source}: message: {error}") from error
    for _, name, spec, conversion in parts:
        if name is not None and (name != "name" or spec or conversion not in (None, "r", "s")):
            raise RuleError(f"{source}: message: may hold {{name}} and {{name!r}}, nothing else")


def _compiled(fields: dict[str, Any], source: str) -> list[tuple[str, Any]]:
    """The schemas, which look nothing up and whose patterns take linear time."""
    compiled = []
    for field, schema in fields.items():
        try:
            validator = jsonschema_rs.validator_for(
                schema, offline=True, pattern_options=jsonschema_rs.RegexOptions()
            )
        except (ValueError, TypeError) as error:
            first = str(error).splitlines()[0]
            raise RuleError(f"{source}: {field}: no JSON Schema: {first}") from error
        compiled.append((field, validator))
    return compiled


def patches_of(fix: dict[str, Any], source: str) -> tuple[FieldPatch, ...]:
    """The patches of a declared fix; those under `pod` go to the pod. Raises RuleError."""
    demand_known(fix, source)
    return (*_patches(fix, "container"), *_patches(fix.get("pod", {}), "pod"))


def _patches(fix: dict[str, Any], target: Scope) -> Iterator[FieldPatch]:
    for field, value in fix.get("set", {}).items():
        yield SetField(field=field, value=value, target=target)
    for field in fix.get("remove", ()):
        yield RemoveField(field=field, target=target)
    for field, value in fix.get("append", {}).items():
        yield AppendField(field=field, value=value, target=target)


def demand_known(value: Any, source: str) -> None:
    """Raises RuleError where a value names something that a config does not have."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            demand_known(item, source)
        return
    match = _PLACEHOLDER.match(value) if isinstance(value, str) else None
    if match and match[1] not in _FILLED:
        raise RuleError(f"{source}: {value}: expected one of {', '.join(sorted(_FILLED))}")


def filled(value: Any, config: Config) -> Any:
    """A value with `${config.name}` filled in, its type kept."""
    if isinstance(value, dict):
        return {key: filled(item, config) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, config) for item in value]
    match = _PLACEHOLDER.match(value) if isinstance(value, str) else None
    return getattr(config, match.group(1)) if match else value
