"""A report, shared out: who is told what, and which texts are proposed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from bot.frozen import frozen
from bot.model.cluster_change import ObjectChange
from bot.model.finding import Credit, Finding, Regression


@frozen
class Suggestion:
    """Lines `start` to `end` of the head's file become `lines`; `fixes` are what it mends."""

    start: int
    end: int
    lines: tuple[str, ...]
    fixes: tuple[Finding, ...]


@frozen
class Remark:
    """What one comment says: the findings of a container, where, and perhaps a suggestion."""

    path: str
    start: int
    end: int
    findings: tuple[Finding, ...]
    suggestion: Suggestion | None


@frozen
class Plan:
    """A report, shared out: inline remarks, and findings for the summary.

    `introduced` is all that the change brought, and `regressions` what it weakened where no finding
    speaks of it, said before or not; `unsaid` are those that were not said. `fixed` is what the
    change mended.
    """

    remarks: tuple[Remark, ...]
    rest: tuple[Finding, ...]
    introduced: tuple[Finding, ...]
    regressions: tuple[Regression, ...] = ()
    unsaid: tuple[Regression, ...] = ()
    fixed: tuple[Credit, ...] = ()
    lost: Mapping[str, str] = field(default_factory=dict)
    """By fingerprint: what the change took away, of findings that come from that."""
    cluster: tuple[ObjectChange, ...] = ()
    """What the change makes other of what is rendered."""

    @property
    def has_news(self) -> bool:
        """Whether there is anything to say that was not said before."""
        return bool(self.news or self.unsaid)

    @property
    def news(self) -> int:
        """How many findings were not said before."""
        return sum(len(remark.findings) for remark in self.remarks) + len(self.rest)


@frozen
class Repair:
    """New texts of files, what they mend, and what was left with its reason."""

    files: Mapping[str, bytes]
    applied: tuple[Finding, ...]
    left: tuple[tuple[Finding, str], ...]
