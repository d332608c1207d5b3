"""SARIF 2.1.0, with exact regions and partial fingerprints."""

from __future__ import annotations

import json
from typing import Any

from bot.model.finding import Finding, Report
from bot.rule.load import Rules

_LEVEL = {"low": "note", "medium": "warning", "high": "error", "critical": "error"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def to_sarif(report: Report, rules: Rules, version: str) -> str:
    """One run with the rules that found something."""
    found = {finding.rule for finding in report.findings}
    descriptors = [
        {
            "id": rule.id,
            "shortDescription": {"text": rule.summary},
            "helpUri": rule.url,
            "defaultConfiguration": {"level": _LEVEL[rule.severity]},
        }
        for rule in rules
        if rule.id in found
    ]
    driver = {
        "name": "podsec",
        "version": version,
        "informationUri": "https://github.com/podsec/podsec",
        "rules": descriptors,
    }
    run = {"tool": {"driver": driver}, "results": [_result(f) for f in report.findings]}
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _result(finding: Finding) -> dict[str, Any]:
    place = {
        "artifactLocation": {"uri": finding.file},
        "region": {
            "startLine": finding.region.line,
            "startColumn": finding.region.column,
            "endLine": finding.region.end_line,
        },
    }
    return {
        "ruleId": finding.rule,
        "level": _LEVEL[finding.severity],
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"podsec/v1": finding.fingerprint},
    }
