"""Lines of the source with a caret under the deciding field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from bot.formats.plain import visible
from bot.model.finding import Finding, Label, Region

Source = Callable[[str], bytes | None]
"""The content of a file by its name; None where it cannot be had any more."""
_WORD = re.compile(r"""["']?[\w./-]+["']?""")
_WIDEST = 96
_LEAD = 24


class Excerpts:
    """Excerpts of a report's files; lines that hold a secret are never shown."""

    def __init__(self, source: Source, labels: Iterable[Label]) -> None:
        self._lines = lru_cache(maxsize=8)(lambda file: _split(source(file)))
        self._secret: dict[str, set[int]] = {}
        for finding in (label.finding for label in labels if _may_hide(label.finding)):
            region = finding.region
            lines = self._secret.setdefault(finding.file, set())
            lines.update(range(region.line, region.end_line + 1))

    def of(self, file: str, region: Region) -> Iterator[str]:
        """A line of the source and one with the caret; nothing where there is none to show."""
        lines = self._lines(file)
        if region.line > len(lines) or region.line in self._secret.get(file, ()):
            return
        line = lines[region.line - 1]
        start = min(region.column - 1, len(line))
        end = _end(line, start, region)
        line, start, end = _window(line, start, end)
        margin = f"{region.line:>6} | "
        yield margin + visible(line.replace("\t", "    "))
        yield " " * 6 + " | " + " " * _width(line[:start]) + "^" * max(1, _width(line[start:end]))


def _may_hide(finding: Finding) -> bool:
    """Whether a secret may stand there: all that a Secret holds is one, whatever rule speaks."""
    return finding.sensitive or finding.kind == "Secret"


def _end(line: str, start: int, region: Region) -> int:
    """Where the carets end: behind the place, or behind its first word where it is only near."""
    if region.end_column is None:
        word = _WORD.match(line, start)
        return word.end() if word else start
    if region.end_line == region.line:
        return min(region.end_column - 1, len(line))
    return len(line)


def _split(data: bytes | None) -> list[str]:
    text = (data or b"").decode("utf-8", "replace").removeprefix("\ufeff")
    return [line.rstrip("\r") for line in text.split("\n")]


def _window(line: str, start: int, end: int) -> tuple[str, int, int]:
    """The part of a long line around a field, and where the field stands in it."""
    if len(line) <= _WIDEST:
        return line, start, end
    first = max(0, start - _LEAD)
    last = first + _WIDEST
    before, after = "…" if first else "", "…" if last < len(line) else ""
    shift = len(before) - first
    return before + line[first:last] + after, start + shift, min(end, last) + shift


def _width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text) + 3 * text.count("\t")
    return sum(map(_columns, text))


def _columns(char: str) -> int:
    import unicodedata  # noqa: PLC0415  # only other scripts than Latin need it

    if char == "\t":
        return 4
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
