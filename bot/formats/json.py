"""The public JSON contract, version 1: docs/json-output.md."""

from __future__ import annotations

import json
from typing import Any

from bot.model.finding import Finding, Report


def to_json(report: Report) -> str:
    """One object: version, findings, skipped, summary."""
    findings = report.findings
    document = {
        "version": 1,
        "findings": [_finding(finding) for finding in findings],
        "skipped": [{"file": s.file, "line": s.line, "reason": s.reason} for s in report.skipped],
        "summary": {
            "files": report.files,
            "manifests": report.manifests,
            "workloads": report.workloads,
            "findings": len(findings),
        },
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "control": finding.control,
        "severity": finding.severity,
        "profile": finding.profile,
        "file": finding.file,
        "line": finding.region.line,
        "end_line": finding.region.end_line,
        "column": finding.region.column,
        "kind": finding.kind,
        "name": finding.name,
        "namespace": finding.namespace,
        "container": finding.container,
        "field": finding.field,
        "message": finding.message,
        "fix": finding.remedy,
        "fingerprint": finding.fingerprint,
    }
