"""Repositories, accounts and installations as GitHub's REST API and webhooks show them."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

from bot.sandbox.world import Account, Repository, World

_USER_LINKS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}
_REPOSITORY_LINKS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}
ROLES = {
    "admin": {"admin": True, "maintain": True, "push": True, "triage": True, "pull": True},
    "write": {"admin": False, "maintain": False, "push": True, "triage": True, "pull": True},
    "read": {"admin": False, "maintain": False, "push": False, "triage": False, "pull": True},
    "none": {"admin": False, "maintain": False, "push": False, "triage": False, "pull": False},
}
REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")


def node_id(kind: str, number: int) -> str:
    """GitHub's opaque id, for GraphQL."""
    return f"{kind}_{base64.urlsafe_b64encode(str(number).encode()).decode().rstrip('=')}"


def user(world: World, login: str) -> dict[str, Any]:
    """A simple user."""
    return _user(world, world.account(login))


def _user(world: World, account: Account) -> dict[str, Any]:
    url = f"{world.url}/users/{quote(account.login)}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id("U", account.id),
        "avatar_url": f"{world.url}/avatars/{account.id}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{world.url}/{account.login.removesuffix('[bot]')}",
        **{key: url + path for key, path in _USER_LINKS.items()},
        "type": account.type,
        "user_view_type": "public",
        "site_admin": False,
    }


def minimal_repository(world: World, repository: Repository) -> dict[str, Any]:
    """What lists of repositories hold."""
    api = f"{world.url}/repos/{repository.full_name}"
    html = f"{world.url}/{repository.full_name}"
    return {
        "id": repository.id,
        "node_id": node_id("R", repository.id),
        "name": repository.name,
        "full_name": repository.full_name,
        "private": repository.private,
        "owner": user(world, repository.owner),
        "html_url": html,
        "description": None,
        "fork": repository.parent is not None,
        "url": api,
        **{key: api + path for key, path in _REPOSITORY_LINKS.items()},
        "created_at": repository.at,
        "updated_at": repository.at,
        "pushed_at": repository.at,
        "homepage": None,
        "size": 1,
        "stargazers_count": 0,
        "watchers_count": 0,
        "language": None,
        "has_issues": True,
        "has_projects": False,
        "has_downloads": True,
        "has_wiki": False,
        "has_pages": False,
        "has_discussions": False,
        "forks_count": 0,
        "mirror_url": None,
        "archived": False,
        "disabled": False,
        "open_issues_count": sum(1 for p in repository.pulls.values() if p.state == "open"),
        "license": None,
        "allow_forking": True,
        "is_template": False,
        "web_commit_signoff_required": False,
        "topics": [],
        "visibility": "private" if repository.private else "public",
        "forks": 0,
        "open_issues": 0,
        "watchers": 0,
        "default_branch": repository.default_branch,
        "has_pull_requests": True,
        "pull_request_creation_policy": "all",
    }


def repository(world: World, found: Repository, role: str | None = None) -> dict[str, Any]:
    """A repository with its addresses, as pull requests and webhooks hold it."""
    html = f"{world.url}/{found.full_name}"
    data = minimal_repository(world, found) | {
        "git_url": html.replace("http", "git", 1) + ".git",
        "ssh_url": f"git@localhost:{found.full_name}.git",
        "clone_url": html + ".git",
        "svn_url": html,
    }
    if role is not None:
        data["permissions"] = ROLES[role]
    return data


def full_repository(world: World, found: Repository) -> dict[str, Any]:
    """The answer of GET /repos/OWNER/NAME."""
    return repository(world, found, "write") | {
        "temp_clone_token": None,
        "allow_squash_merge": True,
        "allow_merge_commit": True,
        "allow_rebase_merge": True,
        "network_count": 0,
        "subscribers_count": 0,
    }


def installation(world: World, permissions: dict[str, str]) -> dict[str, Any]:
    """The App's installation."""
    owners = sorted({found.owner for found in world.repositories.values()}) or ["acme"]
    account = user(world, owners[0])
    # GitHub's OpenAPI takes an account for a user and an enterprise: it has the fields of both
    account |= dict.fromkeys(("name", "slug"), owners[0])
    account |= dict.fromkeys(("created_at", "updated_at"), "2026-01-01T00:00:00Z")
    return {
        "id": world.installation,
        "account": account,
        "app_slug": "podsec",
        "app_id": world.app_id,
        "client_id": f"Iv1.{world.app_id:016x}",
        "target_id": account["id"],
        "target_type": account["type"],
        "permissions": permissions,
        "events": list(EVENTS),
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "single_file_name": None,
        "single_file_paths": [],
        "has_multiple_single_files": False,
        "repository_selection": "all",
        "access_tokens_url": f"{world.url}/app/installations/{world.installation}/access_tokens",
        "repositories_url": f"{world.url}/installation/repositories",
        "html_url": f"{world.url}/settings/installations/{world.installation}",
        "suspended_by": None,
        "suspended_at": None,
    }


EVENTS = (
    "check_run",
    "check_suite",
    "issue_comment",
    "issues",
    "merge_group",
    "pull_request",
    "pull_request_review_comment",
    "pull_request_review_thread",
    "push",
)
"""What the App subscribes to."""


def app(world: World, permissions: dict[str, str]) -> dict[str, Any]:
    """The GitHub App."""
    return {
        "id": world.app_id,
        "slug": "podsec",
        "node_id": node_id("A", world.app_id),
        "client_id": f"Iv1.{world.app_id:016x}",
        "owner": user(world, "acme"),
        "name": "podsec",
        "description": "Hardens pods",
        "external_url": "https://github.com/podsec/podsec",
        "html_url": f"{world.url}/apps/podsec",
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "permissions": permissions,
        "events": list(EVENTS),
        "installations_count": 1,
    }


def reactions(url: str, contents: list[str]) -> dict[str, Any]:
    """The rollup of reactions on a comment."""
    counts = {name: contents.count(name) for name in REACTIONS}
    return {"url": f"{url}/reactions", "total_count": len(contents), **counts}
