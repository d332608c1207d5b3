"""Where a field stands in its file, and what it is called."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.kubernetes.workload import below
from bot.rule.rule import Target
from bot.yamlpatch import Path

_STEP = re.compile(r"\[([^\]]*)\]|([^.\[]+)")


@lru_cache(maxsize=4096)
def is_plain(field: str) -> bool:
    """Whether a field of the target itself counts no list items and needs no brackets."""
    below = steps(field)
    counted = "[" in field or any(isinstance(step, int) for step in below)
    return not counted and below[:1] != ("metadata",)


@lru_cache(maxsize=4096)
def steps(field: str) -> Path:
    """The steps of a field as rules write it; the empty field has none."""
    return tuple(
        int(plain) if plain.isdigit() else plain or bracketed
        for bracketed, plain in _STEP.findall(field)
    )


@lru_cache(maxsize=4096)
def plain_pointer(field: str) -> str:
    """A plain field as a JSON pointer below its target."""
    return pointer(steps(field))


def by_name(field: str, target: Target) -> str:
    """A field whose list items are named, not counted."""
    out: list[str] = []
    data = target.spec
    for step in steps(field):
        data = below(data, step)
        named = isinstance(step, int) and isinstance(data, dict) and data.get("name")
        out.append(f"[{data['name']}]" if named else str(step))
    return ".".join(out)


def dotted(path: Path) -> str:
    """A path as people write it: spec.containers[0].image."""
    text = ""
    for step in path:
        plain = isinstance(step, str) and "." not in step
        text += f".{step}" if plain else f"[{step}]"
    return text.removeprefix(".")


def pointer(path: Path) -> str:
    """A path as a JSON pointer (RFC 6901)."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)
