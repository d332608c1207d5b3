"""Words that all formats share: counted nouns, text that commands nothing, what to do next."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.model.finding import Report

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
Shown = Callable[[str], str]
"""A file's name as the user would write it."""


def as_named(file: str) -> str:
    """Files by their names from the root."""
    return file


def visible(text: str) -> str:
    """Text without characters that would command the terminal, or that are none."""
    return _CONTROL.sub("\ufffd", text)


def counted(number: int, noun: str) -> str:
    """1 finding, 2 findings, 2 fixes."""
    plural = "es" if noun.endswith(("x", "s")) else "s"
    return f"{number} {noun}" + ("" if number == 1 else plural)


def closing(report: Report) -> str:
    """What was found, and what to do next; what was skipped is never called clean."""
    parts = [_found(report), _left_out(report)]
    return "; ".join(part for part in parts if part) + "."


def _found(report: Report) -> str:
    judged = f"{counted(report.workloads, 'workload')} in {counted(report.files, 'file')}"
    if not report.manifests:
        return f"No Kubernetes object was judged in {counted(report.files, 'file')}"
    if report.is_compared:
        return f"{_beside_before(report)} in {judged}{_next(report)}"
    findings = report.findings
    if not findings:
        return f"No finding in {judged}"
    return f"{counted(len(findings), 'finding')} in {judged}{_next(report)}"


def _beside_before(report: Report) -> str:
    worse = sum(1 for label in report.labels if label.standing == "worsened")
    stood = sum(1 for label in report.labels if label.standing == "existing")
    text = f"{counted(len(report.introduced), 'finding')} introduced"
    text += f" ({worse} worsened)" if worse else ""
    text += f", {stood} stood before" if stood else ""
    text += f", {counted(len(report.fixed), 'finding')} gone" if report.fixed else ""
    loose = len(report.regressions)
    return text + (f", {counted(loose, 'regression')} beside them" if loose else "")


def _next(report: Report) -> str:
    findings = report.introduced
    safe = sum(1 for finding in findings if finding.remedy == "safe")
    unsafe = sum(1 for finding in findings if finding.remedy == "unsafe")
    if safe:
        return f", {safe} fixable safely: podsec fix --diff"
    if unsafe:
        return f", {unsafe} fixable after a test: podsec fix --unsafe --diff"
    if findings:
        return f": podsec rules {findings[0].rule} explains the first"
    return ""


def _left_out(report: Report) -> str:
    parts = []
    if report.skipped:
        parts.append(f"{len(report.skipped)} skipped, not judged")
    if report.excluded:
        parts.append(f"{counted(report.excluded, 'file')} excluded by the config")
    return "; ".join(parts)
