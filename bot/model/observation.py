"""What podsec saw on a pull request where it says nothing."""

from __future__ import annotations

from collections.abc import Mapping

from bot.frozen import frozen


@frozen
class Observation:
    """Counts of findings that a pull request introduces, by severity and by rule.

    `fixed` are those that it mends, `safe` those with a safe fix, `suggestions` the comments that
    could have been applied with one click.
    """

    repository: str
    number: int
    severities: Mapping[str, int]
    rules: Mapping[str, int]
    fixed: int
    suggestions: int
    safe: int

    @property
    def introduced(self) -> int:
        """How many findings the pull request introduces."""
        return sum(self.severities.values())
