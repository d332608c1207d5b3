"""What to change (patches on the tree), and which characters that is (edits on the text).

All patches of one change speak of the file as it is before any of them: positions in lists are
counted in the original.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import TypeAlias

from bot.frozen import frozen

Path: TypeAlias = tuple[str | int, ...]
Value: TypeAlias = (
    "None | bool | int | float | str | Mapping[str, Value] | list[Value] | tuple[Value, ...]"
)


class Keep(Enum):
    """Said in place of a value: what stands there stays."""

    KEEP = "keep"


KEEP = Keep.KEEP


@frozen
class Set:
    """Give `path` a value: a mapping is merged into what is there, the rest replaces its like."""

    document: int
    path: Path
    value: Value
    after: tuple[str, ...] = ()
    """Sibling keys that a new key is put after, where one of them is there; else it goes last."""


@frozen
class Remove:
    """Take the key or list item at `path` away; a key that is not there is gone already."""

    document: int
    path: Path


@frozen
class Append:
    """Put a value at the end of the list at `path`, unless an equal item is there."""

    document: int
    path: Path
    value: Value


@frozen
class Insert:
    """Put a value before item `index` of the list at `path`, unless an equal item is there."""

    document: int
    path: Path
    index: int
    value: Value


@frozen
class Rename:
    """Give the key at `path` the name `key`, where it stands; a `value` replaces the old one."""

    document: int
    path: Path
    key: str
    value: Value | Keep = KEEP


@frozen
class NewDocument:
    """Put a document at the end of the file, under comment lines where `comment` has any."""

    value: Mapping[str, Value]
    comment: str = ""


PathPatch: TypeAlias = Set | Remove | Append | Insert | Rename
Patch: TypeAlias = PathPatch | NewDocument


class Refused(Exception):  # it is an answer, not a failure
    """An edit that cannot be made safely; `reason` says why, in words for people.

    `patches` are the ones to blame, where that is known.
    """

    def __init__(self, reason: str, patches: Iterable[Patch] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.patches = tuple(patches)


@frozen
class Edit:
    """Replace the characters `start` to `end` (offsets in the text without BOM) by `text`."""

    start: int
    end: int
    text: str


def apply_edits(text: str, edits: Sequence[Edit]) -> str:
    """The text with all edits made. Edits are in order; Refused where two overlap."""
    parts: list[str] = []
    position = 0
    for change in edits:
        if change.start < position:
            raise Refused("two edits overlap")
        parts += (text[position : change.start], change.text)
        position = change.end
    parts.append(text[position:])
    return "".join(parts)


def places(edits: Sequence[Edit]) -> list[tuple[int, int]]:
    """Where the new texts of edits stand in the text that they make, start and end."""
    found: list[tuple[int, int]] = []
    drift = 0
    for change in edits:
        start = change.start + drift
        found.append((start, start + len(change.text)))
        drift += len(change.text) - (change.end - change.start)
    return found
