"""An old text and its proved new one as replacements, for tools that edit by place."""

from __future__ import annotations

from difflib import SequenceMatcher

from bot.model.replacement import Replacement


def replacements(before: bytes, after: bytes) -> tuple[Replacement, ...]:
    """The runs of whole lines that turn one text into the other; a byte order mark is no text.

    Empty where either text is no UTF-8.
    """
    try:
        old = before.decode().removeprefix("\ufeff")
        new = after.decode().removeprefix("\ufeff")
    except UnicodeDecodeError:
        return ()
    lines, wanted = _lines(old), _lines(new)
    matcher = SequenceMatcher(None, lines, wanted, autojunk=False)
    return tuple(
        _replacement(lines, first, last, "".join(wanted[start:end]))
        for kind, first, last, start, end in matcher.get_opcodes()
        if kind != "equal"
    )


def _lines(text: str) -> list[str]:
    """Lines with their ends; only a line feed ends one, as everywhere in podsec."""
    pieces = text.split("\n")
    return [piece + "\n" for piece in pieces[:-1]] + ([pieces[-1]] if pieces[-1] else [])


def _replacement(lines: list[str], first: int, last: int, text: str) -> Replacement:
    line, column = _place(lines, first)
    end_line, end_column = _place(lines, last)
    return Replacement(
        line=line, column=column, end_line=end_line, end_column=end_column, text=text
    )


def _place(lines: list[str], index: int) -> tuple[int, int]:
    """The start of a line; behind a last line without a line feed, its end."""
    if index == len(lines) and lines and not lines[-1].endswith("\n"):
        return len(lines), len(lines[-1]) + 1
    return index + 1, 1
