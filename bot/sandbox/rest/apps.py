"""Apps, installations and their tokens, hook deliveries."""

from __future__ import annotations

import time
from typing import Any

from bot.sandbox import shapes
from bot.sandbox.http import Call, Page, Route
from bot.sandbox.manifest import convert
from bot.sandbox.world import Delivery, Refusal


def _app(call: Call) -> tuple[int, Any]:
    return 200, shapes.app(call.world, call.access.granted)


def _installations(call: Call) -> tuple[int, Any]:
    return 200, Page(rows=[shapes.installation(call.world, call.access.granted)])


def _installation(call: Call) -> tuple[int, Any]:
    if "id" in call.params and call.number("id") != call.world.installation:
        raise Refusal(404, "Not Found")
    return 200, shapes.installation(call.world, call.access.granted)


def _token(call: Call) -> tuple[int, Any]:
    if call.number("id") != call.world.installation:
        raise Refusal(404, "Not Found")
    if call.world.suspended:
        raise Refusal(403, "This installation has been suspended")
    chosen = _chosen(call)
    token, permissions, expires = call.access.issue(call.body.get("permissions"), chosen)
    answer: dict[str, Any] = {
        "token": token,
        "expires_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(expires)),
        "permissions": permissions,
        "repository_selection": "all" if chosen is None else "selected",
    }
    if chosen is not None:
        answer["repositories"] = [
            shapes.repository(call.world, found)
            for found in call.world.repositories.values()
            if found.id in chosen
        ]
    return 201, answer


def _chosen(call: Call) -> frozenset[int] | None:
    ids, names = call.body.get("repository_ids"), call.body.get("repositories")
    if ids is None and names is None:
        return None
    known = call.world.repositories.values()
    found = {r.id for r in known if r.id in (ids or ()) or r.name in (names or ())}
    if len(found) != len({*(ids or ()), *(names or ())}):
        reason = "There is at least one repository that does not exist or is not accessible"
        raise Refusal(422, f"{reason} to the parent installation.")
    return frozenset(found)


def _revoke(call: Call) -> tuple[int, Any]:
    if call.caller.kind != "installation":
        raise Refusal(401, "Bad credentials")
    call.access.revoke(call.caller.token)
    return 204, None


def _repositories(call: Call) -> tuple[int, Any]:
    if call.caller.kind != "installation":
        raise Refusal(403, "Resource not accessible by integration")
    chosen = call.caller.repositories
    rows = [
        shapes.repository(call.world, found, "write")
        for found in call.world.repositories.values()
        if chosen is None or found.id in chosen
    ]
    return 200, Page(rows=rows, shell="repositories")


def _deliveries(call: Call) -> tuple[int, Any]:
    wanted = call.query.get("status")
    if wanted not in (None, "success", "failure"):
        raise Refusal(422, "Validation Failed", ["status is not included in the list"])
    sent = [found for found in reversed(call.world.deliveries) if found.status is not None]
    rows = [_delivery(call, found) for found in sent]
    if wanted is not None:
        rows = [row for row in rows if (row["status"] == "OK") == (wanted == "success")]
    return 200, Page(rows=rows, cursor="id")


def _one_delivery(call: Call) -> tuple[int, Any]:
    found = _found(call)
    headers = {
        "X-GitHub-Event": found.event,
        "X-GitHub-Delivery": found.id,
        "Content-Type": "application/json",
    }
    return 200, {
        **_delivery(call, found),
        "url": call.hooks.url or "",
        "request": {"headers": headers, "payload": found.payload},
        "response": {"headers": {}, "payload": ""},
    }


def _hook(call: Call) -> tuple[int, Any]:
    found = {"content_type": "json", "insecure_ssl": "0", "secret": "********"}
    return 200, found | ({"url": call.hooks.url} if call.hooks.url else {})


def _found(call: Call) -> Delivery:
    found = next((d for d in call.world.deliveries if d.number == call.number("id")), None)
    if found is None:
        raise Refusal(404, "Not Found")
    return found


def _delivery(call: Call, found: Delivery) -> dict[str, Any]:
    status = found.status or 0
    return {
        "id": found.number,
        "guid": found.id,
        "delivered_at": found.at,
        "redelivery": found.redelivery,
        "duration": 0.1,
        "status": "OK" if 200 <= status < 300 else "Invalid HTTP Response",
        "status_code": status,
        "event": found.event,
        "action": found.payload.get("action"),
        "installation_id": call.world.installation,
        "repository_id": found.payload.get("repository", {}).get("id"),
    }


def _attempt(call: Call) -> tuple[int, Any]:
    call.hooks.redeliver(_found(call).id)
    return 202, {}


ROUTES = [
    Route(method="POST", path="/app-manifests/{code}/conversions", needs="", handler=convert),
    Route(method="GET", path="/app", needs="app", handler=_app),
    Route(method="GET", path="/app/installations", needs="app", handler=_installations),
    Route(method="GET", path="/app/installations/{id}", needs="app", handler=_installation),
    Route(method="POST", path="/app/installations/{id}/access_tokens", needs="app", handler=_token),
    Route(method="GET", path="/app/hook/deliveries", needs="app", handler=_deliveries),
    Route(method="GET", path="/app/hook/deliveries/{id}", needs="app", handler=_one_delivery),
    Route(method="GET", path="/app/hook/config", needs="app", handler=_hook),
    Route(method="POST", path="/app/hook/deliveries/{id}/attempts", needs="app", handler=_attempt),
    Route(
        method="GET", path="/repos/{owner}/{repo}/installation", needs="app", handler=_installation
    ),
    Route(method="DELETE", path="/installation/token", needs="", handler=_revoke),
    Route(method="GET", path="/installation/repositories", needs="", handler=_repositories),
]
