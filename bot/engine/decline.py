"""Findings that people declined on the pull request: labelled, not dropped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.config import Config
from bot.model.finding import Label, Report


def without_declined(report: Report, declined: Mapping[str, str], config: Config) -> Report:
    """The report where what was declined is suppressed; `declined`: reasons by fingerprint.

    What the operator enforces stays as it is: nobody may wave it away.
    """
    if not declined:
        return report
    return replace(report, labels=tuple(_label(one, declined, config) for one in report.labels))


def _label(label: Label, declined: Mapping[str, str], config: Config) -> Label:
    reason = declined.get(label.finding.fingerprint)
    if reason is None or not label.is_introduced or config.is_enforced(label.finding.rule):
        return label
    return replace(label, standing="suppressed", reason=reason)
