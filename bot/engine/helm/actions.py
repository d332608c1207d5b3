"""The actions of a template (`{{ … }}`): where they stand, and which blocks they make.

Facts: Go's text/template (block actions: if, with, range, define, block; `else` begins another
branch of the same).
"""

from __future__ import annotations

import re
from bisect import bisect_right

from bot.frozen import frozen

_ACTION = re.compile(
    r"""\{\{-?\s*(?P<comment>/\*.*?\*/)?(?P<body>(?:"(?:\\.|[^"\\])*"|`[^`]*`|'(?:\\.|[^'\\])*'|[^"`'}]|\}(?!\}))*)-?\}\}""",
    re.DOTALL,
)
_WORD = re.compile(r"[a-z]+")
_OPENING = frozenset({"if", "with", "range", "define", "block"})


@frozen
class Action:
    """One action: characters `start` to `end`; `word` is its first word."""

    start: int
    end: int
    word: str
    body: str


class Template:
    """A template's text, its lines from 1, and which block each line begins in."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = re.findall(r"[^\n]*\n|[^\n]+", text)
        self.actions = tuple(_actions(text))
        self._starts = [0]
        for line in self.lines:
            self._starts.append(self._starts[-1] + len(line))
        self._blocks = _blocks(self.actions)
        self._changes = [end for end, _ in self._blocks]

    def line(self, number: int) -> str:
        """A line without its end."""
        return self.lines[number - 1].rstrip("\r\n") if 0 < number <= len(self.lines) else ""

    def start(self, number: int) -> int:
        """Where a line starts; the line behind the last is the end of the text."""
        return self._starts[min(max(number, 1), len(self._starts)) - 1]

    def number(self, offset: int) -> int:
        """The line that a character stands in."""
        return min(bisect_right(self._starts, offset), max(len(self.lines), 1))

    def block_at(self, offset: int) -> tuple[int, ...]:
        """The blocks that are open there, each by the offset of the action that began its branch.

        Two places with equal blocks are rendered together or not at all.
        """
        at = bisect_right(self._changes, offset) - 1
        return self._blocks[at][1] if at >= 0 else ()

    def block(self, number: int) -> tuple[int, ...]:
        """The blocks that are open where a line starts."""
        return self.block_at(self.start(number))

    def is_inside(self, offset: int) -> bool:
        """Whether an offset lies within an action."""
        return any(one.start < offset < one.end for one in self.actions)


def _actions(text: str) -> list[Action]:
    found: list[Action] = []
    for match in _ACTION.finditer(text):
        body = match["body"].strip()
        word = _WORD.match(body)
        found.append(
            Action(
                start=match.start(),
                end=match.end(),
                word="" if match["comment"] or word is None else word[0],
                body=body,
            )
        )
    return found


def _blocks(actions: tuple[Action, ...]) -> list[tuple[int, tuple[int, ...]]]:
    """After which offsets which blocks are open."""
    found: list[tuple[int, tuple[int, ...]]] = []
    stack: list[int] = []
    for one in actions:
        if one.word in _OPENING:
            stack.append(one.start)
        elif one.word == "else" and stack:
            stack[-1] = one.start
        elif one.word == "end" and stack:
            stack.pop()
        else:
            continue
        found.append((one.end, tuple(stack)))
    return found
