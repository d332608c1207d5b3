"""podsec's own branches and pull requests, made through the git data API.

An existing branch is renewed only while its tip is podsec's own (`bot.adapters.github.commits`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from bot.adapters.github.commits import is_own, new_tree, written
from bot.adapters.github.session import Session
from bot.errors import Edited, Gone, NotPermitted, Rejected, Unavailable
from bot.model.delivery import PullRef
from bot.model.proposed import NewCommit
from bot.model.review import Proposal


def propose(session: Session, proposal: Proposal) -> str:
    """Create or renew the branch and its pull request; returns its URL.

    Raises Edited where somebody else has pushed to the branch.
    """
    tip = _tip(session, proposal.branch)
    stands = session.get(f"/git/commits/{tip}") if tip is not None else None
    if stands is not None and not is_own(stands):
        raise Edited(
            f"the branch `{proposal.branch}` holds commits that are not podsec's, and is left as "
            "it is: merge or delete it, then comment again"
        )
    tree = _tree(session, proposal)
    if stands is None:
        _create_ref(
            session, proposal.branch, written(session, proposal.message, proposal.base_sha, tree)
        )
    elif (stands["tree"]["sha"], _parents(stands)) != (tree, [proposal.base_sha]):
        commit = written(session, proposal.message, proposal.base_sha, tree)
        session.patch(_ref(proposal.branch), {"sha": commit, "force": True})
    standing = _open_pull(session, proposal) if stands is not None else None
    return _pull(session, proposal, standing)


def retire(session: Session, pull: PullRef) -> None:
    """Close a pull request of podsec's own; its branch goes, unless it is somebody else's by now.

    GitHub closes the pull requests of a branch that goes: so there is one step, and what was left
    undone is found again. A branch that may not be deleted stays. Raises Unavailable where GitHub
    does not show the branch of an open pull request.
    """
    tip = _tip(session, pull.head_ref)
    if tip is None:
        raise Unavailable(f"the branch {pull.head_ref} is not to be seen")
    if is_own(session.get(f"/git/commits/{tip}")):
        try:
            session.delete(_ref(pull.head_ref))
        except (Gone, NotPermitted, Rejected):
            session.patch(f"/pulls/{pull.number}", {"state": "closed"})
    else:
        session.patch(f"/pulls/{pull.number}", {"state": "closed"})


def _ref(branch: str) -> str:
    return f"/git/refs/heads/{quote(branch)}"


def _tip(session: Session, branch: str) -> str | None:
    try:
        found = session.get(f"/git/ref/heads/{quote(branch)}")
    except Gone:
        return None
    sha: str = found["object"]["sha"]
    return sha


def _parents(commit: dict[str, Any]) -> list[str]:
    return [parent["sha"] for parent in commit["parents"]]


def _create_ref(session: Session, branch: str, commit: str) -> None:
    try:
        session.post("/git/refs", {"ref": f"refs/heads/{branch}", "sha": commit})
    except Rejected as error:
        if _tip(session, branch) is None:
            raise
        raise Unavailable(f"the branch {branch} came into being meanwhile") from error


def _tree(session: Session, proposal: Proposal) -> str:
    return new_tree(
        session,
        NewCommit(
            base=proposal.base_sha,
            message=proposal.message,
            files=proposal.files,
            modes=_modes(session, proposal.base_sha, proposal.files),
        ),
    )


def _modes(session: Session, commit: str, paths: Iterable[str]) -> dict[str, str]:
    """How each file is stored: an executable stays one.

    One listing serves; GitHub cuts it at 100,000 rows, and then each folder is asked for.
    """
    listing = session.get(f"/git/trees/{commit}", recursive=1)
    if not listing["truncated"]:
        return {row["path"]: row["mode"] for row in listing["tree"]}
    modes: dict[str, str] = {}
    for folder in sorted({path.rpartition("/")[0] for path in paths}):
        listing = session.get(f"/git/trees/{quote(f'{commit}:{folder}', safe='')}")
        below = f"{folder}/" if folder else ""
        modes |= {below + row["path"]: row["mode"] for row in listing["tree"]}
    return modes


def _open_pull(session: Session, proposal: Proposal) -> dict[str, Any] | None:
    head = f"{session.repository.owner}:{proposal.branch}"
    rows = session.get("/pulls", head=head, state="open", per_page=1)
    return rows[0] if rows else None


def _pull(session: Session, proposal: Proposal, standing: dict[str, Any] | None) -> str:
    """Open the pull request, or renew the one that stands; returns its URL."""
    if standing is None:
        try:
            standing = _open(session, proposal)
        except Rejected:
            standing = _open_pull(session, proposal)  # an earlier attempt may have made it
            if standing is None:
                raise
    says = standing["title"], (standing["body"] or "").replace("\r\n", "\n")
    if says != (proposal.title, proposal.body):
        changed = {"title": proposal.title, "body": proposal.body}
        session.patch(f"/pulls/{standing['number']}", changed)
    url: str = standing["html_url"]
    return url


def _open(session: Session, proposal: Proposal) -> dict[str, Any]:
    asked = {
        "title": proposal.title,
        "body": proposal.body,
        "head": proposal.branch,
        "base": proposal.base_ref,
        "draft": proposal.draft,
    }
    try:
        made: dict[str, Any] = session.post("/pulls", asked)
    except Rejected as error:
        if not proposal.draft or "draft" not in str(error).lower():
            raise
        made = session.post("/pulls", asked | {"draft": False})  # plans without draft pulls
    return made
