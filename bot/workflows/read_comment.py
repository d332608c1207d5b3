"""What in a comment is a command: `/podsec VERB …` at the start of a line shown as plain text.

Fenced and indented code, `<pre>` blocks, quotes with the lines that continue them, and HTML
comments are no commands (CommonMark 0.31, sections 4.4 to 4.6 and 5.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.frozen import frozen

_FENCE = re.compile(r"^ {0,3}(`{3,}(?=[^`]*$)|~{3,})")
_LINE = re.compile(r"^ {0,3}/podsec(?:[ \t]+(\S+)(.*))?\s*$", re.IGNORECASE)
_QUOTE = re.compile(r"^ {0,3}>")
_PRE = re.compile(r"^ {0,3}<(pre|script|style|textarea)(?=[\s>]|$)", re.IGNORECASE)
_PRE_END = re.compile(r"</(pre|script|style|textarea)>", re.IGNORECASE)


@frozen
class Command:
    """One line of a comment: the verb in small letters, and all that stands behind it."""

    verb: str
    text: str = ""

    @property
    def arguments(self) -> tuple[str, ...]:
        """The words behind the verb."""
        return tuple(self.text.split())


def commands(body: str) -> tuple[Command, ...]:
    """The commands of a comment, one a line, in order; the same one twice is one."""
    found = (_LINE.match(line) for line in _spoken(body))
    made = (
        Command(verb=(match[1] or "help").lower().strip("`"), text=(match[2] or "").strip())
        for match in found
        if match is not None
    )
    return tuple(dict.fromkeys(made))


def _spoken(body: str) -> Iterator[str]:
    """The lines outside code, quotes and what is hidden."""
    reader = _Reader()
    for line in body.replace("\r\n", "\n").split("\n"):
        if reader.shows(line):
            yield line


class _Reader:
    """Remembers in what the next line stands."""

    def __init__(self) -> None:
        self._fence = ""
        self._until: re.Pattern[str] | None = None
        self._quoted = False

    def shows(self, line: str) -> bool:
        """Whether a line is shown as text of the author's own."""
        if self._until is not None:
            self._until = None if self._until.search(line) else self._until
            return False
        run = _FENCE.match(line)
        if self._fence:
            self._leave_fence(line, run)
            return False
        if run:
            self._fence, self._quoted = run[1], False
            return False
        if self._opens(line):
            return False
        return not self._quotes(line)

    def _leave_fence(self, line: str, run: re.Match[str] | None) -> None:
        if run and run[1].startswith(self._fence) and not line.strip().strip(self._fence[0]):
            self._fence = ""

    def _opens(self, line: str) -> bool:
        """Whether a block of HTML begins that is not shown as text; a comment may begin inside."""
        if _PRE.match(line):
            self._until = None if _PRE_END.search(line) else _PRE_END
            return True
        if "<!--" in line and "-->" not in line.rpartition("<!--")[2]:
            self._until = re.compile("-->")
        return False

    def _quotes(self, line: str) -> bool:
        """Whether a line is quoted, or continues a quoted paragraph."""
        if _QUOTE.match(line):
            self._quoted = bool(line.strip(" >\t"))
            return True
        self._quoted = self._quoted and bool(line.strip())
        return self._quoted
