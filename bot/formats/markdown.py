"""Text of strangers inside GitHub's Markdown: it is shown, and does nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST = 58_000
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()|~!$])")
_BREAK = "\u2060"
_MARKS = str.maketrans(
    {"@": f"@{_BREAK}", "#": f"#{_BREAK}", "\n": " ", "\r": " ", "\t": " ", "\x00": ""}
)


def inert(text: str) -> str:
    """Text that mentions nobody, links nowhere and formats nothing."""
    plain = _SPECIAL.sub(r"\\\1", text.translate(_MARKS))
    return plain.replace("://", f":{_BREAK}//").replace("www.", f"www{_BREAK}.")


def code(text: str) -> str:
    """A code span that the text cannot leave, also inside a table."""
    plain = text.replace("\n", " ").replace("\r", " ").replace("|", "\u2223")
    run = max((len(found) for found in re.findall(r"`+", plain)), default=0)
    fence = "`" * (run + 1)
    space = " " if run else ""
    return f"{fence}{space}{plain}{space}{fence}"


def fenced(kind: str, text: str) -> str:
    """A code block that its content cannot close; `text` is without its final line break."""
    run = max((len(found) for found in re.findall(r"`{3,}", text)), default=0)
    fence = "`" * max(3, run + 1)
    return f"{fence}{kind}\n{text}\n{fence}" if text else f"{fence}{kind}\n{fence}"


def details(summary: str, body: str) -> str:
    """A folded part."""
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]], longest: int = LONGEST) -> str:
    """A table of whole rows; what would exceed `longest` characters is counted instead."""
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


def marker(fingerprints: tuple[str, ...]) -> str:
    """The hidden mark by which podsec knows its own words again."""
    return f"<!-- podsec:v1 {' '.join(fingerprints)} -->" if fingerprints else ""
