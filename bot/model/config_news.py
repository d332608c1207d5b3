"""What a pull request does to the config of podsec."""

from __future__ import annotations

from bot.frozen import frozen


@frozen
class ConfigNews:
    """A config that a pull request changes; `problems` are 1-based lines and what is wrong."""

    path: str
    problems: tuple[tuple[int, str], ...] = ()
    is_removed: bool = False
