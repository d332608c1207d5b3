"""What is known of public images: users, ports, writable paths, each with its confidence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from bot.kubernetes.image import parse
from bot.yamlpatch import plain

_TABLE = Path(__file__).with_name("images.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFacts:
    """One image family. `proved` says that its facts were read or tested, not remembered."""

    family: str
    nonroot: str
    uid: int | None
    gid: int | None
    step_down: bool
    file_caps: tuple[str, ...]
    low_port: bool
    ro_rootfs: str
    proved: bool


@lru_cache(maxsize=4096)
def known(image: str) -> ImageFacts | None:
    """The facts of an image, or None where the table does not know it."""
    reference = parse(image)
    if reference is None:
        return None
    repository = reference.repository
    names = {repository, repository.removeprefix("docker.io/library/")}
    names.add(repository.removeprefix("docker.io/"))
    for patterns, facts in _families():
        if any(pattern.search(name) for pattern in patterns for name in names):
            return facts
    return None


@cache
def _families() -> tuple[tuple[tuple[re.Pattern[str], ...], ImageFacts], ...]:
    table = plain(_TABLE.read_bytes())
    return tuple((_patterns(row), _facts(row)) for row in table["images"])


def _patterns(row: dict[str, Any]) -> tuple[re.Pattern[str], ...]:
    match = row["match"]
    return tuple(re.compile(m) for m in ([match] if isinstance(match, str) else match))


def _facts(row: dict[str, Any]) -> ImageFacts:
    uid, gid = row.get("uid"), row.get("gid")
    caps = row.get("file_caps")
    return ImageFacts(
        family=str(row.get("id") or row.get("name") or row["match"]),
        nonroot=str(row.get("nonroot", "no")),
        uid=uid if isinstance(uid, int) and uid > 0 else None,
        gid=gid if isinstance(gid, int) else None,
        step_down=bool(row.get("step_down")),
        file_caps=tuple(caps) if isinstance(caps, list) else (),
        low_port=bool(row.get("low_port")),
        ro_rootfs=str(row.get("ro_rootfs", "unknown")),
        proved="recalled" not in str(row.get("confidence", "recalled")),
    )
