"""Findings: a place in a manifest that breaks a rule, and how to make it right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field as dataclass_field
from typing import Literal

from bot.frozen import frozen
from bot.model.cluster_change import ObjectChange
from bot.model.move import Move
from bot.model.suppression import Suppression, Verdict
from bot.yamlpatch import Patch

Severity = Literal["low", "medium", "high", "critical"]
SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high", "critical")
Applicability = Literal["safe", "unsafe"]
Standing = Literal["new", "worsened", "existing", "suppressed"]


def at_least(severity: Severity, floor: Severity) -> bool:
    """Whether `severity` is `floor` or worse."""
    return SEVERITIES.index(severity) >= SEVERITIES.index(floor)


@frozen
class Region:
    """A place in a file: 1-based lines and columns; the end line is inclusive.

    `end_column` is that of the character behind the place, on its end line.
    """

    line: int
    column: int
    end_line: int
    end_column: int | None = None


@frozen
class Fix:
    """How to remove a finding, and how to take that back.

    `reason` says what an unsafe fix may break, and the facts that it rests on.
    """

    title: str
    applicability: Applicability
    make: Callable[[], tuple[Patch, ...]] = dataclass_field(compare=False, repr=False)
    reason: str = ""
    move: Move | None = dataclass_field(default=None, compare=False, repr=False)
    """The literal that moves to a Secret, where that is the fix."""
    unmake: Callable[[], str] = dataclass_field(default=str, compare=False, repr=False)

    @property
    def undo(self) -> str:
        """How to take it back, in words: made when it is asked for."""
        return self.unmake()

    @property
    def patches(self) -> tuple[Patch, ...]:
        """The patches on the tree: made when they are asked for, since most never are."""
        return self.make()


@frozen
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
    pointer: str
    """The field as a JSON pointer from the root of its document, whether it is there or not."""
    message: str
    fingerprint: str
    document: int
    fix: Fix | None = None
    advice: str | None = None
    sensitive: bool = False
    """Whether the place holds what must not be repeated, such as a password."""
    stored_remedy: str | None = None
    """What `remedy` was, where a finding comes out of a store, which keeps no patches."""
    chart: str | None = None
    """The Chart.yaml of the chart that it was rendered from: `file` is a template of it."""
    sets: tuple[str, ...] = ()
    """The value sets of the chart that it holds with."""
    roots: tuple[str, ...] = ()
    """The kustomizations and charts that it holds in, as rendered; none for plain files."""
    is_rendered: bool = False
    """Whether only rendering shows it: its fix is one of the rendered object, not of the file."""

    @property
    def subject(self) -> tuple[str, int, str, str]:
        """What one comment speaks of: a container, or the object where there is none."""
        return (self.file, self.document, f"{self.kind}/{self.name}", self.container or "")

    @property
    def remedy(self) -> str | None:
        """Either "safe", "unsafe", "advice" or None."""
        if self.fix is not None:
            return self.fix.applicability
        if self.stored_remedy is not None:
            return self.stored_remedy
        return "advice" if self.advice else None


@frozen
class Skipped:
    """What was not judged, and why: clean never means skipped."""

    file: str
    line: int
    reason: str


@frozen
class Label:
    """A finding and how it stands in this change.

    `regression` names what the change took away, where the finding comes from that.
    """

    finding: Finding
    standing: Standing
    in_diff: bool
    reason: str = ""
    suppression: Suppression | None = None
    regression: str = ""

    @property
    def is_introduced(self) -> bool:
        """Whether it counts against the change: it is new, or worse than before."""
        return self.standing in ("new", "worsened")


@frozen
class Credit:
    """A finding of the state before that is gone."""

    rule: str
    severity: Severity
    file: str
    kind: str
    name: str
    container: str | None


@frozen
class Regression:
    """A change that weakens an object, by name, where no finding speaks of it."""

    file: str
    line: int
    kind: str
    name: str
    namespace: str | None
    container: str | None
    field: str
    message: str
    fingerprint: str
    severity: Severity = "medium"


@frozen
class Report:
    """All findings, labelled, none dropped, and all that was skipped.

    `fixed` are findings of the state before that are gone; `arrived` are rules that a baseline
    did not know; `excluded` counts files that the config leaves out.
    """

    labels: tuple[Label, ...]
    skipped: tuple[Skipped, ...]
    files: int
    manifests: int
    workloads: int
    verdicts: tuple[Verdict, ...] = ()
    fixed: tuple[Credit, ...] = ()
    regressions: tuple[Regression, ...] = ()
    arrived: tuple[str, ...] = ()
    excluded: int = 0
    without_schema: int = 0
    """Objects that no schema of Kubernetes describes, such as custom resources."""
    cluster: tuple[ObjectChange, ...] = ()
    """What the change makes other of what is rendered."""
    is_compared: bool = False
    """Whether there was a state before to compare with."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings that are not suppressed."""
        return tuple(label.finding for label in self.labels if label.standing != "suppressed")

    @property
    def introduced(self) -> tuple[Finding, ...]:
        """The findings that count against the change; all, where nothing stood before."""
        return tuple(label.finding for label in self.labels if label.is_introduced)
