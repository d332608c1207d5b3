"""Pull requests and their files."""

from __future__ import annotations

from functools import partial
from typing import Any

from bot.sandbox import events, pull_shapes
from bot.sandbox.http import Call, Page, route
from bot.sandbox.world import Pull, Refusal, now

_MOST_LINES = 20_000


def _pull(call: Call) -> Pull:
    return call.world.pull(call.repository, call.number("number"))


def _list(call: Call) -> tuple[int, Any]:
    state, base, head = (call.query.get(k) for k in ("state", "base", "head"))
    rows = [
        pull_shapes.simple_pull(call.world, call.repository, pull)
        for pull in sorted(call.repository.pulls.values(), key=lambda p: -p.number)
        if state == "all" or pull.state == (state or "open")
        if base is None or pull.base_ref == base
        if head is None or head == f"{pull.head_repository.partition('/')[0]}:{pull.head_ref}"
    ]
    return 200, Page(rows=rows)


def _create(call: Call) -> tuple[int, Any]:
    pull = events.open_pull(
        call.world,
        call.hooks,
        call.repository,
        head=call.field("head", str, needed=True),
        base=call.field("base", str, needed=True),
        title=call.field("title", str, needed=True),
        body=_body(call),
        author=call.caller.login,
        draft=call.field("draft", bool, default=False),
    )
    return 201, pull_shapes.full_pull(call.world, call.repository, pull)


def _body(call: Call) -> str | None:
    body: str | None = call.field("body", str)
    if body is not None and len(body) > 65536:
        error = {"resource": "PullRequest", "code": "custom", "field": "body"}
        error["message"] = "body is too long (maximum is 65536 characters)"
        raise Refusal(422, "Validation Failed", [error])
    return body


def _get(call: Call) -> tuple[int, Any]:
    pull = _pull(call)
    if call.accept.startswith("application/vnd.github") and "diff" in call.accept:
        return 200, call.repository.store.diff(pull.base_sha, pull.head_sha)
    answer = pull_shapes.full_pull(call.world, call.repository, pull)
    pull.asked = True  # GitHub computes the merge now, for the next one who asks
    return 200, answer


def _update(call: Call) -> tuple[int, Any]:
    pull = _pull(call)
    before = {"title": pull.title, "body": pull.body}
    pull.title = call.field("title", str, default=pull.title)
    pull.body = _body(call) if "body" in call.body else pull.body
    state = call.field("state", str, default=pull.state)
    if state not in ("open", "closed"):
        raise Refusal(422, "Validation Failed")
    if state != pull.state:
        pull.state = state
        pull.closed = now() if state == "closed" else None
        action = "closed" if state == "closed" else "reopened"
        call.hooks.pull_request(action, call.repository, pull, call.caller.login)
    changed = {k: {"from": v or ""} for k, v in before.items() if getattr(pull, k) != v}
    if changed:
        call.hooks.pull_request("edited", call.repository, pull, call.caller.login, changes=changed)
    pull.updated = now()
    return 200, pull_shapes.full_pull(call.world, call.repository, pull)


def _ask_reviewers(call: Call) -> tuple[int, Any]:
    pull = _pull(call)
    for login in call.field("reviewers", list, default=[]):
        if call.repository.permissions.get(login) is None:
            reason = "Reviews may only be requested from collaborators. One or more of the users"
            raise Refusal(422, f"{reason} or teams you specified is not a collaborator")
        if login not in pull.reviewers:
            pull.reviewers.append(login)
    for slug in call.field("team_reviewers", list, default=[]):
        if slug not in pull.teams:
            pull.teams.append(slug)
    return 201, pull_shapes.simple_pull(call.world, call.repository, pull)


def _files(call: Call) -> tuple[int, Any]:
    pull = _pull(call)
    changes = call.repository.store.changes(pull.base_sha, pull.head_sha)[:3000]
    rows = [pull_shapes.changed_file(call.world, call.repository, pull, c) for c in changes]
    return 200, Page(rows=rows, shown=_within_limit)


def _within_limit(rows: list[Any]) -> list[Any]:
    """A page of files: patches beyond 20,000 lines in all are left out, in silence."""
    shown, lines = [], 0
    for row in rows:
        lines += (row.get("patch") or "").count("\n") + 1
        if lines > _MOST_LINES:
            shown.append({**row, "additions": 0, "deletions": 0, "changes": 0})
            shown[-1].pop("patch", None)
        else:
            shown.append(row)
    return shown


_route = partial(route, "/repos/{owner}/{repo}/pulls", "pull_requests")
ROUTES = [
    _route("GET", "", "read", _list),
    _route("POST", "", "write", _create),
    _route("GET", "/{number:int}", "read", _get),
    _route("PATCH", "/{number:int}", "write", _update),
    _route("GET", "/{number:int}/files", "read", _files),
    _route("POST", "/{number:int}/requested_reviewers", "write", _ask_reviewers),
]
