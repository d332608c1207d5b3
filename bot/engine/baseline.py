"""Baselines: findings accepted as they are, with the rules that were known by then."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bot.config import Config
from bot.engine.compare import Comparison
from bot.errors import UserError
from bot.frozen import frozen
from bot.model.finding import SEVERITIES, Credit, Finding, Severity, Standing
from bot.rule.load import Rules
from bot.rule.rule import Rule

_VERSION = 1


@frozen
class Accepted:
    """One finding of a baseline."""

    fingerprint: str
    rule: str
    severity: Severity
    file: str
    kind: str
    name: str
    namespace: str | None
    container: str | None


@frozen
class Baseline:
    """A baseline: `rules` are the severities, by rule id, of all rules that podsec had."""

    rules: Mapping[str, Severity]
    findings: tuple[Accepted, ...]


def to_baseline(findings: Sequence[Finding], rules: Rules, config: Config, version: str) -> str:
    """The text of a baseline of these findings, the same for the same findings."""
    document = {
        "version": _VERSION,
        "podsec": version,
        "rules": {rule.id: _severity(rule, config) for rule in rules},
        "findings": [_row(finding) for finding in sorted(findings, key=_order)],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _order(finding: Finding) -> tuple[str, str, str, str, str]:
    return (finding.file, finding.kind, finding.name, finding.rule, finding.fingerprint)


def _row(finding: Finding) -> dict[str, Any]:
    return {
        "fingerprint": finding.fingerprint,
        "rule": finding.rule,
        "severity": finding.severity,
        "file": finding.file,
        "kind": finding.kind,
        "name": finding.name,
        "namespace": finding.namespace,
        "container": finding.container,
    }


def _severity(rule: Rule, config: Config) -> Severity:
    """What the rule's findings have, unless one says otherwise."""
    return "high" if config.profile != "podsec" else config.severity(rule.id, rule.severity)


def parse_baseline(data: bytes, path: str) -> Baseline:
    """Read a baseline. Raises UserError that says what is wrong and how to write one."""
    remedy = "write it anew with podsec baseline"
    try:
        document = json.loads(data)
        if document["version"] != _VERSION:
            raise UserError(f"{path}: version {document['version']} is not known; {remedy}")
        rules = {str(rule): _known(said) for rule, said in document["rules"].items()}
        findings = tuple(_accepted(row) for row in document["findings"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{path}: is no baseline: {_why(error)}; {remedy}") from error
    return Baseline(rules=rules, findings=findings)


def _why(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def _accepted(row: Mapping[str, Any]) -> Accepted:
    return Accepted(
        fingerprint=str(row["fingerprint"]),
        rule=str(row["rule"]),
        severity=_known(row["severity"]),
        file=str(row["file"]),
        kind=str(row["kind"]),
        name=str(row["name"]),
        namespace=row["namespace"],
        container=row["container"],
    )


def _known(said: Any) -> Severity:
    severity: Severity = SEVERITIES[SEVERITIES.index(said)]
    return severity


def against(
    baseline: Baseline,
    findings: Sequence[Finding],
    rules: Rules,
    config: Config,
    files: Collection[str],
) -> Comparison:
    """How the findings of `files` stand beside a baseline.

    A rule that the baseline did not know arrived with an upgrade: its findings stood before, and
    are announced. Where a rule's own severity changed since, that worsens nothing.
    """
    accepted = {row.fingerprint: row for row in baseline.findings}
    severities = {rule.id: _severity(rule, config) for rule in rules}
    standings: dict[str, Standing] = {}
    arrived: set[str] = set()
    for finding in findings:
        row = accepted.pop(finding.fingerprint, None)
        if finding.rule not in baseline.rules:
            arrived.add(finding.rule)
            standings[finding.fingerprint] = "existing"
        elif row is not None:
            same_rule = baseline.rules[finding.rule] == severities.get(finding.rule)
            worse = SEVERITIES.index(finding.severity) > SEVERITIES.index(row.severity)
            standings[finding.fingerprint] = "worsened" if same_rule and worse else "existing"
    return Comparison(
        standings=standings,
        arrived=tuple(sorted(arrived)),
        fixed=tuple(_credit(row) for row in accepted.values() if row.file in files),
    )


def _credit(row: Accepted) -> Credit:
    return Credit(
        rule=row.rule,
        severity=row.severity,
        file=row.file,
        kind=row.kind,
        name=row.name,
        container=row.container,
    )
