"""New policies as a follow-up pull request: what is let through, before and after, and a graph."""

from __future__ import annotations

from collections.abc import Sequence

from bot.formats.markdown import code, details, fenced, inert, plain, table
from bot.formats.network.drawing import Reached, drawings, reached
from bot.formats.network.text import said, to_mermaid
from bot.formats.plain import counted
from bot.kubernetes.network_grants import Proposed
from bot.kubernetes.network_reach import Row
from bot.model.delivery import OWN_BRANCHES, PullRef
from bot.model.review import Proposal

_LONGEST_TABLE = 16_000
_MOST_DRAWN = 60
"""Arrows in a graph: GitHub draws no more than some hundred, and people read fewer."""
_ADVICE = (
    "**Test first.** A NetworkPolicy denies all traffic that it does not name, and does so only "
    "where the cluster's network enforces policies. Each rule rests on what the manifests show; "
    "addresses that programs have built in are not seen. Deploy this branch to a test namespace, "
    "use the application, and look for timeouts on both sides."
)
_PROOF = (
    "podsec has asked its evaluator: no policy here blocks a connection that it inferred. Probes, "
    "`kubectl exec` and logs come from the node, and are always let through."
)
_UNDO = (
    "Close this pull request, or revert its one commit after the merge. podsec renews it on the "
    "next `/podsec policies`, unless somebody else has pushed to its branch."
)


def to_network_proposal(proposed: Proposed, pull: PullRef, asked_by: str) -> Proposal:
    """The draft into the pull request's own branch."""
    number = len(proposed.policies)
    what = f"{number} network polic{'y' if number == 1 else 'ies'}"
    title = f"Isolate pods: {what} for #{pull.number} (test first)"
    lines = "\n".join(f"- {plain(path)}" for path in list(proposed.policies)[:100])
    return Proposal(
        branch=f"{OWN_BRANCHES}{pull.number}-network",
        base_ref=pull.head_ref,
        base_sha=pull.head_sha,
        title=title,
        body=body_of(proposed, f"{what}, for #{pull.number}, asked for by {code(asked_by)}."),
        message=f"{title}\n\n{lines}",
        files={**proposed.policies, **proposed.kustomizations},
        draft=True,
    )


def who_may_talk(proposed: Proposed) -> str:
    """Who may talk to whom before and after, and what that rests on."""
    found = _changed(proposed)
    graph = _graph(found)
    parts = ["### Who may talk to whom", _table(found), *([graph] if graph else []), _PROOF]
    return "\n\n".join([*parts, *_cut(proposed), *_unlisted(proposed)])


def to_network_reply(proposed: Proposed) -> str:
    """What a fork gets instead, where podsec does not push."""
    lead = "This pull request comes from a fork, where podsec does not push."
    how = "Run `podsec policies FOLDER --write` on your branch for these files:"
    files = table(("file",), [(code(path),) for path in proposed.policies], 4_000)
    return f"{lead} {how}\n\n{files}\n\n{_table(_changed(proposed))}"


def body_of(proposed: Proposed, intro: str) -> str:
    """What is said of new policies, behind a first sentence."""
    found = _changed(proposed)
    parts = [intro, _ADVICE, "### Who may talk to whom", _table(found)]
    graph = _graph(found)
    parts += [graph] if graph else []
    parts += [_PROOF, *_cut(proposed), *_left(proposed), *_unlisted(proposed)]
    return "\n\n".join([*parts, "### How to undo it", _UNDO])


def _changed(proposed: Proposed) -> tuple[Reached, ...]:
    return tuple(one for one in reached(proposed.planned) if one.changes)


def _table(found: Sequence[Reached]) -> str:
    rows = [(code(one.name), _rows(one.before), _rows(one.after)) for one in found]
    return table(("workload", "before", "after"), rows, _LONGEST_TABLE)


def _rows(rows: Sequence[Row]) -> str:
    return "<br>".join(inert(said(row)) for row in rows) or "nobody"


def _graph(found: tuple[Reached, ...]) -> str:
    """What is let through afterwards; nothing where it would be too much to draw."""
    _, after = drawings(found)
    if len(after.links) > _MOST_DRAWN:
        return ""
    return fenced("mermaid", to_mermaid([after]).rstrip("\n").split("\n"))


def _cut(proposed: Proposed) -> list[str]:
    cut = proposed.planned.cut
    if not cut:
        return []
    rows = [
        (code(edge.source.name), code(edge.target.name), str(edge.endpoint.port)) for edge in cut
    ]
    grid = table(("from", "to", "port"), rows, 4_000)
    return [f"Policies that stand already block what these seem to use:\n\n{grid}"]


def _left(proposed: Proposed) -> list[str]:
    declined = proposed.planned.declined
    if not declined:
        return []
    rows = [(f"{one.actor.kind} {code(one.actor.name)}", inert(one.reason)) for one in declined]
    grid = table(("workload", "why"), rows, 8_000)
    return [details(f"No policy for {counted(len(rows), 'workload')}", grid)]


def _unlisted(proposed: Proposed) -> list[str]:
    if not proposed.unlisted:
        return []
    rows = [(code(path),) for path in proposed.unlisted]
    grid = table(("file",), rows, 4_000)
    return [f"No kustomization lists these files; list them where they are to go:\n\n{grid}"]
