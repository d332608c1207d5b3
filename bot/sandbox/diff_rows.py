"""The rows of a patch: where a review comment may stand, and what the page shows."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HEADER = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a diff; `old` and `new` are line numbers where it stands on that side."""

    kind: str
    text: str
    hunk: int
    old: int | None = None
    new: int | None = None


def rows(patch: str) -> list[Row]:
    """All rows, hunk headers (kind `@`) included; lengths decide where a hunk ends."""
    out: list[Row] = []
    old = new = old_left = new_left = hunk = 0
    for line in patch.split("\n"):
        if not old_left and not new_left and (found := _HEADER.match(line)):
            hunk += 1
            old, new = int(found[1]), int(found[3])
            old_left, new_left = int(found[2] or 1), int(found[4] or 1)
            out.append(Row(kind="@", text=line, hunk=hunk))
        elif line.startswith("\\"):
            out.append(Row(kind="\\", text=line[2:], hunk=hunk))
        else:
            kind, text = line[:1] or " ", line[1:]
            on_old, on_new = kind in " -", kind in " +"
            out.append(
                Row(
                    kind=kind,
                    text=text,
                    hunk=hunk,
                    old=old if on_old else None,
                    new=new if on_new else None,
                )
            )
            old, old_left = old + on_old, old_left - on_old
            new, new_left = new + on_new, new_left - on_new
    return out


def place(patch: str, line: int, side: str) -> Row | None:
    """The row that a line number on a side means."""
    for row in rows(patch):
        number = row.new if side == "RIGHT" else row.old
        if number == line and row.kind in (" +" if side == "RIGHT" else " -"):
            return row
    return None


def excerpt(patch: str, line: int, side: str) -> str:
    """The `diff_hunk` of a comment: its hunk down to the commented row."""
    found = place(patch, line, side)
    taken: list[str] = []
    for row in rows(patch):
        if found is not None and row.hunk == found.hunk:
            taken.append(row.text if row.kind == "@" else row.kind + row.text)
            if row == found:
                break
    return "\n".join(taken)


def position(patch: str, line: int, side: str) -> int | None:
    """GitHub's legacy position: rows below the first hunk header."""
    found = place(patch, line, side)
    return rows(patch).index(found) if found is not None else None
