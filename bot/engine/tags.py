"""Newer tags of the same flavour: 1.25.3-alpine is followed by 1.25.4-alpine, not by 1.26-slim."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.frozen import frozen

_TAG = re.compile(r"(?P<before>v?)(?P<numbers>\d+(?:\.\d+){0,3})(?P<after>(?:[-+_.].*)?)")
_UNFINISHED = re.compile(
    r"(?:^|[-_.+])(?:alpha|beta|rc|dev|pre|preview|snapshot|nightly|canary|m)[-.]?\d*(?:[-_.+]|$)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+")
_LONGEST_NUMBER = 6
"""Digits of a part of a version; more are a date or a commit."""


@frozen
class _Version:
    tag: str
    numbers: tuple[int, ...]
    flavour: tuple[str, int, str]
    """What may not change: the prefix, how many parts the version has, the words behind it."""
    after: tuple[int, ...]
    """The numbers in the words behind it, such as that of the base in -alpine3.19."""


def newer_tags(tag: str, tags: Iterable[str], most: int) -> tuple[str, ...]:
    """Up to `most` newer tags of the same flavour, the smallest first.

    Of many, the newest of each line is taken, beginning with the tag's own: a patch before a
    minor before a major version. Tags of unfinished versions are none, unless the tag is one.
    """
    own = _version(tag)
    if own is None or most <= 0:
        return ()
    found = [
        version
        for one in tags
        if (version := _version(one)) is not None
        and version.flavour == own.flavour
        and (version.numbers, version.after) > (own.numbers, own.after)
        and version.after >= own.after
        and (not _UNFINISHED.search(one) or _UNFINISHED.search(tag) is not None)
    ]
    lines: dict[tuple[int, ...], _Version] = {}
    for depth in range(len(own.numbers) - 1, -1, -1):
        line = [version for version in found if version.numbers[:depth] == own.numbers[:depth]]
        if line:
            best = max(line, key=_order)
            lines[best.numbers + best.after] = best
    chosen = sorted(lines.values(), key=_order)
    return tuple(version.tag for version in chosen[:most])


def _order(version: _Version) -> tuple[tuple[int, ...], tuple[int, ...], str]:
    return version.numbers, version.after, version.tag


def _version(tag: str) -> _Version | None:
    match = _TAG.fullmatch(tag)
    if match is None:
        return None
    parts = match["numbers"].split(".")
    behind = _NUMBER.findall(match["after"])
    if any(len(part) > _LONGEST_NUMBER for part in (*parts, *behind)):
        return None
    return _Version(
        tag=tag,
        numbers=tuple(map(int, parts)),
        flavour=(match["before"], len(parts), _NUMBER.sub("#", match["after"])),
        after=tuple(map(int, behind)),
    )
