"""Findings and changes to a report: label, do not drop."""

from __future__ import annotations

from collections.abc import Sequence

from bot.engine.suppress import suppression
from bot.model.change import ChangeSet
from bot.model.finding import Finding, Label, Report, Skipped
from bot.model.manifest import Manifest


def triage(
    findings: Sequence[Finding],
    manifests: Sequence[Manifest],
    changes: ChangeSet,
    skipped: Sequence[Skipped],
    base_fingerprints: frozenset[str] | None,
) -> Report:
    """Label each finding: suppressed, existing (it stood in the base) or new; if in the diff."""
    homes: dict[tuple[str, int, str, str], Manifest] = {
        (m.file, m.document, m.kind, m.name): m for m in manifests
    }
    labels = tuple(
        _label(
            finding,
            homes[finding.file, finding.document, finding.kind, finding.name],
            changes,
            base_fingerprints or frozenset(),
        )
        for finding in findings
    )
    return Report(
        labels=labels,
        skipped=tuple(sorted(skipped, key=lambda s: (s.file, s.line))),
        files=sum(1 for file in changes.files if file.data is not None),
        manifests=len(manifests),
        workloads=sum(1 for manifest in manifests if manifest.pod_path is not None),
    )


def _label(finding: Finding, manifest: Manifest, changes: ChangeSet, base: frozenset[str]) -> Label:
    file = changes.file(finding.file)
    touched = file is not None and file.touches(finding.block.line, finding.block.end_line)
    if reason := suppression(finding, manifest):
        return Label(finding=finding, standing="suppressed", in_diff=touched, reason=reason)
    standing = "existing" if finding.fingerprint in base else "new"
    return Label(finding=finding, standing=standing, in_diff=touched)  # type: ignore[arg-type]
