"""A plan as a review: one comment a container, the rest in its summary."""

from __future__ import annotations

from collections.abc import Sequence

from bot.formats.markdown import code, details, fenced, inert, marker, table
from bot.formats.text import counted
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
        parts.append(fenced("suggestion", suggestion.lines))
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
            severity(finding),
            described(finding, rules),
            "below" if finding.fingerprint in fixed else _remedy(finding),
        )
        for finding in findings
    ]
    return table(("", "finding", "fix"), rows)


def severity(finding: Finding) -> str:
    """The severity with its sign."""
    return f"{_SIGN[finding.severity]} {finding.severity}"


def described(finding: Finding, rules: Rules) -> str:
    """The message, with a link to the rule."""
    rule = rules.get(finding.rule)
    name = f"[{finding.rule}]({rule.url})" if rule is not None else finding.rule
    return f"{inert(finding.message)} ({name})"


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
    inline = sum(len(remark.findings) for remark in plan.remarks)
    ready = sum(1 for remark in plan.remarks if remark.suggestion)
    parts = [f"podsec found {counted(plan.news, 'finding')} that this pull request introduces."]
    if inline and ready:
        parts[0] += f" {counted(ready, 'comment')} below can be applied with one click."
    parts.append(
        "`/podsec fix` opens follow-up pull requests: safe fixes, and those to test first."
    )
    rest = worst_first(plan.rest)
    if rest:
        heading = "Without a comment on a line" if inline else "Findings"
        grid = to_table(rest, rules, _LONGEST_SUMMARY)
        parts.append(details(f"{heading}: {counted(len(rest), 'finding')}", grid))
    parts.append(marker([finding.fingerprint for finding in rest[:_MOST_MARKED]]))
    return "\n\n".join(part for part in parts if part)


def worst_first(findings: Sequence[Finding]) -> list[Finding]:
    """What a cut list must not lose stands first."""
    return sorted(findings, key=lambda f: -SEVERITIES.index(f.severity))


def to_table(findings: Sequence[Finding], rules: Rules, longest: int) -> str:
    """Findings with their places; at most `longest` bytes."""
    rows = [
        (
            severity(finding),
            code(f"{finding.file}:{finding.region.line}"),
            described(finding, rules),
            _remedy(finding),
        )
        for finding in findings
    ]
    return table(("", "where", "finding", "fix"), rows, longest)
