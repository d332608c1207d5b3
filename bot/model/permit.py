"""That a rule may be broken somewhere, why, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.frozen import frozen


@frozen
class Permit:
    """That a rule may be broken, why, and until when."""

    rule: str
    reason: str
    until: date | None = None

    @property
    def annotation(self) -> str:
        """The annotation's key."""
        return f"podsec.dev/ignore.{self.rule}"

    def entry(self, containers: Sequence[str]) -> str:
        """One line of its value; without containers it speaks of the whole object."""
        parts = [f"container={','.join(containers)}"] if containers else []
        parts.append(" ".join(self.reason.replace(";", ",").split()))
        parts += [f"until={self.until.isoformat()}"] if self.until else []
        return "; ".join(parts)
