"""A plan as a review and a check run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.config import Config
from bot.formats.markdown import code, details, fenced, inert, marker, table
from bot.formats.text import counted
from bot.model.delivery import PullRef
from bot.model.finding import SEVERITIES, Finding, Report, Severity, Skipped, at_least
from bot.model.plan import Plan, Remark
from bot.model.review import Annotation, CheckRun, Conclusion, Review, ReviewComment
from bot.rule.load import Rules

_SIGN = {"low": "🔵", "medium": "🟡", "high": "🟠", "critical": "🔴"}
_LEVEL = {"low": "notice", "medium": "warning", "high": "failure", "critical": "failure"}
_LONGEST_SUMMARY = 40_000


def to_review(plan: Plan, pull: PullRef, rules: Rules) -> Review:
    """The review: one comment a container, the rest in its body."""
    comments = tuple(_comment(remark, rules) for remark in plan.remarks)
    return Review(head=pull.head_sha, body=_body(plan, rules), comments=comments)


def to_fallback(plan: Plan, pull: PullRef, rules: Rules) -> Review:
    """The same without inline comments, for when GitHub refuses one of them."""
    every = tuple(f for remark in plan.remarks for f in remark.findings) + plan.rest
    whole = Plan(remarks=(), rest=every, introduced=plan.introduced)
    return Review(head=pull.head_sha, body=_body(whole, rules), comments=())


def _comment(remark: Remark, rules: Rules) -> ReviewComment:
    suggestion = remark.suggestion
    parts = [f"**{_title(remark.findings[0])}**", _findings(remark.findings, rules, remark)]
    if suggestion is not None:
        parts.append(fenced("suggestion", "\n".join(suggestion.lines)))
    elif any(finding.remedy == "safe" for finding in remark.findings):
        parts.append("`/podsec fix` opens a pull request with the safe fixes.")
    parts.append(_allow(remark.findings))
    prints = tuple(finding.fingerprint for finding in remark.findings)
    return ReviewComment(
        path=remark.path,
        line=remark.end,
        start_line=remark.start if remark.start != remark.end else None,
        body="\n\n".join([*parts, marker(prints)]),
        fingerprints=prints,
    )


def _title(finding: Finding) -> str:
    whole = f"{finding.kind} {code(finding.name)}"
    return f"Container {code(finding.container)} of {whole}" if finding.container else whole


def _findings(findings: Sequence[Finding], rules: Rules, remark: Remark) -> str:
    fixed = {f.fingerprint for f in remark.suggestion.fixes} if remark.suggestion else set()
    rows = [
        (
            f"{_SIGN[finding.severity]} {finding.severity}",
            f"{inert(finding.message)} ({_link(finding, rules)})",
            "below" if finding.fingerprint in fixed else _remedy(finding),
        )
        for finding in findings
    ]
    return table(("", "finding", "fix"), rows)


def _link(finding: Finding, rules: Rules) -> str:
    rule = rules.get(finding.rule)
    return f"[{finding.rule}]({rule.url})" if rule is not None else finding.rule


def _remedy(finding: Finding) -> str:
    if finding.remedy == "unsafe" and finding.fix is not None:
        return f"test first: {inert(finding.fix.reason)}"
    if finding.remedy == "safe":
        return "`/podsec fix`"
    return inert(finding.advice) if finding.advice else "by hand"


def _allow(findings: Sequence[Finding]) -> str:
    example = f"# podsec: ignore[{findings[0].rule}] why it is wanted"
    text = f"Say so on the line, or on the container, with a reason:\n\n{fenced('yaml', example)}"
    return details("Wanted as it is?", text)


def _body(plan: Plan, rules: Rules) -> str:
    inline = sum(len(remark.findings) for remark in plan.remarks)
    ready = sum(1 for remark in plan.remarks if remark.suggestion)
    parts = [f"podsec found {counted(plan.news, 'finding')} that this pull request introduces."]
    if inline and ready:
        parts[0] += f" {counted(ready, 'comment')} below can be applied with one click."
    parts.append(
        "`/podsec fix` opens follow-up pull requests: safe fixes, and those to test first."
    )
    if plan.rest:
        heading = "Not on a line of the diff" if inline else "Findings"
        rows = _rows(plan.rest, rules)
        grid = table(("", "where", "finding", "fix"), rows, _LONGEST_SUMMARY)
        parts.append(details(f"{heading}: {counted(len(plan.rest), 'finding')}", grid))
    parts.append(marker(tuple(finding.fingerprint for finding in plan.rest)))
    return "\n\n".join(part for part in parts if part)


def _rows(findings: Sequence[Finding], rules: Rules) -> list[tuple[str, ...]]:
    return [
        (
            f"{_SIGN[finding.severity]} {finding.severity}",
            code(f"{finding.file}:{finding.region.line}"),
            f"{inert(finding.message)} ({_link(finding, rules)})",
            _remedy(finding),
        )
        for finding in findings
    ]


def to_check(
    plan: Plan,
    report: Report,
    pull: PullRef,
    rules: Rules,
    config: Config,
    *,
    enforce: bool,
    commented: bool,
) -> CheckRun:
    """The check run; annotations only for findings that no comment speaks of."""
    silent = {f.fingerprint for r in plan.remarks for f in r.findings} if commented else set()
    loud = [f for f in plan.introduced if f.fingerprint not in silent]
    return CheckRun(
        head=pull.head_sha,
        conclusion=_conclusion(plan, config, enforce=enforce),
        title=_check_title(plan, report),
        summary=_summary(plan, report, rules),
        annotations=tuple(map(_annotation, loud)) if not commented or plan.rest else (),
        external_id=external_id(pull),
    )


def external_id(pull: PullRef) -> str:
    """By which a check run finds its pull request again, forks included."""
    return f"{pull.repository.id}:{pull.number}"


def _conclusion(plan: Plan, config: Config, *, enforce: bool) -> Conclusion:
    if not plan.introduced:
        return "success"
    floor: Severity = config.fail_on
    failing = any(at_least(finding.severity, floor) for finding in plan.introduced)
    return "failure" if enforce and failing else "neutral"


def _check_title(plan: Plan, report: Report) -> str:
    if plan.introduced:
        return f"{counted(len(plan.introduced), 'finding')} introduced"
    if not report.manifests:
        return "No Kubernetes manifests changed"
    judged = counted(report.workloads, "workload")
    return f"No finding introduced in {judged}" + (", some skipped" if report.skipped else "")


def _summary(plan: Plan, report: Report, rules: Rules) -> str:
    parts = [f"{counted(report.manifests, 'manifest')} in {counted(report.files, 'file')} judged."]
    if plan.introduced:
        counts = Counter(finding.severity for finding in plan.introduced)
        listed = [f"{counts[s]} {s}" for s in reversed(SEVERITIES) if counts[s]]
        parts.append(f"Introduced by this pull request: {', '.join(listed)}.")
        parts.append(
            table(("", "where", "finding", "fix"), _rows(plan.introduced, rules), _LONGEST_SUMMARY)
        )
    existing = sum(1 for label in report.labels if label.standing == "existing")
    if existing:
        parts.append(f"{counted(existing, 'finding')} stood before and are not counted.")
    allowed = [label for label in report.labels if label.standing == "suppressed"]
    if allowed:
        parts.append(f"{counted(len(allowed), 'finding')} allowed with a reason.")
    if report.skipped:
        parts.append(_skipped(report.skipped))
    return "\n\n".join(parts)


def _skipped(skipped: Sequence[Skipped]) -> str:
    rows = [(code(f"{item.file}:{item.line}"), inert(item.reason)) for item in skipped]
    return "Not judged:\n\n" + table(("where", "why"), rows, 15_000)


def _annotation(finding: Finding) -> Annotation:
    return Annotation(
        path=finding.file,
        start_line=finding.region.line,
        end_line=finding.region.line,
        level=_LEVEL[finding.severity],  # type: ignore[arg-type]  # one of GitHub's three
        title=finding.rule,
        message=finding.message,
    )
