"""What a pull request of a sweep is to hold."""

from __future__ import annotations

from collections.abc import Mapping

from bot.frozen import frozen
from bot.model.move import Moved
from bot.model.plan import Repair


@frozen
class Built:
    """A repair; for moves to Secrets what they need, for policies what they let through (Markdown).

    `digest` is that of content and base.
    """

    repair: Repair
    moved: Moved | None
    said: str
    modes: Mapping[str, str]
    digest: str
