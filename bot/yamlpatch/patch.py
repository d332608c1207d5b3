"""What to change (patches on the tree), and which characters that is (edits on the text)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]
Value: TypeAlias = (
    "None | bool | int | float | str | Mapping[str, Value] | list[Value] | tuple[Value, ...]"
)


class Refused(Exception):  # it is an answer, not a failure
    """An edit that cannot be made safely; `reason` says why, in words for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Set:
    """Give `path` a value: a mapping is merged into what is there, a scalar replaces a scalar."""

    document: int
    path: Path
    value: Value
    after: tuple[str, ...] = ()
    """Sibling keys that a new key is put after, where one of them is there; else it goes last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    """Take the key or list item at `path` away."""

    document: int
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """Put a value at the end of the list at `path`; an absent list is made."""

    document: int
    path: Path
    value: Value


Patch: TypeAlias = Set | Remove | Append


@dataclass(frozen=True, slots=True, kw_only=True)
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
