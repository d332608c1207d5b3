"""A report as Markdown, for the summary of a workflow's step or a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bot.formats.markdown import code, details, inert, table
from bot.formats.plain import closing, counted, visible
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
            (lost.severity, _code(f"{lost.file}:{lost.line}"), _said(lost.message))
            for lost in report.regressions
        ]
        yield "### Regressions\n\n" + table(("severity", "where", "what"), rows)
    if report.arrived:
        counts = Counter(label.finding.rule for label in report.labels)
        news = (f"- {code(rule)}: {counted(counts[rule], 'finding')}" for rule in report.arrived)
        yield "### New rules\n\nNot counted yet.\n\n" + "\n".join(news)
    allowed = [label for label in report.labels if label.standing == "suppressed"]
    if allowed:
        rows = [(_where(lb.finding), code(lb.finding.rule), _said(lb.reason)) for lb in allowed]
        grid = table(("where", "rule", "reason"), rows)
        yield details(f"{counted(len(allowed), 'finding')} allowed", grid)
    if report.skipped:
        rows = [
            (_code(f"{s.file}:{s.line}"), _said(s.reason)) for s in report.skipped[:_MOST_SKIPPED]
        ]
        yield details(f"{len(report.skipped)} not judged", table(("where", "why"), rows))


def _row(label: Label, rules: Rules) -> tuple[str, ...]:
    finding = label.finding
    rule = rules.get(finding.rule)
    name = f"[{finding.rule}]({rule.url})" if rule is not None and rule.url else code(finding.rule)
    said = f"{_said(finding.message)} ({name})"
    if label.regression:
        said += f" **regression:** {_said(label.regression)}"
    return (finding.severity, _where(finding), said, _remedy(finding))


def _remedy(finding: Finding) -> str:
    """How it is mended, what the fix rests on, and how it is undone, as far as that is known."""
    word = str({"unsafe": "test first", None: "by hand"}.get(finding.remedy, finding.remedy))
    fix = finding.fix
    if fix is None:
        return word
    undo = f"undo: {fix.undo}" if fix.undo else ""
    told = "; ".join(part for part in (fix.reason, undo) if part)
    return f"{word}: {_said(told)}" if told else word


def _where(finding: Finding) -> str:
    place = _code(f"{finding.file}:{finding.region.line}")
    text = f"{place} {_said(finding.kind)} {_code(finding.name)}"
    return text + (f", container {_code(finding.container)}" if finding.container else "")


def _code(text: str) -> str:
    return code(visible(text))


def _said(text: str) -> str:
    return inert(visible(text))
