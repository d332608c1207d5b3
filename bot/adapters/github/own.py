"""What is podsec's own in a repository, read whole and changed one by one.

Branches are moved by GraphQL's `updateRefs`, GitHub's only compare-and-set that may also force
(docs.github.com/graphql/reference/git, RefUpdate.beforeOid). Commits are made by REST without an
author, so that GitHub shows them as verified.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import quote

from bot.adapters.github import conversation
from bot.adapters.github.commits import is_own, new_commit
from bot.adapters.github.session import Session
from bot.errors import Edited, Gone, NotPermitted, Rejected, Unavailable
from bot.formats.proposal_mark import dashboard_scores, read_mark, wants_again
from bot.model.delivery import OWN_BRANCHES
from bot.model.proposed import NewCommit, NewPull
from bot.model.sweep import Dress, OwnIssue, OwnPull, OwnWork, Tip

_ZERO = "0" * 40
_MOST_PAGES = 10
_TIP = """
query($owner: String!, $name: String!, $prefix: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    id
    defaultBranchRef { name target { ... on Commit { oid tree { oid } } } }
    refs(refPrefix: $prefix, first: 100, after: $after) {
      nodes { name target { ... on Commit { oid } } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""
_MOVE = """
mutation($repository: ID!, $name: GitRefname!, $before: GitObjectID!, $after: GitObjectID!) {
  updateRefs(input: {
    repositoryId: $repository,
    refUpdates: [{name: $name, beforeOid: $before, afterOid: $after, force: true}]
  }) { clientMutationId }
}
"""


class GitHubOwn:
    """The port Own for one repository and one job; `login` is the App's own."""

    def __init__(self, session: Session, login: Callable[[], str]) -> None:
        self._session, self._login = session, login

    def tip(self) -> Tip:
        """The default branch and podsec's own branches: one call. Raises Gone without a commit."""
        owner, _, name = self._session.repository.full_name.partition("/")
        asked: dict[str, Any] = {
            "owner": owner,
            "name": name,
            "prefix": f"refs/heads/{OWN_BRANCHES}",
        }
        branches: dict[str, str] = {}
        while True:
            found = self._session.graphql(_TIP, asked)["repository"]
            for ref in found["refs"]["nodes"]:
                branches[OWN_BRANCHES + ref["name"]] = ref["target"]["oid"]
            page = found["refs"]["pageInfo"]
            if not page["hasNextPage"]:
                break
            asked["after"] = page["endCursor"]
        ref = found["defaultBranchRef"]
        if ref is None or "oid" not in ref["target"]:
            raise Gone("the repository has no commit yet")
        return Tip(
            node=found["id"],
            branch=ref["name"],
            commit=ref["target"]["oid"],
            tree=ref["target"]["tree"]["oid"],
            own_branches=branches,
        )

    def work(self) -> OwnWork:
        """Its pull requests that carry a mark, the newest first, and its dashboard."""
        pulls: list[OwnPull] = []
        dashboard: OwnIssue | None = None
        for row in self._rows():
            if "pull_request" in row:
                pull = _pull(row)
                pulls += [pull] if pull is not None else []
            elif dashboard is None and dashboard_scores(row["body"] or "") is not None:
                dashboard = _issue(row)
        pulls.sort(key=lambda pull: -pull.number)
        return OwnWork(pulls=tuple(pulls), dashboard=dashboard)

    def _rows(self) -> Iterator[dict[str, Any]]:
        """What the App opened; of closed ones those of the last thousand changes."""
        asked = {"creator": self._login(), "state": "all", "sort": "updated", "direction": "desc"}
        rows = self._session.rows("/issues", **asked)
        for number, row in enumerate(rows):
            if number >= _MOST_PAGES * 100:
                return
            yield row

    def wrote(self, commit: str) -> bool:
        """Whether podsec made a commit, and nobody has changed it since."""
        try:
            return is_own(self._session.get(f"/git/commits/{commit}"))
        except Gone:
            return False

    def commit(self, new: NewCommit) -> str:
        """Make a commit that no branch has yet; returns its SHA."""
        return new_commit(self._session, new)

    def move(self, tip: Tip, branch: str, before: str | None, after: str | None) -> None:
        """Let a branch be at `after` where it is at `before`; None is: not there.

        Raises Edited where it is elsewhere by now, and Unavailable where that is not known.
        """
        asked = {
            "repository": tip.node,
            "name": f"refs/heads/{branch}",
            "before": before or _ZERO,
            "after": after or _ZERO,
        }
        try:
            self._session.graphql(_MOVE, asked)
        except (Unavailable, NotPermitted, Rejected) as error:
            found = self._at(branch)
            if found == after:
                return  # the answer was lost, or somebody else was as quick
            if found == before:
                raise
            raise Edited(f"the branch `{branch}` was pushed to meanwhile") from error

    def _at(self, branch: str) -> str | None:
        try:
            sha: str = self._session.get(f"/git/ref/heads/{quote(branch)}")["object"]["sha"]
        except Gone:
            return None
        return sha

    def open(self, pull: NewPull) -> int:
        """Open a pull request; the number of the one that an earlier attempt opened, if one did."""
        asked = {
            "title": pull.title,
            "body": pull.body,
            "head": pull.branch,
            "base": pull.base,
            "draft": pull.draft,
        }
        try:
            number: int = self._posted(asked)["number"]
        except Rejected:
            found = self._standing(pull.branch)
            if found is None:
                raise
            return found
        return number

    def _posted(self, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            made: dict[str, Any] = self._session.post("/pulls", asked)
        except Rejected as error:
            if not asked["draft"] or "draft" not in str(error).lower():
                raise
            made = self._session.post("/pulls", asked | {"draft": False})  # plans without drafts
        return made

    def _standing(self, branch: str) -> int | None:
        head = f"{self._session.repository.owner}:{branch}"
        rows = self._session.get("/pulls", head=head, state="open", per_page=1)
        return rows[0]["number"] if rows else None

    def rewrite(self, number: int, title: str, body: str) -> None:
        """Give an open pull request another title and body."""
        self._session.patch(f"/pulls/{number}", {"title": title, "body": body})

    def dress(self, number: int, dress: Dress, body: str) -> None:
        """Ask reviewers, and set labels, assignees and the body, all that GitHub takes of them.

        A reviewer whom GitHub refuses is left out: that must not hold up the pull request.
        """
        if dress.reviewers:
            teams = [name.partition("/")[2] for name in dress.reviewers if "/" in name]
            people = [name for name in dress.reviewers if "/" not in name]
            asked = {"reviewers": people, "team_reviewers": teams}
            with suppress(Rejected, NotPermitted):
                self._session.post(f"/pulls/{number}/requested_reviewers", asked)
        worn: dict[str, Any] = {"body": body}
        worn |= {"labels": list(dress.labels)} if dress.labels else {}
        worn |= {"assignees": list(dress.assignees)} if dress.assignees else {}
        self._session.patch(f"/issues/{number}", worn)

    def close(self, number: int, body: str) -> None:
        """Close a pull request, with a body that says by whom."""
        self._session.patch(f"/pulls/{number}", {"state": "closed", "body": body})

    def say(self, number: int, key: str, body: str) -> None:
        """Comment once per key."""
        conversation.reply(self._session, number, key, body)

    def save_dashboard(self, standing: OwnIssue | None, title: str, body: str) -> int:
        """Create the dashboard, or edit it in place; returns its number."""
        if standing is None:
            number: int = self._session.post("/issues", {"title": title, "body": body})["number"]
            return number
        self._session.patch(
            f"/issues/{standing.number}", {"title": title, "body": body, "state": "open"}
        )
        return standing.number


def _pull(row: dict[str, Any]) -> OwnPull | None:
    body = (row["body"] or "").replace("\r\n", "\n")
    mark = read_mark(body)
    if mark is None:
        return None
    is_merged = row["pull_request"].get("merged_at") is not None
    return OwnPull(
        number=row["number"],
        url=row["html_url"],
        state="merged" if is_merged else "open" if row["state"] == "open" else "closed",
        title=row["title"],
        body=body,
        opened=datetime.fromisoformat(row["created_at"]),
        mark=mark,
        draft=bool(row.get("draft")),
        wants_again=wants_again(body),
    )


def _issue(row: dict[str, Any]) -> OwnIssue:
    return OwnIssue(
        number=row["number"],
        url=row["html_url"],
        state="open" if row["state"] == "open" else "closed",
        title=row["title"],
        body=(row["body"] or "").replace("\r\n", "\n"),
    )
