"""Moved secrets as a follow-up pull request of their own: a draft with a checklist, no value."""

from __future__ import annotations

from bot.formats.markdown import code, details, inert, table
from bot.formats.plain import counted
from bot.formats.pull_request import LONGEST_TABLE, line_of, where
from bot.formats.secret_checklist import to_checklist
from bot.model.delivery import OWN_BRANCHES, PullRef
from bot.model.move import Moved
from bot.model.plan import Repair
from bot.model.review import Proposal
from bot.rule.load import Rules

_WAIT = (
    "**Needs Secrets before the merge.** New pods that read a key which is not there stay in "
    "`CreateContainerConfigError`. A rolling update keeps the old ones; a `Recreate` deployment, a "
    "StatefulSet and a Job stop. So this stays a draft until the list below is done. podsec has no "
    "access to the cluster, and neither this text nor the new lines hold a value."
)
_UNDO = (
    "Close this pull request, or revert its one commit after the merge: the values stand in the "
    "manifests again, as they do in the history. podsec renews it on the next `/podsec fix`, "
    "unless somebody else has pushed to its branch."
)


def to_secrets_proposal(
    repair: Repair, moved: Moved, pull: PullRef, rules: Rules, asked_by: str
) -> Proposal:
    """The draft into the pull request's own branch; all other fixes are in others."""
    number = counted(len(repair.applied), "secret")
    title = f"Move {number} out of the manifests for #{pull.number} (needs Secrets first)"
    message = f"{title}\n\n" + "\n".join(f"- {line_of(f)}" for f in repair.applied[:100])
    return Proposal(
        branch=f"{OWN_BRANCHES}{pull.number}-secrets",
        base_ref=pull.head_ref,
        base_sha=pull.head_sha,
        title=title,
        body=_body(repair, moved, rules, f"{number} moved, for #{pull.number}", asked_by),
        message=message,
        files=repair.files,
        draft=True,
    )


def _body(repair: Repair, moved: Moved, rules: Rules, intro: str, asked_by: str) -> str:
    rows = [(where(f), _rule(f.rule, rules), inert(f.message)) for f in repair.applied]
    parts = [
        f"{intro}, asked for by {code(asked_by)}.",
        _WAIT,
        "### Before the merge",
        to_checklist(moved),
        "### What changes",
        table(("where", "rule", "finding"), rows, LONGEST_TABLE),
    ]
    if repair.left:
        rest = [(where(f), inert(f.message), inert(why)) for f, why in repair.left]
        grid = table(("where", "finding", "why not"), rest, LONGEST_TABLE)
        parts.append(details(f"Not moved: {counted(len(rest), 'secret')}", grid))
    return "\n\n".join([*parts, "### How to undo it", _UNDO])


def _rule(name: str, rules: Rules) -> str:
    rule = rules.get(name)
    return f"[{name}]({rule.url})" if rule is not None and rule.url else name
