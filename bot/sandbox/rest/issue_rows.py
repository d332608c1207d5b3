"""Issues as a list and one by one; a pull request is an issue, too."""

from __future__ import annotations

from functools import partial
from typing import Any

from bot.sandbox import pull_shapes
from bot.sandbox.http import Call, Page, route
from bot.sandbox.world import Issue, Pull, Refusal, now


def _all(call: Call) -> list[Pull | Issue]:
    found: dict[int, Pull | Issue] = {**call.repository.pulls, **call.repository.issues}
    return [found[number] for number in sorted(found, reverse=True)]


def _list(call: Call) -> tuple[int, Any]:
    state, creator = call.query.get("state") or "open", call.query.get("creator")
    wanted = call.query.get("labels")
    labels = set(wanted.split(",")) if wanted else set()
    rows = [
        pull_shapes.issue(call.world, call.repository, found)
        for found in _all(call)
        if state in ("all", found.state)
        if creator is None or found.author == creator
        if labels <= set(found.labels)
    ]
    return 200, Page(rows=rows)


def _create(call: Call) -> tuple[int, Any]:
    issue = Issue(
        id=call.world.new_id(),
        number=call.repository.next_number,
        title=call.field("title", str, needed=True),
        body=_body(call),
        author=call.caller.login,
        labels=list(call.field("labels", list, default=[])),
    )
    call.repository.issues[issue.number] = issue
    call.hooks.issues("opened", call.repository, issue, call.caller.login)
    return 201, pull_shapes.issue(call.world, call.repository, issue)


def _body(call: Call) -> str | None:
    body: str | None = call.field("body", str)
    if body is not None and len(body) > 65536:
        error = {"resource": "Issue", "code": "custom", "field": "body"}
        error["message"] = "body is too long (maximum is 65536 characters)"
        raise Refusal(422, "Validation Failed", [error])
    return body


def _get(call: Call) -> tuple[int, Any]:
    found = call.world.thread(call.repository, call.number("number"))
    return 200, pull_shapes.issue(call.world, call.repository, found)


def _update(call: Call) -> tuple[int, Any]:
    found = call.world.thread(call.repository, call.number("number"))
    before = {"title": found.title, "body": found.body}
    found.title = call.field("title", str, default=found.title)
    found.body = _body(call) if "body" in call.body else found.body
    for name in call.field("labels", list, default=[]):
        call.repository.labels.setdefault(name, "ededed")
    found.labels = list(call.field("labels", list, default=found.labels))
    found.assignees = [
        login
        for login in call.field("assignees", list, default=found.assignees)
        if login in call.world.accounts  # GitHub leaves out, in silence, who cannot be assigned
    ]
    found.updated = now()
    _tell(call, found, before)
    return 200, pull_shapes.issue(call.world, call.repository, found)


def _tell(call: Call, found: Pull | Issue, before: dict[str, str | None]) -> None:
    """Send what the change makes GitHub send."""
    changed = {k: {"from": v or ""} for k, v in before.items() if getattr(found, k) != v}
    state = call.field("state", str, default=found.state)
    is_moved = state != found.state
    found.state, found.closed = state, (now() if state == "closed" else None)
    if isinstance(found, Issue):
        if changed:
            call.hooks.issues("edited", call.repository, found, call.caller.login, changes=changed)
        if is_moved:
            action = "closed" if state == "closed" else "reopened"
            call.hooks.issues(action, call.repository, found, call.caller.login)
    elif changed:
        call.hooks.pull_request(
            "edited", call.repository, found, call.caller.login, changes=changed
        )


_route = partial(route, "/repos/{owner}/{repo}/issues", "issues")
ROUTES = [
    _route("GET", "", "read", _list),
    _route("POST", "", "write", _create),
    _route("GET", "/{number:int}", "read", _get),
    _route("PATCH", "/{number:int}", "write", _update),
]
