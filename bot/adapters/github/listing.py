"""The list of a pull request's files, and the rows that GitHub empties where a page is too large.

Where the patches of one answer come to about 20,000 lines, the rows that are left come without a
patch and with no changes counted; smaller pages show them (community discussion 213491).
"""

from __future__ import annotations

from typing import Any

from bot.adapters.github.session import Session

_SUSPECT = 10_000  # lines of patches in one page, from which on an empty row may be a cut one
_SMALLER = (10, 1)
_MOST_PAGES = 30  # further rows are read as whole files instead
_EMPTY = frozenset(
    (
        "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
        "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
    )
)


def listed(session: Session, number: int, suffixes: tuple[str, ...]) -> list[dict[str, Any]]:
    """All rows; those of files that end in `suffixes` are asked for again where they were cut."""
    rows: list[dict[str, Any]] = []
    doubtful: list[int] = []
    for page in session.pages(f"/pulls/{number}/files"):
        if _lines(page) >= _SUSPECT:
            start = len(rows)
            doubtful += [start + n for n, row in enumerate(page) if _is_cut(row, suffixes)]
        rows += page
    asked = 0
    for size in _SMALLER:
        pages = sorted({index // size for index in doubtful})[: _MOST_PAGES - asked]
        asked += len(pages)
        for page_number in pages:
            found = session.get(f"/pulls/{number}/files", per_page=size, page=page_number + 1)
            _take(rows, page_number * size, found)
        doubtful = [index for index in doubtful if _is_cut(rows[index], suffixes)]
    return rows


def _take(rows: list[dict[str, Any]], start: int, found: list[dict[str, Any]]) -> None:
    """Put rows in their places, unless the list has moved meanwhile."""
    for offset, row in enumerate(found):
        index = start + offset
        if index < len(rows) and rows[index]["filename"] == row["filename"]:
            rows[index] = row


def _lines(page: list[dict[str, Any]]) -> int:
    return sum((row.get("patch") or "").count("\n") for row in page)


def _is_cut(row: dict[str, Any], suffixes: tuple[str, ...]) -> bool:
    """Whether a row says nothing of a file that has something to say."""
    return (
        "patch" not in row
        and not row["changes"]
        and row["status"] in ("added", "modified", "changed")
        and row["filename"].endswith(suffixes)
        and row["sha"] not in _EMPTY
    )
