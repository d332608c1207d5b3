"""podsec's own branches and pull requests, made through the git data API.

A commit by an App is shown as verified when it names no author; an existing branch is renewed
only while its tip is the commit that podsec wrote last.
"""

from __future__ import annotations

import base64
import re
from typing import Any
from urllib.parse import quote

from bot.adapters.github.session import Session
from bot.errors import Edited, Gone, Rejected
from bot.model.review import Proposal

_WROTE = re.compile(r"<!-- podsec:wrote ([0-9a-f]{40}) -->")


def propose(session: Session, proposal: Proposal) -> str:
    """Create or renew the branch and its pull request; returns its URL.

    Raises Edited where somebody else has pushed to the branch.
    """
    pull = _open_pull(session, proposal)
    tip = _tip(session, proposal.branch)
    if pull is not None and tip is not None:
        wrote = _WROTE.search(pull["body"] or "")
        if wrote is None or wrote[1] != tip:
            raise Edited(f"the branch {proposal.branch!r} holds commits that are not podsec's")
    commit = _commit(session, proposal, tip)
    if tip is None:
        _create_ref(session, proposal.branch, commit)
    elif tip != commit:
        session.patch(_ref(proposal.branch), {"sha": commit, "force": True})
    body = f"{proposal.body}\n<!-- podsec:wrote {commit} -->"
    return _pull(session, proposal, pull, body)


def _open_pull(session: Session, proposal: Proposal) -> dict[str, Any] | None:
    head = f"{session.repository.owner}:{proposal.branch}"
    rows = session.get("/pulls", head=head, state="open", per_page=1)
    return rows[0] if rows else None


def _ref(branch: str) -> str:
    return f"/git/refs/heads/{quote(branch)}"


def _tip(session: Session, branch: str) -> str | None:
    try:
        found = session.get(f"/git/ref/heads/{quote(branch)}")
    except Gone:
        return None
    sha: str = found["object"]["sha"]
    return sha


def _create_ref(session: Session, branch: str, commit: str) -> None:
    try:
        session.post("/git/refs", {"ref": f"refs/heads/{branch}", "sha": commit})
    except Rejected:
        if _tip(session, branch) != commit:  # an earlier attempt may have made it
            raise


def _commit(session: Session, proposal: Proposal, tip: str | None) -> str:
    """The commit with the new texts; the tip itself where that is already it."""
    tree = _tree(session, proposal)
    if tip is not None:
        found = session.get(f"/git/commits/{tip}")
        parents = [parent["sha"] for parent in found["parents"]]
        if found["tree"]["sha"] == tree and parents == [proposal.base_sha]:
            return tip
    body = {"message": proposal.message, "tree": tree, "parents": [proposal.base_sha]}
    sha: str = session.post("/git/commits", body)["sha"]
    return sha


def _tree(session: Session, proposal: Proposal) -> str:
    listing = session.get(f"/git/trees/{proposal.base_sha}", recursive=1)
    modes = {row["path"]: row["mode"] for row in listing["tree"]}
    rows = [
        _row(session, path, data, modes.get(path, "100644"))
        for path, data in sorted(proposal.files.items())
    ]
    answer = session.post("/git/trees", {"base_tree": proposal.base_sha, "tree": rows})
    sha: str = answer["sha"]
    return sha


def _row(session: Session, path: str, data: bytes, mode: str) -> dict[str, Any]:
    row: dict[str, Any] = {"path": path, "mode": mode, "type": "blob"}
    try:
        return row | {"content": data.decode()}
    except UnicodeDecodeError:
        coded = base64.b64encode(data).decode()
        blob = session.post("/git/blobs", {"content": coded, "encoding": "base64"})
        return row | {"sha": blob["sha"]}


def _pull(session: Session, proposal: Proposal, pull: dict[str, Any] | None, body: str) -> str:
    if pull is not None:
        if (pull["title"], pull["body"]) != (proposal.title, body):
            session.patch(f"/pulls/{pull['number']}", {"title": proposal.title, "body": body})
        url: str = pull["html_url"]
        return url
    asked = {
        "title": proposal.title,
        "body": body,
        "head": proposal.branch,
        "base": proposal.base_ref,
        "draft": proposal.draft,
    }
    try:
        made = session.post("/pulls", asked)
    except Rejected as error:
        if not proposal.draft or "draft" not in str(error).lower():
            raise
        made = session.post("/pulls", asked | {"draft": False})  # plans without draft pulls
    new: str = made["html_url"]
    return new
