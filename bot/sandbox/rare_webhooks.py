"""The deliveries that buttons, pushes, queues and threads make."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.sandbox import pull_shapes, shapes
from bot.sandbox.repository_store import ZERO
from bot.sandbox.webhooks import Webhooks
from bot.sandbox.world import Pull, Repository, ReviewComment, now


def push(hooks: Webhooks, home: Repository, ref: str, before: str, after: str, sender: str) -> None:
    """`push`: a branch moved, came or went."""
    gone = after == ZERO
    head = None if gone else _commit(hooks, home, after)
    pushed = int(datetime.fromisoformat(now()).timestamp())
    common = hooks.common(home, sender)
    common["repository"] = {**common["repository"], "pushed_at": pushed}
    payload = {
        "ref": ref,
        "before": before,
        "after": after,
        "created": before == ZERO,
        "deleted": gone,
        "forced": False,
        "base_ref": None,
        "compare": f"{hooks.world.url}/{home.full_name}/compare/{before[:12]}...{after[:12]}",
        "commits": [head] if head is not None else [],
        "head_commit": head,
        "pusher": {"name": sender, "email": None},
        **common,
    }
    hooks.emit("push", payload)


def _commit(hooks: Webhooks, home: Repository, sha: str) -> dict[str, Any]:
    tree, *_, message = home.store.message_of(sha)
    person = {"name": "octo-dev", "email": "octo-dev@example.com", "username": "octo-dev"}
    return {
        "id": sha,
        "tree_id": tree,
        "distinct": True,
        "message": message,
        "timestamp": now(),
        "url": f"{hooks.world.url}/{home.full_name}/commit/{sha}",
        "author": person,
        "committer": person,
        "added": [],
        "removed": [],
        "modified": [],
    }


def check_run(
    hooks: Webhooks, action: str, home: Repository, run: dict[str, Any], sender: str, **more: Any
) -> None:
    """`check_run`, for `rerequested` and `requested_action`; `run` as REST shows it."""
    suite = _suite(hooks, home, run["head_sha"], run["app"])
    data = {**run, "check_suite": suite}
    hooks.emit(
        "check_run",
        {"action": action, "check_run": data, **more, **hooks.common(home, sender)},
    )


def check_suite(
    hooks: Webhooks, home: Repository, sha: str, app: dict[str, Any], sender: str
) -> None:
    """`check_suite`, `rerequested`."""
    data = _suite(hooks, home, sha, app)
    more = {
        "latest_check_runs_count": sum(1 for run in home.checks if run.head == sha),
        "check_runs_url": f"{data['url']}/check-runs",
        "head_commit": _commit(hooks, home, sha),
    }
    payload = {"action": "rerequested", "check_suite": {**data, **more}}
    hooks.emit("check_suite", {**payload, **hooks.common(home, sender)})


def _suite(hooks: Webhooks, home: Repository, sha: str, app: dict[str, Any]) -> dict[str, Any]:
    """A suite; it names no pull requests, as for a fork's commit."""
    number = hooks.world.new_id()
    return {
        "id": number,
        "node_id": shapes.node_id("CS", number),
        "head_branch": None,
        "head_sha": sha,
        "status": "completed",
        "conclusion": "neutral",
        "url": f"{hooks.world.url}/repos/{home.full_name}/check-suites/{number}",
        "before": ZERO,
        "after": sha,
        "pull_requests": [],
        "app": {**app, "events": [name for name in app["events"] if name != "merge_group"]},
        "created_at": now(),
        "updated_at": now(),
    }


def merge_group(hooks: Webhooks, home: Repository, head: str, base: str, sender: str) -> None:
    """`merge_group`: the queue wants its checks on a commit."""
    branch = f"gh-readonly-queue/{home.default_branch}/pr-1-{base}"
    group = {
        "head_sha": head,
        "head_ref": f"refs/heads/{branch}",
        "base_sha": base,
        "base_ref": f"refs/heads/{home.default_branch}",
        "head_commit": _commit(hooks, home, head),
    }
    payload = {"action": "checks_requested", "merge_group": group, **hooks.common(home, sender)}
    hooks.emit("merge_group", payload)


def thread(
    hooks: Webhooks,
    action: str,
    home: Repository,
    pull: Pull,
    said: Sequence[ReviewComment],
    sender: str,
) -> None:
    """`pull_request_review_thread`: somebody resolved it, or took that back."""
    comments = [pull_shapes.review_comment(hooks.world, home, pull, one) for one in said]
    data = {"node_id": shapes.node_id("PRRT", said[0].id), "comments": comments}
    hooks.emit(
        "pull_request_review_thread",
        {
            "action": action,
            "thread": data,
            "pull_request": pull_shapes.simple_pull(hooks.world, home, pull),
            **hooks.common(home, sender),
        },
    )
