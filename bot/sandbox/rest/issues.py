"""The conversation: comments, reactions, labels."""

from __future__ import annotations

from functools import partial
from typing import Any

from bot.sandbox import pull_shapes
from bot.sandbox.http import Call, Page, route
from bot.sandbox.rest.reviews import react
from bot.sandbox.world import IssueComment, Refusal, now


def _comments(call: Call) -> tuple[int, Any]:
    number = call.number("number")
    call.world.thread(call.repository, number)
    rows = [
        pull_shapes.issue_comment(call.world, call.repository, found)
        for found in call.repository.comments
        if found.number == number
    ]
    return 200, Page(rows=rows)


def _body(call: Call) -> str:
    body: str = call.field("body", str, needed=True)
    if not body or len(body) > 65536:
        reason = "Body can't be blank" if not body else "Body is too long (maximum is 65536)"
        raise Refusal(422, "Validation Failed", [{"code": "custom", "message": reason}])
    return body


def _create(call: Call) -> tuple[int, Any]:
    pull = call.world.thread(call.repository, call.number("number"))
    comment = IssueComment(
        id=call.world.new_id(), user=call.caller.login, body=_body(call), number=pull.number
    )
    call.repository.comments.append(comment)
    call.hooks.issue_comment("created", call.repository, pull, comment)
    return 201, pull_shapes.issue_comment(call.world, call.repository, comment)


def _found(call: Call) -> IssueComment:
    wanted = call.number("comment")
    found = next((c for c in call.repository.comments if c.id == wanted), None)
    if found is None:
        raise Refusal(404, "Not Found")
    return found


def _get(call: Call) -> tuple[int, Any]:
    return 200, pull_shapes.issue_comment(call.world, call.repository, _found(call))


def _edit(call: Call) -> tuple[int, Any]:
    found = _found(call)
    if found.user != call.caller.login:
        raise Refusal(403, "Resource not accessible by integration")
    found.body, found.updated = _body(call), now()
    return 200, pull_shapes.issue_comment(call.world, call.repository, found)


def _delete(call: Call) -> tuple[int, Any]:
    call.repository.comments.remove(_found(call))
    return 204, None


def _react(call: Call) -> tuple[int, Any]:
    return react(call, _found(call).reactions)


def _label(call: Call) -> tuple[int, Any]:
    pull = call.world.thread(call.repository, call.number("number"))
    for name in call.field("labels", list, default=[]):
        call.repository.labels.setdefault(name, "ededed")
        if name not in pull.labels:
            pull.labels.append(name)
    rows = [pull_shapes.label(call.world, call.repository, name) for name in pull.labels]
    return 200, rows


def _unlabel(call: Call) -> tuple[int, Any]:
    pull = call.world.pull(call.repository, call.number("number"))
    if call.params["name"] not in pull.labels:
        raise Refusal(404, "Label does not exist")
    pull.labels.remove(call.params["name"])
    rows = [pull_shapes.label(call.world, call.repository, name) for name in pull.labels]
    return 200, rows


_route = partial(route, "/repos/{owner}/{repo}/issues", "issues")
ROUTES = [
    _route("GET", "/{number:int}/comments", "read", _comments),
    _route("POST", "/{number:int}/comments", "write", _create),
    _route("POST", "/{number:int}/labels", "write", _label),
    _route("DELETE", "/{number:int}/labels/{name:path}", "write", _unlabel),
    _route("GET", "/comments/{comment:int}", "read", _get),
    _route("PATCH", "/comments/{comment:int}", "write", _edit),
    _route("DELETE", "/comments/{comment:int}", "write", _delete),
    _route("POST", "/comments/{comment:int}/reactions", "write", _react),
]
