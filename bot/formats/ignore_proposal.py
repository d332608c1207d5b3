"""An annotation that allows findings, as a follow-up pull request; for a fork, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.formats.markdown import code, fenced, inert, plain, table
from bot.formats.plain import counted
from bot.formats.pull_request import LONGEST_TABLE, where
from bot.formats.review import named
from bot.model.delivery import OWN_BRANCHES, PullRef
from bot.model.finding import Finding
from bot.model.permit import Permit
from bot.model.review import Proposal
from bot.rule.load import Rules


def to_ignore_proposal(
    permit: Permit,
    findings: Sequence[Finding],
    files: Mapping[str, bytes],
    pull: PullRef,
    rules: Rules,
    asked_by: str,
) -> Proposal:
    """The follow-up pull request into the pull request's own branch: merging it allows them."""
    number = counted(len(findings), "finding")
    title = f"Allow {number} of {permit.rule} for #{pull.number}"
    return Proposal(
        branch=f"{OWN_BRANCHES}{pull.number}-ignore-{permit.rule}",
        base_ref=pull.head_ref,
        base_sha=pull.head_sha,
        title=title,
        body=_body(permit, findings, rules, f"{number}, for #{pull.number}", asked_by),
        message=f"{title}\n\nReason: {plain(permit.reason)}",
        files=files,
        draft=False,
    )


def _body(
    permit: Permit, findings: Sequence[Finding], rules: Rules, intro: str, asked_by: str
) -> str:
    end = f" It ends after {permit.until.isoformat()}." if permit.until else ""
    rows = [(where(finding), inert(finding.message)) for finding in findings]
    lead = f"This allows {named(permit.rule, rules)} where it is wanted: {intro}"
    proof = (
        f"The annotation {code(permit.annotation)} stands at the object, not in a pod template: no "
        "pod restarts. podsec judged the files again with it: nothing else is allowed by it."
    )
    parts = [
        f"{lead}, asked for by {code(asked_by)}.",
        f"Reason: {inert(permit.reason)}.{end}",
        table(("where", "finding"), rows, LONGEST_TABLE),
        proof,
        "### How to undo it",
        "Take the annotation away, or close this pull request.",
    ]
    return "\n\n".join(parts)


def to_ignore_reply(permit: Permit, findings: Sequence[Finding], lead: str) -> str:
    """What to write by hand, where podsec does not push or cannot edit."""
    rows = [(where(finding), inert(finding.message)) for finding in findings]
    containers = sorted({one.container for one in findings if one.container})
    entry = permit.entry(containers).replace("\\", "\\\\").replace('"', '\\"')
    lines = ["metadata:", "  annotations:", f'    {permit.annotation}: "{entry}"']
    grid = table(("where", "finding"), rows, LONGEST_TABLE)
    return f"{lead} Put this at the object:\n\n{fenced('yaml', lines)}\n\n{grid}"
