"""Suppressions: findings that somebody allows, where that is said, and why."""

from __future__ import annotations

from datetime import date
from typing import Literal

from bot.frozen import frozen

SuppressionSource = Literal["comment", "annotation", "peer", "config"]
Fate = Literal["used", "unused", "unjudged", "expired", "faulty", "enforced"]
Reach = Literal["line", "container", "object"]


@frozen
class Place:
    """Lines of one file, 1-based and inclusive; `containers`, where named, narrows them.

    A place that reaches for a `line` holds what touches it; a wider one holds what begins in it.
    """

    reach: Reach
    lines: tuple[tuple[int, int], ...]
    containers: tuple[str, ...] = ()


@frozen
class Match:
    """What an entry of a config speaks of, as globs; an absent one matches everything."""

    path: str | None = None
    kind: str | None = None
    namespace: str | None = None
    name: str | None = None
    container: str | None = None


@frozen
class Suppression:
    """One rule allowed in one scope, as written at `file`:`line`.

    `until` is the last day on which it holds. `fault` says why it allows nothing at all, such as
    a reason that is missing.
    """

    rule: str
    reason: str
    source: SuppressionSource
    file: str
    line: int
    scope: Place | Match
    until: date | None = None
    fault: str = ""


@frozen
class Verdict:
    """What became of a suppression, and why in words where it allowed nothing."""

    suppression: Suppression
    fate: Fate
    note: str = ""
