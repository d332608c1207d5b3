"""How hard a repository is: a score from 0 to 100, and findings by rule and namespace.

A workload counts by its worst finding: whole without one, not at all with a critical one. The
score is the mean of all workloads, rounded down, so that 100 means no finding.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from bot.model.finding import SEVERITIES, Finding, Report, Severity
from bot.model.posture import Posture, Tally

_WORTH: Mapping[Severity, int] = {"low": 90, "medium": 70, "high": 30, "critical": 0}


def posture(report: Report) -> Posture:
    """The posture that a report of a whole repository shows."""
    findings = report.findings
    return Posture(
        score=score(findings, report.workloads),
        workloads=report.workloads,
        findings=len(findings),
        allowed=sum(1 for label in report.labels if label.standing == "suppressed"),
        by_rule=_tallies((finding.rule, finding) for finding in findings),
        by_namespace=_tallies((finding.namespace or "", finding) for finding in findings),
    )


def score(findings: Iterable[Finding], workloads: int) -> int:
    """From 0 to 100; 100 where there is no workload.

    Findings of objects that are no workloads, such as Secrets, count as one workload each.
    """
    worst: dict[tuple[str, int, str, str], int] = {}
    for finding in findings:
        key = (finding.file, finding.document, finding.kind, finding.name)
        rank = SEVERITIES.index(finding.severity)
        worst[key] = max(rank, worst.get(key, 0))
    total = max(workloads, len(worst))
    if not total:
        return 100
    lost = sum(100 - _WORTH[SEVERITIES[rank]] for rank in worst.values())
    return (100 * total - lost) // total


def _tallies(pairs: Iterable[tuple[str, Finding]]) -> tuple[Tally, ...]:
    counts: dict[str, Counter[Severity]] = {}
    for name, finding in pairs:
        counts.setdefault(name, Counter())[finding.severity] += 1
    found = [Tally(name=name, counts=dict(counted)) for name, counted in counts.items()]
    return tuple(sorted(found, key=_worst_first))


def _worst_first(tally: Tally) -> tuple[tuple[int, ...], str]:
    return tuple(-tally.counts.get(level, 0) for level in reversed(SEVERITIES)), tally.name
