"""A piece of a text, and what is to stand in its place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """Lines and columns are 1-based, the end exclusive; columns count characters."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str
