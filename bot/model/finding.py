"""Findings: a place in a manifest that breaks a rule, and how to make it right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.yamlpatch import Patch

Severity = Literal["low", "medium", "high", "critical"]
SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high", "critical")
Applicability = Literal["safe", "unsafe"]
Standing = Literal["new", "existing", "suppressed"]


def at_least(severity: Severity, floor: Severity) -> bool:
    """Whether `severity` is `floor` or worse."""
    return SEVERITIES.index(severity) >= SEVERITIES.index(floor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A place in a file: 1-based lines and columns, end inclusive by line."""

    line: int
    column: int
    end_line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """Patches on the tree that remove a finding; `reason` says what an unsafe one may break."""

    title: str
    applicability: Applicability
    patches: tuple[Patch, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A violation with place and identity."""

    rule: str
    control: str | None
    severity: Severity
    profile: str
    file: str
    region: Region
    block: Region
    kind: str
    name: str
    namespace: str | None
    container: str | None
    field: str
    message: str
    fingerprint: str
    document: int
    fix: Fix | None = None
    advice: str | None = None
    sensitive: bool = False
    """Whether the place holds what must not be repeated, such as a password."""

    @property
    def subject(self) -> tuple[str, int, str, str]:
        """What one comment speaks of: a container, or the object where there is none."""
        return (self.file, self.document, f"{self.kind}/{self.name}", self.container or "")

    @property
    def remedy(self) -> str | None:
        """Either "safe", "unsafe", "advice" or None."""
        if self.fix is not None:
            return self.fix.applicability
        return "advice" if self.advice else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """What was not judged, and why: clean never means skipped."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A finding and how it stands in this change."""

    finding: Finding
    standing: Standing
    in_diff: bool
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All findings, labelled, none dropped, and all that was skipped."""

    labels: tuple[Label, ...]
    skipped: tuple[Skipped, ...]
    files: int
    manifests: int
    workloads: int

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings that count: those not suppressed."""
        return tuple(label.finding for label in self.labels if label.standing != "suppressed")
