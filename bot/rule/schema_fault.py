"""What Kubernetes' own schema says of an object, in the words of podsec."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bot.frozen import frozen
from bot.kubernetes.schema import Problem, problems
from bot.kubernetes.workload import CONTAINER_LISTS, Object, reach
from bot.rule.rule import Context
from bot.yamlpatch import Path

_PLAIN = re.compile(r"[A-Za-z_$][\w$-]*")
_LONGEST = 80


@frozen
class SchemaFault:
    """A problem with its place: `field` as rules write it, below the object."""

    problem: Problem
    field: str
    subject: str
    """Who has it: container 'shop', or Deployment 'web'."""
    place: str
    """The field below that subject, as people write it."""
    value: Any
    """What stands there, None where nothing does."""


def schema_faults(target: Object, context: Context) -> Iterator[SchemaFault]:
    """What the API server would refuse of an object, by the schema of the version in `context`."""
    found = problems(target.spec, target.api_version, target.kind, context.version)
    for problem in found:
        depth, subject = _subject(target, problem.path)
        yield SchemaFault(
            problem=problem,
            field=field_of(problem.path),
            subject=subject,
            place=_readable(problem.path[depth:]),
            value=reach(target.spec, problem.path),
        )


def field_of(path: Path) -> str:
    """A path as rules write fields: items counted, odd keys in brackets."""
    text = ""
    for step in path:
        plain = isinstance(step, int) or _PLAIN.fullmatch(step)
        text += f".{step}" if plain else f"[{step}]"
    return text.removeprefix(".")


def _subject(target: Object, path: Path) -> tuple[int, str]:
    """The container that holds a path, else the object; and how many steps lead to it."""
    for depth in range(len(path) - 1, 1, -1):
        if path[depth - 2] in CONTAINER_LISTS and isinstance(path[depth - 1], int):
            container = reach(target.spec, path[:depth])
            name = container.get("name") if isinstance(container, dict) else None
            if isinstance(name, str):
                return depth, f"container {name!r}"
    return 0, f"{target.kind} {target.name!r}" if target.name else target.kind


def _readable(path: Path) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")[:_LONGEST]
