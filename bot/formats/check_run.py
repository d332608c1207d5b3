"""A plan as a check run: what was found, what was not judged, and whether it passes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from bot.config import Config
from bot.formats.cluster_change import cluster_difference
from bot.formats.markdown import code, details, inert, plain, table
from bot.formats.review import to_table, worst_first
from bot.formats.standing import mended, regressions, useless
from bot.formats.text import counted
from bot.model.delivery import PullRef
from bot.model.finding import SEVERITIES, Finding, Report, Severity, Skipped, at_least
from bot.model.plan import Plan
from bot.model.review import Annotation, CheckRun, Conclusion
from bot.rule.load import Rules

NO_OBJECT = "no Kubernetes object"
_LEVEL = {"low": "notice", "medium": "warning", "high": "failure", "critical": "failure"}
# a summary holds 65,535 bytes
_LONGEST_TABLE = 30_000
_LONGEST_SKIPPED = 12_000
_LONGEST_NO_OBJECT = 6_000
_LONGEST_MESSAGE = 1_000
_MOST_ANNOTATIONS = 200


def to_check(
    plan: Plan,
    report: Report,
    pull: PullRef,
    rules: Rules,
    config: Config,
    *,
    enforce: bool,
    commented: AbstractSet[str],
) -> CheckRun:
    """The check run; annotations only for findings that have no comment on a line.

    `commented` holds the fingerprints of those that have one.
    """
    loud = [f for f in plan.introduced if f.fingerprint not in commented]
    return CheckRun(
        head=pull.head_sha,
        conclusion=_conclusion(plan, config, enforce=enforce),
        title=_title(plan, report),
        summary=_summary(plan, report, rules),
        annotations=tuple(map(_annotation, worst_first(loud)[:_MOST_ANNOTATIONS])),
        external_id=external_id(pull),
        fixable=pull.state == "open" and any(f.fix is not None for f in plan.introduced),
    )


def to_queue_check(head: str, external_id: str) -> CheckRun:
    """The check run of a merge group: what it holds was judged on its pull requests."""
    return CheckRun(
        head=head,
        conclusion="success",
        title="Judged on each pull request of the group",
        summary="A merge group holds what its pull requests hold: nothing is judged twice. Their "
        "check runs say how each stands.",
        annotations=(),
        external_id=external_id,
    )


def to_failed_check(pull: PullRef, reason: str, job: str) -> CheckRun:
    """The check run of a pull request that podsec could not check."""
    return _said(
        pull,
        "podsec could not check this pull request",
        f"{inert(reason, _LONGEST_MESSAGE)}\n\nNothing was judged. `/podsec check` tries again; "
        f"the log of podsec speaks of the job {code(job)}.",
    )


def _said(pull: PullRef, title: str, summary: str) -> CheckRun:
    return CheckRun(
        head=pull.head_sha,
        conclusion="neutral",
        title=title,
        summary=summary,
        annotations=(),
        external_id=external_id(pull),
    )


def external_id(pull: PullRef) -> str:
    """By which a check run finds its pull request again, forks included."""
    return f"{pull.repository.id}:{pull.number}"


def _conclusion(plan: Plan, config: Config, *, enforce: bool) -> Conclusion:
    bad = [finding.severity for finding in plan.introduced]
    bad += [lost.severity for lost in plan.regressions]
    if not bad:
        return "success"
    floor: Severity = config.fail_on
    failing = any(at_least(severity, floor) for severity in bad)
    return "failure" if enforce and failing else "neutral"


def _title(plan: Plan, report: Report) -> str:
    unread, _ = _parted(report.skipped)
    left = f", {counted(len({item.file for item in unread}), 'file')} not judged" if unread else ""
    brought = _brought(plan)
    if brought:
        return f"{brought}{left}"
    if not report.manifests:
        left += f", {counted(report.excluded, 'file')} excluded" if report.excluded else ""
        return f"Nothing judged{left}" if left else "No Kubernetes manifests changed"
    return f"No finding introduced in {counted(report.workloads, 'workload')}{left}"


def _brought(plan: Plan) -> str:
    found, lost = len(plan.introduced), len(plan.regressions)
    parts = [f"{counted(found, 'finding')} introduced"] if found else []
    parts += [counted(lost, "regression")] if lost else []
    return ", ".join(parts)


def _summary(plan: Plan, report: Report, rules: Rules) -> str:
    parts = [f"{counted(report.manifests, 'manifest')} in {counted(report.files, 'file')} judged."]
    if plan.introduced:
        counts = Counter(finding.severity for finding in plan.introduced)
        listed = [f"{counts[s]} {s}" for s in reversed(SEVERITIES) if counts[s]]
        parts.append(f"Introduced by this pull request: {', '.join(listed)}.")
        parts.append(to_table(worst_first(plan.introduced), rules, _LONGEST_TABLE, plan.lost))
    parts += [regressions(plan.regressions), mended(plan.fixed)]
    existing = sum(1 for label in report.labels if label.standing == "existing")
    if existing:
        parts.append(f"{counted(existing, 'finding')} stood before and are not counted.")
    allowed = sum(1 for label in report.labels if label.standing == "suppressed")
    if allowed:
        parts.append(f"{counted(allowed, 'finding')} allowed with a reason.")
    if report.excluded:
        parts.append(f"{counted(report.excluded, 'file')} excluded by the config, not judged.")
    parts.append(cluster_difference(report.cluster))
    parts += [useless(report.verdicts), *_skipped(report.skipped)]
    return "\n\n".join(part for part in parts if part)


def _parted(skipped: Sequence[Skipped]) -> tuple[list[Skipped], list[Skipped]]:
    """What could not be judged, and what is no business of podsec's."""
    unread = [item for item in skipped if item.reason != NO_OBJECT]
    return unread, [item for item in skipped if item.reason == NO_OBJECT]


def _skipped(skipped: Sequence[Skipped]) -> list[str]:
    unread, others = _parted(skipped)
    parts = []
    if unread:
        rows = [(code(f"{item.file}:{item.line}"), inert(item.reason)) for item in unread]
        parts.append("Not judged:\n\n" + table(("where", "why"), rows, _LONGEST_SKIPPED))
    if others:
        rows = [(code(item.file), item.reason) for item in others]
        grid = table(("where", "why"), rows, _LONGEST_NO_OBJECT)
        parts.append(details(f"Skipped: {counted(len(others), 'file')}, {NO_OBJECT}", grid))
    return parts


def _annotation(finding: Finding) -> Annotation:
    return Annotation(
        path=finding.file,
        start_line=finding.region.line,
        end_line=finding.region.line,
        level=_LEVEL[finding.severity],  # type: ignore[arg-type]  # one of GitHub's three
        title=finding.rule,
        message=plain(finding.message, _LONGEST_MESSAGE),
    )
