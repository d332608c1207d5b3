"""SARIF 2.1.0: exact regions, partial fingerprints, rules with help, suppressions, proved fixes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Any
from urllib.parse import quote

from bot.frozen import frozen
from bot.model.finding import Finding, Label, Region, Report, Severity, Skipped
from bot.model.replacement import Replacement
from bot.rule.load import Rules
from bot.rule.rule import Rule

_LEVEL: dict[Severity, str] = {
    "low": "note",
    "medium": "warning",
    "high": "error",
    "critical": "error",
}
# GitHub reads a rule's rank from this number: below 4 low, below 7 medium, below 9 high
_SCORE: dict[Severity, str] = {"low": "3.0", "medium": "5.5", "high": "8.0", "critical": "9.5"}
_STATE = {"new": "new", "worsened": "updated", "existing": "unchanged"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"


@frozen
class SarifParts:
    """What a SARIF log holds beside the report.

    `helps` are the pages of rules, as Markdown by id; `fixes` gives the replacements of a
    finding's safe fix, which is proved, or none. GitHub shows suppressed results as open alerts,
    so a log for GitHub leaves them out.
    """

    version: str
    helps: Mapping[str, str] = field(default_factory=dict)
    fixes: Callable[[Finding], Sequence[Replacement]] = lambda _finding: ()
    suppressed: bool = True


def to_sarif(report: Report, rules: Rules, parts: SarifParts) -> str:
    """One run with the rules that found something."""
    labels = [lb for lb in report.labels if parts.suppressed or lb.standing != "suppressed"]
    found = {label.finding.rule for label in labels}
    descriptors = [_rule(rule, parts) for rule in rules if rule.id in found]
    index = {descriptor["id"]: number for number, descriptor in enumerate(descriptors)}
    driver = {
        "name": "podsec",
        "version": parts.version,
        "semanticVersion": parts.version,
        "informationUri": "https://github.com/podsec/podsec",
        "rules": descriptors,
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "the root of the repository"}}},
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [_notification(s) for s in report.skipped],
            }
        ],
        "results": [
            _result(label, index, parts, is_compared=report.is_compared) for label in labels
        ],
    }
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: Rule, parts: SarifParts) -> dict[str, Any]:
    descriptor: dict[str, Any] = {
        "id": rule.id,
        "name": rule.id,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.summary},
        "defaultConfiguration": {"level": _LEVEL[rule.severity]},
        "properties": {
            "tags": ["security", "kubernetes", rule.profile],
            "security-severity": _SCORE[rule.severity],
            "precision": "high",
            "since": rule.since,
            "equivalents": dict(rule.equivalents),
            "references": list(rule.references),
        },
    }
    if rule.url:
        descriptor["helpUri"] = rule.url
    if text := parts.helps.get(rule.id):
        descriptor["help"] = {"text": text, "markdown": text}
    return descriptor


def _notification(skipped: Skipped) -> dict[str, Any]:
    return {
        "level": "note",
        "message": {"text": f"not judged: {skipped.reason}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": _artifact(skipped.file),
                    "region": {"startLine": skipped.line},
                }
            }
        ],
    }


def _result(
    label: Label, index: Mapping[str, int], parts: SarifParts, *, is_compared: bool
) -> dict[str, Any]:
    finding = label.finding
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": _LEVEL[finding.severity],
        "message": {"text": finding.message},
        "locations": [_location(finding)],
        "partialFingerprints": {"podsec/v1": finding.fingerprint},
        "properties": {"severity": finding.severity, "fix": finding.remedy},
    }
    if label.regression:
        result["properties"]["regression"] = label.regression
    if is_compared and label.standing in _STATE:
        result["baselineState"] = _STATE[label.standing]
    if label.suppression is not None:
        result["suppressions"] = [_suppression(label)]
    elif finding.fix is not None and (replaced := parts.fixes(finding)):
        result["fixes"] = [_fix(finding, finding.fix.title, replaced)]
    return result


def _location(finding: Finding) -> dict[str, Any]:
    where = f"{finding.kind}/{finding.name}"
    return {
        "physicalLocation": {
            "artifactLocation": _artifact(finding.file),
            "region": _region(finding.region),
        },
        "logicalLocations": [
            {
                "name": finding.container or finding.name,
                "fullyQualifiedName": f"{where}/{finding.container}"
                if finding.container
                else where,
                "kind": "resource",
            }
        ],
    }


def _artifact(file: str) -> dict[str, Any]:
    name = file.replace("\\", "/").encode("utf-8", "surrogateescape")
    uri = quote(name, safe="/!$&'()*+,;=@~-._")
    return {"uri": uri} if uri.startswith("/") else {"uri": uri, "uriBaseId": _ROOT}


def _region(region: Region) -> dict[str, int]:
    known = {
        "startLine": region.line,
        "startColumn": region.column,
        "endLine": region.end_line,
    }
    return known if region.end_column is None else {**known, "endColumn": region.end_column}


def _suppression(label: Label) -> dict[str, Any]:
    said = label.suppression
    assert said is not None  # only the suppressed come here
    return {
        "kind": "external" if said.source == "config" else "inSource",
        "status": "accepted",
        "justification": label.reason,
        "location": {
            "physicalLocation": {
                "artifactLocation": _artifact(said.file),
                "region": {"startLine": said.line},
            }
        },
    }


def _fix(finding: Finding, title: str, replaced: Sequence[Replacement]) -> dict[str, Any]:
    return {
        "description": {"text": title},
        "artifactChanges": [
            {
                "artifactLocation": _artifact(finding.file),
                "replacements": [
                    {
                        "deletedRegion": {
                            "startLine": one.line,
                            "startColumn": one.column,
                            "endLine": one.end_line,
                            "endColumn": one.end_column,
                        },
                        "insertedContent": {"text": one.text},
                    }
                    for one in replaced
                ],
            }
        ],
    }
