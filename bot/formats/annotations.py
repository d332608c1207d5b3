"""GitHub's workflow commands: one annotation a finding, the worst first.

The form and its escapes: "Workflow commands for GitHub Actions" and actions/toolkit's command.ts.
GitHub shows ten errors, ten warnings and ten notices of a step.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.formats.plain import closing
from bot.model.finding import SEVERITIES, Finding, Label, Region, Regression, Report, Severity

_COMMAND: dict[Severity, str] = {
    "low": "notice",
    "medium": "warning",
    "high": "error",
    "critical": "error",
}


def to_annotations(report: Report) -> str:
    """The annotations, then the closing sentence as plain text."""
    labels = [label for label in report.labels if label.is_introduced]
    labels.sort(key=lambda label: -SEVERITIES.index(label.finding.severity))
    lines = [*map(_regression, report.regressions), *map(_annotation, labels)]
    return "\n".join([*lines, *_faults(report), _data(closing(report))]) + "\n"


def _annotation(label: Label) -> str:
    finding = label.finding
    text = f"{finding.message} [{finding.rule}]"
    text += f"\nregression: {label.regression}" if label.regression else ""
    return _command(finding.severity, finding.file, finding.region, _title(finding), text)


def _title(finding: Finding) -> str:
    where = f"{finding.kind}/{finding.name}"
    return f"{where}, container {finding.container}" if finding.container else where


def _regression(lost: Regression) -> str:
    region = Region(line=lost.line, column=1, end_line=lost.line)
    title = f"regression: {lost.kind}/{lost.name}"
    return _command(lost.severity, lost.file, region, title, lost.message)


def _faults(report: Report) -> Iterator[str]:
    """Suppressions that allow nothing though somebody wrote them."""
    for verdict in report.verdicts:
        if verdict.fate in ("faulty", "expired", "enforced"):
            said = verdict.suppression
            region = Region(line=said.line, column=1, end_line=said.line)
            text = f"ignore[{said.rule}] {verdict.note}"
            yield _command("low", said.file, region, "suppression", text)


def _command(severity: Severity, file: str, region: Region, title: str, text: str) -> str:
    places = {"file": file, "line": str(region.line)}
    if region.end_line != region.line:
        places["endLine"] = str(region.end_line)
    elif region.end_column is not None:  # columns count only within one line
        places |= {"col": str(region.column), "endColumn": str(region.end_column)}
    listed = ",".join(f"{name}={_property(value)}" for name, value in places.items())
    return f"::{_COMMAND[severity]} {listed},title={_property(title)}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
