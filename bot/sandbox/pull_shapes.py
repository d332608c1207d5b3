"""Pull requests and what is said on them, as GitHub shows them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from bot.sandbox.repository_store import Change
from bot.sandbox.shapes import node_id, reactions, repository, user
from bot.sandbox.world import Issue, IssueComment, Pull, Repository, Review, ReviewComment, World


def _end(
    world: World, found: Repository | None, label: tuple[str, str], sha: str
) -> dict[str, Any]:
    owner, ref = label
    return {
        "label": f"{owner}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": user(world, owner),
        "repo": repository(world, found) if found is not None else None,
    }


def simple_pull(world: World, home: Repository, pull: Pull) -> dict[str, Any]:
    """A row of a list of pull requests."""
    api = f"{world.url}/repos/{home.full_name}"
    url, issue = f"{api}/pulls/{pull.number}", f"{api}/issues/{pull.number}"
    html = f"{world.url}/{home.full_name}/pull/{pull.number}"
    head = world.repositories.get(pull.head_repository.lower())
    head_owner = pull.head_repository.partition("/")[0]
    links = {
        "self": url,
        "html": html,
        "issue": issue,
        "comments": f"{issue}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{api}/pulls/comments{{/number}}",
        "commits": f"{url}/commits",
        "statuses": f"{api}/statuses/{pull.head_sha}",
    }
    return {
        "url": url,
        "id": pull.id,
        "node_id": node_id("PR", pull.id),
        "html_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "issue_url": issue,
        "number": pull.number,
        "state": pull.state,
        "locked": False,
        "title": pull.title,
        "user": user(world, pull.author),
        "body": pull.body,
        "created_at": pull.at,
        "updated_at": pull.updated,
        "closed_at": pull.closed,
        "merged_at": pull.closed if pull.merged else None,
        "merge_commit_sha": None,
        "assignee": user(world, pull.assignees[0]) if pull.assignees else None,
        "assignees": [user(world, login) for login in pull.assignees],
        "requested_reviewers": [user(world, login) for login in pull.reviewers],
        "requested_teams": [_team(world, home, slug) for slug in pull.teams],
        "labels": [label(world, home, name) for name in pull.labels],
        "milestone": None,
        "draft": pull.draft,
        "commits_url": links["commits"],
        "review_comments_url": links["review_comments"],
        "review_comment_url": links["review_comment"],
        "comments_url": links["comments"],
        "statuses_url": links["statuses"],
        "head": _end(world, head, (head_owner, pull.head_ref), pull.head_sha),
        "base": _end(world, home, (home.owner, pull.base_ref), pull.base_sha),
        "_links": {key: {"href": value} for key, value in links.items()},
        "author_association": "CONTRIBUTOR",
        "auto_merge": None,
        "active_lock_reason": None,
    }


def changed_base(pull: Pull) -> dict[str, Any]:
    """What an event says of a base branch that is about to change."""
    return {"base": {"ref": {"from": pull.base_ref}, "sha": {"from": pull.base_sha}}}


def label(world: World, home: Repository, name: str) -> dict[str, Any]:
    """A label of the repository."""
    return {
        "id": abs(hash(name)) % 10**6,
        "node_id": node_id("LA", abs(hash(name)) % 10**6),
        "url": f"{world.url}/repos/{home.full_name}/labels/{name}",
        "name": name,
        "description": "",
        "color": home.labels.get(name, "ededed"),
        "default": False,
    }


def full_pull(world: World, home: Repository, pull: Pull) -> dict[str, Any]:
    """One pull request; `mergeable` is unknown at its first read."""
    changes = home.store.changes(pull.base_sha, pull.head_sha)
    known = pull.asked
    return simple_pull(world, home, pull) | {
        "merged": pull.merged,
        "mergeable": True if known and pull.state == "open" else None,
        "rebaseable": True if known and pull.state == "open" else None,
        "mergeable_state": "clean" if known else "unknown",
        "merged_by": None,
        "comments": sum(1 for comment in home.comments if comment.number == pull.number),
        "review_comments": len(pull.comments),
        "maintainer_can_modify": False,
        "commits": home.store.count(pull.base_sha, pull.head_sha),
        "additions": sum(change.additions for change in changes),
        "deletions": sum(change.deletions for change in changes),
        "changed_files": len(changes),
    }


def changed_file(world: World, home: Repository, pull: Pull, change: Change) -> dict[str, Any]:
    """A row of the files of a pull request."""
    html = f"{world.url}/{home.full_name}"
    api = f"{world.url}/repos/{home.full_name}"
    path = quote(change.path)
    row: dict[str, Any] = {
        "sha": change.sha,
        "filename": change.path,
        "status": change.status,
        "additions": change.additions,
        "deletions": change.deletions,
        "changes": change.additions + change.deletions,
        "blob_url": f"{html}/blob/{pull.head_sha}/{path}",
        "raw_url": f"{html}/raw/{pull.head_sha}/{path}",
        "contents_url": f"{api}/contents/{path}?ref={pull.head_sha}",
    }
    if change.patch is not None:
        row["patch"] = change.patch
    if change.previous is not None:
        row["previous_filename"] = change.previous
    return row


def review(world: World, home: Repository, pull: Pull, found: Review) -> dict[str, Any]:
    """A review."""
    html = f"{world.url}/{home.full_name}/pull/{pull.number}"
    data = {
        "id": found.id,
        "node_id": node_id("PRR", found.id),
        "user": user(world, found.user),
        "body": found.body,
        "state": found.state,
        "html_url": f"{html}#pullrequestreview-{found.id}",
        "pull_request_url": f"{world.url}/repos/{home.full_name}/pulls/{pull.number}",
        "author_association": "NONE",
        "_links": {
            "html": {"href": f"{html}#pullrequestreview-{found.id}"},
            "pull_request": {"href": f"{world.url}/repos/{home.full_name}/pulls/{pull.number}"},
        },
        "commit_id": found.commit,
    }
    if found.state != "PENDING":
        data["submitted_at"] = found.at
    return data


def review_comment(
    world: World, home: Repository, pull: Pull, found: ReviewComment
) -> dict[str, Any]:
    """A comment on a line; an outdated one has no line, and keeps its original one."""
    api = f"{world.url}/repos/{home.full_name}"
    url = f"{api}/pulls/comments/{found.id}"
    html = f"{world.url}/{home.full_name}/pull/{pull.number}#discussion_r{found.id}"
    own = f"{api}/pulls/{pull.number}"
    data = {
        "url": url,
        "pull_request_review_id": found.review,
        "id": found.id,
        "node_id": node_id("PRRC", found.id),
        "diff_hunk": found.diff_hunk,
        "path": found.path,
        "position": found.position,
        "original_position": found.position or 1,
        "commit_id": found.commit,
        "original_commit_id": found.original_commit,
        "user": user(world, found.user),
        "body": found.body,
        "created_at": found.at,
        "updated_at": found.at,
        "html_url": html,
        "pull_request_url": own,
        "author_association": "NONE",
        "_links": {"self": {"href": url}, "html": {"href": html}, "pull_request": {"href": own}},
        "start_line": found.start_line,
        "original_start_line": found.original_start_line,
        "start_side": "RIGHT" if found.original_start_line is not None else None,
        "line": found.line,
        "original_line": found.original_line,
        "side": found.side,
        "subject_type": "line",
        "reactions": reactions(url, [r.content for r in found.reactions]),
    }
    if found.reply_to is not None:
        data["in_reply_to_id"] = found.reply_to
    return data


def issue_comment(world: World, home: Repository, found: IssueComment) -> dict[str, Any]:
    """A comment in the conversation."""
    api = f"{world.url}/repos/{home.full_name}"
    url = f"{api}/issues/comments/{found.id}"
    html = f"{world.url}/{home.full_name}/pull/{found.number}#issuecomment-{found.id}"
    return {
        "id": found.id,
        "node_id": node_id("IC", found.id),
        "url": url,
        "html_url": html,
        "body": found.body,
        "user": user(world, found.user),
        "created_at": found.at,
        "updated_at": found.updated,
        "issue_url": f"{api}/issues/{found.number}",
        "author_association": "CONTRIBUTOR",
        "performed_via_github_app": None,
        "reactions": reactions(url, [r.content for r in found.reactions]),
    }


def _team(world: World, home: Repository, slug: str) -> dict[str, Any]:
    """A team of the organisation."""
    number = abs(hash(slug)) % 10**6
    url = f"{world.url}/organizations/1/team/{number}"
    return {
        "id": number,
        "node_id": node_id("T", number),
        "url": url,
        "html_url": f"{world.url}/orgs/{home.owner}/teams/{slug}",
        "name": slug,
        "slug": slug,
        "description": None,
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "permission": "pull",
        "members_url": f"{url}/members{{/member}}",
        "repositories_url": f"{url}/repos",
        "type": "organization",
        "organization_id": 1,
        "parent": None,
    }


def issue(world: World, home: Repository, found: Pull | Issue) -> dict[str, Any]:
    """An issue, or the issue side of a pull request."""
    api = f"{world.url}/repos/{home.full_name}"
    url = f"{api}/issues/{found.number}"
    is_pull = isinstance(found, Pull)
    html = f"{world.url}/{home.full_name}/{'pull' if is_pull else 'issues'}/{found.number}"
    data: dict[str, Any] = {
        "url": url,
        "repository_url": api,
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": html,
        "id": found.id,
        "node_id": node_id("PR" if is_pull else "I", found.id),
        "number": found.number,
        "title": found.title,
        "user": user(world, found.author),
        "labels": [label(world, home, name) for name in found.labels],
        "state": found.state,
        "locked": False,
        "assignee": user(world, found.assignees[0]) if found.assignees else None,
        "assignees": [user(world, login) for login in found.assignees],
        "milestone": None,
        "comments": sum(1 for comment in home.comments if comment.number == found.number),
        "created_at": found.at,
        "updated_at": found.updated,
        "closed_at": found.closed,
        "author_association": "CONTRIBUTOR",
        "active_lock_reason": None,
        "body": found.body,
        "reactions": reactions(url, []),
        "timeline_url": f"{url}/timeline",
        "performed_via_github_app": None,
        "state_reason": None,
    }
    if isinstance(found, Pull):
        data["draft"] = found.draft
        data["pull_request"] = {
            "url": f"{api}/pulls/{found.number}",
            "html_url": html,
            "diff_url": f"{html}.diff",
            "patch_url": f"{html}.patch",
            "merged_at": found.closed if found.merged else None,
        }
    return data
