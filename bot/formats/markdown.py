"""Text of strangers inside GitHub's Markdown: it is shown, and does nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST = 58_000
LONGEST_TEXT = 300
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()|~!$&])")
_SPACES = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]+")
# commands to a terminal, and marks that turn the reading direction
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_BREAK = "\u2060"
_MARK = re.compile(r"<!-- podsec:v1 ([0-9a-f ]+) -->\Z")
# what GitHub makes a link or a mention of: @login, #1, GH-1, https://, www., and :emoji:
_LIVE = re.compile(
    r"[@#]|\bgh-(?=\d)|:(?=//)|\bwww(?=\.)|:(?=[a-z0-9_+-]*[a-z][a-z0-9_+-]*:)", re.IGNORECASE
)


def plain(text: str, longest: int = LONGEST_TEXT) -> str:
    """One line that mentions nobody and links nowhere, where Markdown is not read."""
    return _LIVE.sub(lambda found: found[0] + _BREAK, _one_line(text, longest))


def inert(text: str, longest: int = LONGEST_TEXT) -> str:
    """Text that mentions nobody, links nowhere and formats nothing."""
    return _SPECIAL.sub(r"\\\1", plain(text, longest))


def code(text: str) -> str:
    """A code span that the text cannot leave, also inside a table."""
    shown = _one_line(text, LONGEST_TEXT).replace("|", "\u2223") or " "
    run = max((len(found) for found in re.findall(r"`+", shown)), default=0)
    fence = "`" * (run + 1)
    space = " " if run else ""
    return f"{fence}{space}{shown}{space}{fence}"


def _one_line(text: str, longest: int) -> str:
    line = _CONTROL.sub("\ufffd", _SPACES.sub(" ", text))
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def fenced(kind: str, lines: Sequence[str]) -> str:
    """A code block of these lines, which they cannot close; no line is not one empty line."""
    runs = (len(found) for line in lines for found in re.findall(r"`{3,}", line))
    fence = "`" * max(3, max(runs, default=0) + 1)
    return "\n".join((f"{fence}{kind}", *lines, fence))


def details(summary: str, body: str) -> str:
    """A folded part."""
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]], longest: int = LONGEST) -> str:
    """A table of whole rows; what would exceed `longest` bytes is counted instead."""
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    size = sum(map(len, lines))
    for index, row in enumerate(rows):
        line = "| " + " | ".join(row) + " |"
        size += len(line.encode()) + 1
        if size > longest:
            lines.append(f"\nand {len(rows) - index} more: `podsec check` shows them all.")
            break
        lines.append(line)
    return "\n".join(lines)


def marker(fingerprints: Sequence[str]) -> str:
    """The hidden mark by which podsec knows its own words again; it ends what it marks."""
    return f"<!-- podsec:v1 {' '.join(fingerprints)} -->" if fingerprints else ""


def unmarked(body: str) -> tuple[str, tuple[str, ...]]:
    """A body without the mark that ends it, and the mark's fingerprints."""
    found = _MARK.search(body)
    if found is None:
        return body, ()
    return body[: found.start()].rstrip(), tuple(found[1].split())
