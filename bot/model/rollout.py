"""How far podsec goes in a repository: the operator decides."""

from __future__ import annotations

from typing import Literal

from bot.frozen import frozen
from bot.model.finding import Severity

Mode = Literal["observe", "advise", "enforce"]
MODES: tuple[Mode, ...] = ("observe", "advise", "enforce")


@frozen
class Rollout:
    """How far podsec goes in one repository.

    `observe`: it checks and stores, and writes nothing on GitHub. `advise`: it reviews, and check
    runs are neutral at worst. `enforce`: check runs fail. `fail_on` is from which severity on,
    where the operator decides that, too.
    """

    mode: Mode = "advise"
    fail_on: Severity | None = None

    @property
    def enforces(self) -> bool:
        """Whether check runs may fail."""
        return self.mode == "enforce"

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is written on GitHub."""
        return self.mode == "observe"
