r"""Patches of GitHub's file lists: which lines a comment may stand on, and the text before.

A patch holds hunks only: no `---` and `+++` rows, no final newline. Rows are counted by the
header's lengths, since a deleted `-- x` looks like a header; only `\\n` ends a row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.model.change import Hunk

_HEADER = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


class PatchError(ValueError):
    """A patch that does not read as GitHub writes them."""


@dataclass(slots=True)
class _Rows:
    """One hunk while it is read."""

    new_start: int
    new_length: int
    old_length: int
    old: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    added: set[int] = field(default_factory=set)
    old_unended: bool = False
    new_unended: bool = False

    def take(self, kind: str, text: str) -> None:
        if kind in " -":
            self.old.append(text)
        if kind in " +":
            self.new.append(text)
        if kind == "+":
            self.added.add(self.new_start + len(self.new) - 1)

    @property
    def full(self) -> bool:
        return len(self.old) >= self.old_length and len(self.new) >= self.new_length


def _read(patch: str) -> list[_Rows]:
    out: list[_Rows] = []
    last = ""
    for row in patch.removesuffix("\n").split("\n"):
        if row.startswith("\\"):
            if out:
                out[-1].old_unended |= last in "- "
                out[-1].new_unended |= last in "+ "
            continue
        if not out or out[-1].full:
            out.append(_header(row))
            continue
        kind, text = (row[0], row[1:]) if row else (" ", "")
        if kind not in " +-":
            raise PatchError(f"unknown row {row[:20]!r}")
        out[-1].take(kind, text)
        last = kind
    if out and not out[-1].full:
        raise PatchError("the patch is cut inside a hunk")
    return out


def _header(row: str) -> _Rows:
    found = _HEADER.match(row)
    if found is None:
        raise PatchError(f"a hunk header was expected, not {row[:20]!r}")
    length = int(found[4] or 1)
    # an empty side starts at 0: its first line would be the next one
    start = int(found[3]) + (length == 0)
    return _Rows(start, length, int(found[2] or 1))


def hunks(patch: str) -> tuple[Hunk, ...]:
    """The head side of each hunk. Raises PatchError."""
    return tuple(
        Hunk(
            start=rows.new_start,
            end=rows.new_start + rows.new_length - 1,
            added=frozenset(rows.added),
        )
        for rows in _read(patch)
    )


def added_text(patch: str) -> str | None:
    """The whole text of an added file, or None where the patch does not hold all of it."""
    found = _read(patch)
    if len(found) != 1 or found[0].old_length or found[0].new_start != 1:
        return None
    return "\n".join(found[0].new) + ("" if found[0].new_unended else "\n")


def before(patch: str, head: str) -> str | None:
    """The text before the change, or None where the patch is cut or does not fit `head`."""
    try:
        found = _read(patch)
    except PatchError:
        return None
    lines = head.split("\n")
    unended = lines[-1] != ""
    if not unended:
        lines.pop()
    for rows in reversed(found):
        start = rows.new_start - 1
        if lines[start : start + rows.new_length] != rows.new:
            return None
        lines[start : start + rows.new_length] = rows.old
    if found and (found[-1].old_unended or found[-1].new_unended):
        unended = found[-1].old_unended
    return "\n".join(lines) + ("" if unended or not lines else "\n")
