"""Diffs that repeat no secret: what podsec found in a file is masked wherever it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bot.model.finding import Finding, Region

MASK = "******"
_KEY = re.compile(r"""^(?:- +)*(?:"[^"]*"|'[^']*'|[\w./-]+) *:(?: +|$)""")
_HEADER = re.compile(r"^[|>][-+\d]*$")
_SHORT = 4
"""Characters below which a text may be a part of any word: it is masked where it stands alone."""


class Mask:
    """The secrets of one version of a file, as they are written there.

    `findings` are those of the file that are sensitive, those that are allowed too.
    """

    def __init__(self, data: bytes, findings: Iterable[Finding]) -> None:
        lines = data.decode("utf-8", "replace").split("\n")
        regions = [finding.region for finding in findings if finding.sensitive]
        found = {word for region in regions for word in _words(lines, region)}
        self._words = [re.compile(_pattern(word)) for word in sorted(found, key=len, reverse=True)]

    def over(self, diff: str) -> tuple[str, int]:
        """A unified diff without the secrets, and on how many of its lines one was masked."""
        if not self._words:
            return diff, 0
        rows = diff.split("\n")
        masked = [row if row.startswith(("--- ", "+++ ", "@@")) else self._row(row) for row in rows]
        return "\n".join(masked), sum(a != b for a, b in zip(rows, masked, strict=True))

    def _row(self, row: str) -> str:
        for word in self._words:
            row = row[:1] + word.sub(MASK, row[1:])
        return row


def _pattern(word: str) -> str:
    quoted = re.escape(word)
    return quoted if len(word) >= _SHORT else rf"(?<![\w.-]){quoted}(?![\w.-])"


def _words(lines: list[str], region: Region) -> Iterator[str]:
    """What stands in a region, line by line, without keys, quotes and signs of YAML."""
    for number in range(region.line, min(region.end_line, len(lines)) + 1):
        text = lines[number - 1]
        last = region.end_column if number == region.end_line else None
        first = region.column - 1 if number == region.line else 0
        word = _KEY.sub("", text[first : None if last is None else last - 1].strip())
        word = word.strip().removeprefix("- ").strip("\"'")
        if word and not _HEADER.match(word):
            yield word
