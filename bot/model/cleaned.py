"""What was taken out of a repository."""

from __future__ import annotations

from bot.frozen import frozen


@frozen
class Cleaned:
    """Numbers of closed pull requests, branches that are gone, and those that others changed."""

    closed: tuple[int, ...]
    deleted: tuple[str, ...]
    left: tuple[str, ...]
