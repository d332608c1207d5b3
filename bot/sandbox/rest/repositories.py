"""Repositories, branches, and what people may do in them."""

from __future__ import annotations

from typing import Any

from bot.sandbox import shapes
from bot.sandbox.access import person_role
from bot.sandbox.http import Call, Page, Route
from bot.sandbox.world import Refusal


def _repository(call: Call) -> tuple[int, Any]:
    return 200, shapes.full_repository(call.world, call.repository)


def _branches(call: Call) -> tuple[int, Any]:
    refs = call.repository.store.refs()
    api = f"{call.world.url}/repos/{call.repository.full_name}"
    rows = [
        {
            "name": ref.removeprefix("refs/heads/"),
            "commit": {"sha": sha, "url": f"{api}/commits/{sha}"},
            "protected": False,
        }
        for ref, sha in refs.items()
    ]
    return 200, Page(rows=rows)


def _permission(call: Call) -> tuple[int, Any]:
    login = call.params["username"]
    if login not in call.world.accounts:
        raise Refusal(404, f"{login} is not a user")
    role = person_role(call.repository, login)
    person = shapes.user(call.world, login) | {
        "permissions": shapes.ROLES[role],
        "role_name": role,
    }
    return 200, {"permission": role, "role_name": role, "user": person}


ROUTES = [
    Route(
        method="GET",
        path="/repos/{owner}/{repo}/collaborators/{username}/permission",
        needs="metadata:read",
        handler=_permission,
    ),
    Route(
        method="GET",
        path="/repos/{owner}/{repo}/branches",
        needs="contents:read",
        handler=_branches,
    ),
    Route(method="GET", path="/repos/{owner}/{repo}", needs="metadata:read", handler=_repository),
]
