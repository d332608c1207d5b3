"""JSON pointers as paths."""

from __future__ import annotations

import re

from bot.yamlpatch import Path

_POINTER_STEP = re.compile(r"~1|~0")


def steps(pointer: str) -> Path:
    """The path that a JSON pointer spells (RFC 6901); digits count list items."""
    parts = pointer.split("/")[1:]
    return tuple(
        int(part) if part.isdigit() else _POINTER_STEP.sub(_unescaped, part) for part in parts
    )


def _unescaped(match: re.Match[str]) -> str:
    return "/" if match[0] == "~1" else "~"
