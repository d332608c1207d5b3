"""Where a field stands in its file, and what it is called."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.kubernetes.workload import Container, below
from bot.model.finding import Region
from bot.model.manifest import Manifest
from bot.rule.rule import Target
from bot.yamlpatch import Path

_STEP = re.compile(r"\[([^\]]*)\]|([^.\[]+)")


@lru_cache(maxsize=4096)
def steps(field: str) -> Path:
    """The steps of a field as rules write it; the empty field has none."""
    return tuple(
        int(plain) if plain.isdigit() else plain or bracketed
        for bracketed, plain in _STEP.findall(field)
    )


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


def region(manifest: Manifest, path: Path) -> Region:
    """The place of a field, or of its nearest existing ancestor."""
    spot, depth = manifest.stream.locate(manifest.document, path)
    end = spot.end_line if depth == len(path) and path != manifest.base else spot.line
    return Region(line=spot.line, column=spot.column, end_line=end)


def block(manifest: Manifest, target: Target) -> Region:
    """The whole container; the whole object where the target is none."""
    path = target.path if isinstance(target, Container) else manifest.base
    spot, _ = manifest.stream.locate(manifest.document, path)
    return Region(line=spot.line, column=spot.column, end_line=spot.end_line)
