"""The table of public images: users, capabilities, ports, writable paths, with confidence."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from bot.kubernetes.config_facts import user_of
from bot.kubernetes.image import parse
from bot.kubernetes.image_facts import (
    Capabilities,
    Fact,
    Files,
    ImageFacts,
    NonRoot,
    Ports,
    Source,
    User,
    Writable,
)

TABLE = Path(__file__).with_name("images.yaml")
READ = TABLE.with_suffix(".json")
"""The same, written by `make record`: JSON is read thirty times as fast as YAML."""
_SAID = {
    "dockerfile": "its Dockerfile",
    "manifest": "upstream manifests",
    "tested": "a test",
    "issue": "its maintainers",
    "recalled": "memory alone",
}


class Size(NamedTuple):
    """The starting point of a class of images: quantities as Kubernetes writes them."""

    cpu_request: str
    memory_request: str
    memory_limit: str


@lru_cache(maxsize=4096)
def known(image: str) -> ImageFacts | None:
    """The facts of an image reference, or None where the table does not know it."""
    reference = parse(image)
    if reference is None:
        return None
    row = _row(reference.repository)
    return None if row is None else _facts(_variant(row, reference.tag or ""))


def _row(repository: str) -> Mapping[str, Any] | None:
    """The row of a repository: under its own name, else under the first glob that fits."""
    table = _table()
    if repository in table.names:
        return table.names[repository]
    return next((row for glob, row in table.globs if fnmatchcase(repository, glob)), None)


def sizes() -> Mapping[str, Size]:
    """The classes of images by name."""
    return _table().sizes


class _Table(NamedTuple):
    names: Mapping[str, Mapping[str, Any]]
    globs: Sequence[tuple[str, Mapping[str, Any]]]
    sizes: Mapping[str, Size]


@cache
def _table() -> _Table:
    """The table, read when it is first asked."""
    data = json.loads(READ.read_bytes())
    named = [(name, row) for row in data["images"] for name in row["match"]]
    return _Table(
        {name: row for name, row in named if "*" not in name},
        [(glob, row) for glob, row in named if "*" in glob],
        {name: _size(found) for name, found in data["resources"].items()},
    )


def _size(row: Mapping[str, Any]) -> Size:
    requests = row["requests"]
    return Size(requests["cpu"], requests["memory"], row["limits"]["memory"])


def _variant(row: Mapping[str, Any], tag: str) -> Mapping[str, Any]:
    """The row as it is for a tag: `alpine` speaks of 1.2-alpine and 1.2-alpine3.20.

    Of several that fit, the one with most words does.
    """
    said = re.split(r"[-_.]", tag)
    fitting = [
        name
        for name in row.get("variants", ())
        if all(any(one.startswith(word) for one in said) for word in name.split("-"))
    ]
    return {**row, **row["variants"][max(fitting, key=len)]} if fitting else row


def _facts(row: Mapping[str, Any]) -> ImageFacts:
    confidence = row["confidence"]
    name = row["name"]
    return ImageFacts(
        family=name,
        size=row["class"],
        user=_user(row, _source(name, confidence["user"])),
        nonroot=Fact(_nonroot(row), _source(name, _weaker(row, confidence))),
        capabilities=Fact(_capabilities(row), _source(name, confidence["user"])),
        files=Fact(_files(row), _source(name, confidence["ro"])),
        ports=Fact(_ports(row), _source(name, confidence["user"])),
    )


def _source(name: str, confidence: str) -> Source:
    said = _SAID[confidence]
    return Source(f"the table of images on {name!r}, from {said}", sure=confidence != "recalled")


def _weaker(row: Mapping[str, Any], confidence: Mapping[str, str]) -> str:
    """How sure it is to run as its number: that it can, and, unless any will do, the number."""
    if row["uid"] and "any_uid" not in row and confidence["user"] == "recalled":
        return "recalled"
    return confidence["nonroot"]


def _user(row: Mapping[str, Any], source: Source) -> Fact[User] | None:
    """The USER; that of a named one has the number that the row knows."""
    written = row["image_user"]
    if written == "unknown":
        return None
    user = user_of(written)
    if user.name is not None:
        user = User(uid=row["uid"], gid=row["gid"], name=user.name)
    return Fact(user, source)


def _nonroot(row: Mapping[str, Any]) -> NonRoot:
    gid = row["gid"]
    return NonRoot(
        verdict=row["nonroot"],
        uid=row["uid"] or None,
        gid=row.get("run_group", gid),
        fs_group=row.get("fs_group", gid) or None,
        any_uid=row.get("any_uid", False),
        mounts=tuple(row.get("nonroot_mounts", ())),
        changes=tuple(row.get("changes", ())),
        by_hand=row.get("auto_fix") == "advise",
        alternative=row.get("alternative"),
    )


def _capabilities(row: Mapping[str, Any]) -> Capabilities:
    return Capabilities(
        of_files=tuple(row.get("file_caps", ())),
        of_root=tuple(row.get("root_caps", ())),
        step_down=row.get("step_down"),
    )


def _files(row: Mapping[str, Any]) -> Files:
    return Files(
        verdict=row["ro_rootfs"],
        writable=tuple(
            Writable(
                path=one["path"],
                is_data=one.get("data", False),
                is_seeded=one.get("seed", False),
                condition=one.get("only_if"),
                when_mounted=one.get("when_mounted"),
            )
            for one in row["writable"]
        ),
    )


def _ports(row: Mapping[str, Any]) -> Ports:
    low = row["low_port"]
    return Ports(numbers=tuple(row["ports"]), is_low=None if low == "config" else low)
