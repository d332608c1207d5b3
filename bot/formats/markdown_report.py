"""A report as Markdown, for the summary of a workflow's step or a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bot.formats.markdown import code, details, inert, table
from bot.formats.plain import closing, counted
from bot.model.finding import SEVERITIES, Finding, Label, Report
from bot.rule.load import Rules

_LONGEST = 200_000
_MOST_SKIPPED = 200


def to_markdown(report: Report, rules: Rules) -> str:
    """The closing sentence, then the findings by severity, then what does not count."""
    parts = [f"## podsec\n\n{inert(closing(report))}", *_sections(report, rules)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _sections(report: Report, rules: Rules) -> Iterator[str]:
    labels = [label for label in report.labels if label.is_introduced]
    labels.sort(key=lambda label: -SEVERITIES.index(label.finding.severity))
    if labels:
        rows = [_row(label, rules) for label in labels]
        yield table(("severity", "where", "finding", "fix"), rows, _LONGEST)
    if report.regressions:
        rows = [
            (lost.severity, code(f"{lost.file}:{lost.line}"), inert(lost.message))
            for lost in report.regressions
        ]
        yield "### Regressions\n\n" + table(("severity", "where", "what"), rows)
    if report.arrived:
        counts = Counter(label.finding.rule for label in report.labels)
        news = (f"- {code(rule)}: {counted(counts[rule], 'finding')}" for rule in report.arrived)
        yield "### New rules\n\nNot counted yet.\n\n" + "\n".join(news)
    allowed = [label for label in report.labels if label.standing == "suppressed"]
    if allowed:
        rows = [(_where(lb.finding), code(lb.finding.rule), inert(lb.reason)) for lb in allowed]
        grid = table(("where", "rule", "reason"), rows)
        yield details(f"{counted(len(allowed), 'finding')} allowed", grid)
    if report.skipped:
        rows = [
            (code(f"{s.file}:{s.line}"), inert(s.reason)) for s in report.skipped[:_MOST_SKIPPED]
        ]
        yield details(f"{len(report.skipped)} not judged", table(("where", "why"), rows))


def _row(label: Label, rules: Rules) -> tuple[str, ...]:
    finding = label.finding
    rule = rules.get(finding.rule)
    name = f"[{finding.rule}]({rule.url})" if rule is not None and rule.url else code(finding.rule)
    said = f"{inert(finding.message)} ({name})"
    if label.regression:
        said += f" **regression:** {inert(label.regression)}"
    fix = {"unsafe": "test first", None: "by hand"}.get(finding.remedy, finding.remedy)
    return (finding.severity, _where(finding), said, str(fix))


def _where(finding: Finding) -> str:
    text = code(f"{finding.file}:{finding.region.line}") + f" {finding.kind} {code(finding.name)}"
    return text + (f", container {code(finding.container)}" if finding.container else "")
