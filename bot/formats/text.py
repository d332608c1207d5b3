"""Reports for the terminal: by container, and one sentence that says what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from bot.formats.excerpt import Excerpts, Source
from bot.formats.plain import Shown, as_named, closing, counted, visible
from bot.frozen import frozen
from bot.model.finding import Label, Report
from bot.model.suppression import Verdict

__all__ = ["Style", "closing", "counted", "to_text", "visible"]

_COLOUR = {"low": "36", "medium": "33", "high": "31", "critical": "1;31"}
_ALWAYS_SAID = frozenset({"faulty", "expired", "enforced"})
_MOST_SKIPPED = 10


@frozen
class Style:
    """How a report is printed: colours, excerpts of sources, and also what is allowed."""

    colour: bool = False
    source: Source = lambda _file: None
    shown: Shown = as_named
    suppressed: bool = False

    def paint(self, code: str, text: str) -> str:
        """Text in a colour, where colours are wanted."""
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text


def to_text(report: Report, style: Style) -> str:
    """The whole report."""
    excerpts = Excerpts(style.source, report.labels)
    counting = [label for label in report.labels if label.is_introduced]
    lines: list[str] = []
    for _, group in groupby(counting, key=lambda label: label.finding.subject):
        lines += [*_subject(tuple(group), excerpts, style), ""]
    lines += _block(_regressions(report, style))
    lines += _block(_suppressed(report, style)) if style.suppressed else []
    lines += _block(_verdicts(report.verdicts, style))
    lines += _block(_arrived(report))
    lines += _block(_skipped(report, style))
    return "\n".join([*lines, closing(report)]) + "\n"


def _block(lines: Iterable[str]) -> list[str]:
    found = list(lines)
    return [*found, ""] if found else []


def _subject(labels: Sequence[Label], excerpts: Excerpts, style: Style) -> Iterator[str]:
    """The findings of a container; those of one place under one excerpt."""
    first = labels[0].finding
    title = f"{style.shown(first.file)}: {first.kind}/{first.name}"
    title += f", container {first.container}" if first.container else ""
    yield style.paint("1", visible(title))
    for region, group in groupby(labels, key=lambda label: label.finding.region):
        yield from (style.paint("2", line) for line in excerpts.of(first.file, region))
        for label in group:
            yield from _finding(label, style)


def _finding(label: Label, style: Style) -> Iterator[str]:
    finding = label.finding
    severity = style.paint(_COLOUR[finding.severity], f"{finding.severity:8}")
    place = f"{finding.region.line}:{finding.region.column}"
    worse = "worse: " if label.standing == "worsened" else ""
    yield f"  {place:8} {severity} {worse}{visible(finding.message)} [{finding.rule}]"
    if label.regression:
        yield f"{'':20}regression: {visible(label.regression)}"
    if finding.advice:
        yield f"{'':20}advice: {visible(finding.advice)}"


def _regressions(report: Report, style: Style) -> Iterator[str]:
    for lost in report.regressions:
        severity = style.paint(_COLOUR[lost.severity], f"{lost.severity:8}")
        place = f"{style.shown(lost.file)}:{lost.line}"
        yield visible(f"{place}: {lost.kind}/{lost.name}")
        yield f"{'':11}{severity} regression: {visible(lost.message)}"


def _suppressed(report: Report, style: Style) -> Iterator[str]:
    for label in report.labels:
        said = label.suppression
        if label.standing == "suppressed" and said is not None:
            finding = label.finding
            place = f"{style.shown(finding.file)}:{finding.region.line}"
            until = f", until {said.until}" if said.until else ""
            where = f"{said.source} {style.shown(said.file)}:{said.line}{until}"
            yield visible(f"allowed {place}: {finding.message} [{finding.rule}]")
            yield visible(f"        {label.reason} ({where})")


def _verdicts(verdicts: Iterable[Verdict], style: Style) -> Iterator[str]:
    """What suppressions failed to do; those that are not needed any more only where asked for."""
    for verdict in verdicts:
        said = verdict.suppression
        loud = verdict.fate in _ALWAYS_SAID or (style.suppressed and verdict.fate == "unused")
        if loud:
            name = f"ignore[{said.rule}]" if said.rule else "ignore"
            yield visible(f"{style.shown(said.file)}:{said.line}: {name} {verdict.note}")


def _arrived(report: Report) -> Iterator[str]:
    """Rules that came with an upgrade: said once, and no reason to fail."""
    counts = Counter(label.finding.rule for label in report.labels)
    for rule in report.arrived:
        found = counted(counts[rule], "finding")
        yield f"new rule {rule}: {found}, not counted; podsec rules {rule} explains"


def _skipped(report: Report, style: Style) -> Iterator[str]:
    """What was not judged: each, or where these are many, the reasons."""
    if len(report.skipped) <= _MOST_SKIPPED:
        for skipped in report.skipped:
            place = f"{style.shown(skipped.file)}:{skipped.line}"
            yield visible(f"skipped {place}: {skipped.reason}")
        return
    counts = Counter(skipped.reason for skipped in report.skipped)
    for reason, number in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:20]:
        first = next(skipped for skipped in report.skipped if skipped.reason == reason)
        place = f"{style.shown(first.file)}:{first.line}"
        yield visible(f"skipped {number}: {reason} (the first: {place})")
    if len(counts) > 20:
        yield f"skipped for {len(counts) - 20} more reasons: --format json lists all"
