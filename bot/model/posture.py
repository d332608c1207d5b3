"""How hard a repository is, as people read it."""

from __future__ import annotations

from collections.abc import Mapping

from bot.frozen import frozen
from bot.model.finding import Severity


@frozen
class Tally:
    """Findings of a rule or a namespace, by severity."""

    name: str
    counts: Mapping[Severity, int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts.values())


@frozen
class Posture:
    """The posture; the worst rules and namespaces come first."""

    score: int
    workloads: int
    findings: int
    allowed: int
    by_rule: tuple[Tally, ...]
    by_namespace: tuple[Tally, ...]
