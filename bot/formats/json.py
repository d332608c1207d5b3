"""The public JSON contract, version 1: docs/json-output.md. Keys are added, never changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from json.encoder import encode_basestring
from typing import Any

from bot.formats.plain import Shown
from bot.model.finding import Credit, Finding, Label, Regression, Report
from bot.model.suppression import Verdict


def to_json(report: Report, shown: Shown) -> str:
    """One object: version, findings, skipped, summary; and what was added since."""
    counting = [label for label in report.labels if label.standing != "suppressed"]
    rows = (json.dumps(_label(label, shown), ensure_ascii=False) for label in counting)
    return "".join(to_parts(rows, shown, lambda: (report, len(counting))))


def to_parts(
    rows: Iterable[str], shown: Shown, finish: Callable[[], tuple[Report, int]]
) -> Iterator[str]:
    """The same, part by part, for what is too large to hold.

    `rows` are the findings that count, each a JSON object; once they have ended, `finish` gives
    the report, which need hold the suppressed ones alone, and how many rows there were.
    """
    yield '{"version": 1,\n"findings": ['
    separator = "\n"
    for row in rows:
        yield separator + row
        separator = ",\n"
    yield "\n],\n"
    report, count = finish()
    yield _rest(report, shown, count)


def _rest(report: Report, shown: Shown, counted: int) -> str:
    """What follows the findings."""
    parts = {
        "skipped": _lines(
            {"file": shown(s.file), "line": s.line, "reason": s.reason} for s in report.skipped
        ),
        "summary": json.dumps(_summary(report, counted)),
        "suppressed": _lines(_suppressed(lb, shown) for lb in report.labels if lb.suppression),
        "suppressions": _lines(_verdict(verdict, shown) for verdict in report.verdicts),
    }
    if report.is_compared:
        parts |= _compared(report, shown)
    return ",\n".join(f'"{key}": {text}' for key, text in parts.items()) + "}\n"


def _lines(rows: Iterable[dict[str, Any]]) -> str:
    """A list, one row a line: quick to write, easy to search."""
    return "[" + ",".join("\n" + json.dumps(row, ensure_ascii=False) for row in rows) + "\n]"


def _summary(report: Report, findings: int) -> dict[str, int]:
    summary = {
        "files": report.files,
        "manifests": report.manifests,
        "workloads": report.workloads,
        "without_schema": report.without_schema,
        "findings": findings,
        "skipped": len(report.skipped),
        "excluded": report.excluded,
        "suppressed": sum(1 for label in report.labels if label.standing == "suppressed"),
    }
    if report.is_compared:
        summary |= {"introduced": len(report.introduced), "fixed": len(report.fixed)}
    return summary


def _label(label: Label, shown: Shown) -> dict[str, Any]:
    row = _finding(label.finding, shown)
    row["standing"] = label.standing
    if label.regression:
        row["regression"] = label.regression
    return row


def _finding(finding: Finding, shown: Shown) -> dict[str, Any]:
    return {"file": shown(finding.file), **row_of(finding)}


def row_of(finding: Finding) -> dict[str, Any]:
    """A finding's row but for its file, which is called differently from elsewhere."""
    return {
        "rule": finding.rule,
        "control": finding.control,
        "severity": finding.severity,
        "profile": finding.profile,
        "line": finding.region.line,
        "end_line": finding.region.end_line,
        "column": finding.region.column,
        "end_column": finding.region.end_column,
        "kind": finding.kind,
        "name": finding.name,
        "namespace": finding.namespace,
        "container": finding.container,
        "field": finding.field,
        "document": finding.document,
        "pointer": finding.pointer,
        "message": finding.message,
        "fix": finding.remedy,
        "fix_reason": finding.fix.reason if finding.fix else None,
        "fix_undo": finding.fix.undo if finding.fix else None,
        "fingerprint": finding.fingerprint,
    }


def text_of(finding: Finding) -> str:
    """The same row as text, written four times as fast as by the json module."""
    region = finding.region
    quote = encode_basestring
    namespace = "null" if finding.namespace is None else quote(finding.namespace)
    container = "null" if finding.container is None else quote(finding.container)
    control = "null" if finding.control is None else quote(finding.control)
    remedy = "null" if finding.remedy is None else quote(finding.remedy)
    reason = "null" if finding.fix is None else quote(finding.fix.reason)
    undo = "null" if finding.fix is None else quote(finding.fix.undo)
    end_column = "null" if region.end_column is None else region.end_column
    return (
        f'{{"rule": {quote(finding.rule)}, "control": {control}, "severity": "{finding.severity}", '
        f'"profile": "{finding.profile}", "line": {region.line}, "end_line": {region.end_line}, '
        f'"column": {region.column}, "end_column": {end_column}, "kind": {quote(finding.kind)}, '
        f'"name": {quote(finding.name)}, "namespace": {namespace}, "container": {container}, '
        f'"field": {quote(finding.field)}, "document": {finding.document}, '
        f'"pointer": {quote(finding.pointer)}, "message": {quote(finding.message)}, '
        f'"fix": {remedy}, "fix_reason": {reason}, "fix_undo": {undo}, '
        f'"fingerprint": "{finding.fingerprint}"}}'
    )


def _suppressed(label: Label, shown: Shown) -> dict[str, Any]:
    said = label.suppression
    assert said is not None  # only the suppressed come here
    until = said.until.isoformat() if said.until else None
    return {
        **_finding(label.finding, shown),
        "reason": label.reason,
        "suppression": {
            "source": said.source,
            "file": shown(said.file),
            "line": said.line,
            "until": until,
        },
    }


def _verdict(verdict: Verdict, shown: Shown) -> dict[str, Any]:
    said = verdict.suppression
    return {
        "rule": said.rule,
        "state": verdict.fate,
        "source": said.source,
        "file": shown(said.file),
        "line": said.line,
        "reason": said.reason,
        "until": said.until.isoformat() if said.until else None,
        "note": verdict.note,
    }


def _compared(report: Report, shown: Shown) -> dict[str, str]:
    return {
        "fixed": _lines(_credit(gone, shown) for gone in report.fixed),
        "regressions": _lines(_regression(lost, shown) for lost in report.regressions),
        "new_rules": json.dumps(report.arrived),
    }


def _credit(gone: Credit, shown: Shown) -> dict[str, Any]:
    return {
        "rule": gone.rule,
        "severity": gone.severity,
        "file": shown(gone.file),
        "kind": gone.kind,
        "name": gone.name,
        "container": gone.container,
    }


def _regression(lost: Regression, shown: Shown) -> dict[str, Any]:
    return {
        "file": shown(lost.file),
        "line": lost.line,
        "kind": lost.kind,
        "name": lost.name,
        "namespace": lost.namespace,
        "container": lost.container,
        "field": lost.field,
        "severity": lost.severity,
        "message": lost.message,
    }
