"""Reports for the terminal: by file and container, and one sentence that says what to do next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from bot.model.finding import Finding, Report

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_COLOUR = {"low": "36", "medium": "33", "high": "31", "critical": "1;31"}


def visible(text: str) -> str:
    """Text without characters that would command the terminal."""
    return _CONTROL.sub("\ufffd", text)


def to_text(report: Report, *, colour: bool) -> str:
    """The whole report."""
    lines: list[str] = []
    for subject, group in groupby(report.findings, key=lambda f: f.subject):
        file, _, name, container = subject
        title = f"{file}: {name}" + (f", container {container}" if container else "")
        lines += [_bold(visible(title), colour=colour), *_lines(group, colour=colour), ""]
    for skipped in report.skipped:
        lines.append(visible(f"skipped {skipped.file}:{skipped.line}: {skipped.reason}"))
    return "\n".join([*lines, closing(report)]) + "\n"


def _lines(findings: Iterator[Finding], *, colour: bool) -> Iterator[str]:
    for finding in findings:
        severity = f"{finding.severity:8}"
        if colour:
            severity = f"\x1b[{_COLOUR[finding.severity]}m{severity}\x1b[0m"
        place = f"{finding.region.line}:{finding.region.column}"
        yield f"  {place:8} {severity} {visible(finding.message)} [{finding.rule}]"
        if finding.advice:
            yield f"{'':20}advice: {visible(finding.advice)}"


def _bold(text: str, *, colour: bool) -> str:
    return f"\x1b[1m{text}\x1b[0m" if colour else text


def counted(number: int, noun: str) -> str:
    """1 finding, 2 findings."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def closing(report: Report) -> str:
    """What was found, and what to do next; what was skipped is never called clean."""
    findings = report.findings
    safe = sum(1 for finding in findings if finding.remedy == "safe")
    unsafe = sum(1 for finding in findings if finding.remedy == "unsafe")
    judged = f"{counted(report.workloads, 'workload')} in {counted(report.files, 'file')}"
    text = f"{counted(len(findings), 'finding')} in {judged}"
    if safe:
        text += f", {safe} fixable safely: podsec fix --diff"
    elif unsafe:
        text += f", {unsafe} fixable after a test: podsec fix --unsafe --diff"
    if report.skipped:
        text += f"; {len(report.skipped)} skipped, not judged"
    return text + "."
