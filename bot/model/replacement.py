"""A piece of a text, and what is to stand in its place."""

from __future__ import annotations

from bot.frozen import frozen


@frozen
class Replacement:
    """Lines and columns are 1-based, the end exclusive; columns count characters."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str
