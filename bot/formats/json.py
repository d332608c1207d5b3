"""The public JSON contract, version 1: docs/json-output.md."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from bot.model.finding import Finding, Report


def to_json(report: Report) -> str:
    """One object: version, findings, skipped, summary."""
    findings = report.findings
    skipped = [{"file": s.file, "line": s.line, "reason": s.reason} for s in report.skipped]
    summary = {
        "files": report.files,
        "manifests": report.manifests,
        "workloads": report.workloads,
        "findings": len(findings),
    }
    return (
        '{"version": 1,\n'
        f'"findings": {_lines(map(_finding, findings))},\n'
        f'"skipped": {_lines(skipped)},\n'
        f'"summary": {json.dumps(summary)}}}\n'
    )


def _lines(rows: Iterable[dict[str, Any]]) -> str:
    """A list, one row a line: quick to write, easy to search."""
    return "[" + ",".join("\n" + json.dumps(row, ensure_ascii=False) for row in rows) + "\n]"


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
