"""A plan as a review: one comment a container, the rest in its summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.formats.cluster_change import cluster_difference
from bot.formats.markdown import code, details, fenced, inert, marker, table
from bot.formats.plain import counted
from bot.formats.standing import mended, regressions
from bot.model.delivery import PullRef
from bot.model.finding import SEVERITIES, Finding
from bot.model.plan import Plan, Remark
from bot.model.review import Review, ReviewComment
from bot.rule.load import Rules

_SIGN = {"low": "🔵", "medium": "🟡", "high": "🟠", "critical": "🔴"}
# a body holds 65,536 characters: the table and the hidden marks share them
_LONGEST_SUMMARY = 24_000
_MOST_MARKED = 2_000


def to_review(plan: Plan, pull: PullRef, rules: Rules) -> Review:
    """The review: one comment a container, the rest in its body."""
    comments = tuple(_comment(remark, rules, plan.lost) for remark in plan.remarks)
    return Review(head=pull.head_sha, body=_body(plan, rules), comments=comments)


def to_fallback(plan: Plan, pull: PullRef, rules: Rules) -> Review:
    """The same without inline comments, for when GitHub refuses one of them."""
    every = tuple(f for remark in plan.remarks for f in remark.findings) + plan.rest
    whole = replace(plan, remarks=(), rest=every)
    return Review(head=pull.head_sha, body=_body(whole, rules), comments=())


def _comment(remark: Remark, rules: Rules, lost: Mapping[str, str]) -> ReviewComment:
    suggestion = remark.suggestion
    parts = [f"**{_title(remark.findings[0])}**", _findings(remark, rules, lost)]
    if suggestion is not None:
        parts.append(fenced("suggestion", suggestion.lines))
        parts.append(_grounds(suggestion.fixes))
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


def _grounds(fixes: Sequence[Finding]) -> str:
    """What the fixes of a suggestion rest on, and how each is taken back."""
    rows = [
        (code(finding.rule), inert(fix.reason) or "it is safe for any image", inert(fix.undo))
        for finding in fixes
        if (fix := finding.fix) is not None
    ]
    return details("Why it is safe, and how to undo it", table(("rule", "why", "undo"), rows))


def _title(finding: Finding) -> str:
    whole = f"{finding.kind} {code(finding.name)}"
    return f"Container {code(finding.container)} of {whole}" if finding.container else whole


def _findings(remark: Remark, rules: Rules, lost: Mapping[str, str]) -> str:
    fixed = {f.fingerprint for f in remark.suggestion.fixes} if remark.suggestion else set()
    rows = [
        (
            severity(finding),
            described(finding, rules, lost),
            "below" if finding.fingerprint in fixed else _remedy(finding),
        )
        for finding in remark.findings
    ]
    return table(("", "finding", "fix"), rows)


def severity(finding: Finding) -> str:
    """The severity with its sign."""
    return f"{_SIGN[finding.severity]} {finding.severity}"


def described(finding: Finding, rules: Rules, lost: Mapping[str, str]) -> str:
    """The message with its rule; and what the change took away, where `lost` says so."""
    text = f"{inert(finding.message)} ({named(finding.rule, rules)})"
    gone = lost.get(finding.fingerprint)
    return f"{text} **regression:** {inert(gone)}" if gone else text


def named(rule: str, rules: Rules) -> str:
    """A rule's id, with a link to its page; a repository's own rule has none."""
    found = rules.get(rule)
    return f"[{rule}]({found.url})" if found is not None and found.url else code(rule)


def _remedy(finding: Finding) -> str:
    if finding.remedy == "unsafe" and finding.fix is not None:
        return f"test first: {inert(finding.fix.reason)}"
    if finding.remedy == "safe":
        return "`/podsec fix`"
    return inert(finding.advice) if finding.advice else "by hand"


def _allow(findings: Sequence[Finding]) -> str:
    example = fenced("yaml", [f"# podsec: ignore[{findings[0].rule}] why it is wanted"])
    text = f"Say so on the line, or on the container, with a reason:\n\n{example}"
    return details("Wanted as it is?", text)


def _body(plan: Plan, rules: Rules) -> str:
    rest = worst_first(plan.rest)
    said = [lost.fingerprint for lost in plan.unsaid]
    said += [finding.fingerprint for finding in rest]
    parts = [
        *_lead(plan),
        regressions(plan.unsaid),
        mended(plan.fixed),
        _without_comment(rest, rules, plan),
        cluster_difference(plan.cluster),
        marker(said[:_MOST_MARKED]),
    ]
    return "\n\n".join(part for part in parts if part)


def _lead(plan: Plan) -> list[str]:
    if not plan.news:
        return []
    text = f"podsec found {counted(plan.news, 'finding')} that this pull request introduces."
    ready = sum(1 for remark in plan.remarks if remark.suggestion)
    if ready:
        text += f" {counted(ready, 'comment')} below can be applied with one click."
    return [
        text,
        "`/podsec fix` opens follow-up pull requests: safe fixes, and those to test first.",
    ]


def _without_comment(rest: Sequence[Finding], rules: Rules, plan: Plan) -> str:
    if not rest:
        return ""
    heading = "Without a comment on a line" if plan.remarks else "Findings"
    grid = to_table(rest, rules, _LONGEST_SUMMARY, plan.lost)
    return details(f"{heading}: {counted(len(rest), 'finding')}", grid)


def worst_first(findings: Sequence[Finding]) -> list[Finding]:
    """What a cut list must not lose stands first."""
    return sorted(findings, key=lambda f: -SEVERITIES.index(f.severity))


def to_table(
    findings: Sequence[Finding], rules: Rules, longest: int, lost: Mapping[str, str]
) -> str:
    """Findings with their places; at most `longest` bytes."""
    rows = [
        (
            severity(finding),
            code(f"{finding.file}:{finding.region.line}"),
            described(finding, rules, lost),
            _remedy(finding),
        )
        for finding in findings
    ]
    return table(("", "where", "finding", "fix"), rows, longest)
