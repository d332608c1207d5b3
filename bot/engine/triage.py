"""Findings and changes to a report: label, do not drop."""

from __future__ import annotations

from bot.engine.compare import Comparison
from bot.engine.suppress import Allowance, Decision, decide
from bot.model.change import ChangeSet
from bot.model.finding import Finding, Label, Report
from bot.model.judgement import Judgement


def triage(
    judged: Judgement,
    changes: ChangeSet,
    allowance: Allowance,
    comparison: Comparison | None = None,
) -> Report:
    """Label each finding: suppressed, else as it stands beside what was before; if in the diff."""
    compared = comparison if comparison is not None else Comparison()
    decision = decide(judged.findings, judged.written, allowance)
    return Report(
        labels=tuple(_label(f, changes, decision, compared) for f in judged.findings),
        skipped=tuple(sorted(judged.skipped, key=lambda s: (s.file, s.line))),
        files=judged.files,
        manifests=judged.manifests,
        workloads=judged.workloads,
        without_schema=judged.without_schema,
        verdicts=decision.verdicts,
        fixed=compared.fixed,
        regressions=compared.regressions,
        arrived=compared.arrived,
        is_compared=comparison is not None,
    )


def _label(finding: Finding, changes: ChangeSet, decision: Decision, compared: Comparison) -> Label:
    file = changes.file(finding.file)
    touched = file is not None and file.touches(finding.block.line, finding.block.end_line)
    suppression = decision.allowed.get(finding.fingerprint)
    if suppression is not None:
        return Label(
            finding=finding,
            standing="suppressed",
            in_diff=touched,
            reason=suppression.reason,
            suppression=suppression,
        )
    return Label(
        finding=finding,
        standing=compared.standings.get(finding.fingerprint, "new"),
        in_diff=touched,
        regression=compared.reasons.get(finding.fingerprint, ""),
    )
