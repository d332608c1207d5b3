"""Requests as GitHub takes them: who calls, may they, and the headers of every answer."""

from __future__ import annotations

import hashlib
import json
import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

from bot.sandbox.access import Access, Caller, demand
from bot.sandbox.repository_store import GitFailed
from bot.sandbox.webhooks import Webhooks
from bot.sandbox.world import Refusal, Repository, World

_LIMIT = 5000


@dataclass(slots=True, kw_only=True)
class Call:
    """One request, read."""

    world: World
    access: Access
    hooks: Webhooks
    caller: Caller
    params: dict[str, str]
    query: dict[str, str]
    body: dict[str, Any]
    accept: str = ""
    path: str = ""
    home: Repository | None = None

    @property
    def repository(self) -> Repository:
        """The repository that the path names."""
        assert self.home is not None
        return self.home

    def number(self, name: str) -> int:
        """A number of the path. Raises Refusal 404."""
        if not self.params[name].isdigit():
            raise Refusal(404, "Not Found")
        return int(self.params[name])

    def field(self, name: str, kind: type, default: Any = None, *, needed: bool = False) -> Any:
        """A field of the body. Raises Refusal 422 as GitHub's schema does."""
        value = self.body.get(name, default)
        if value is None and not needed:
            return default
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            reason = f"For '{name}', {value!r} is not {_article(kind)}."
            raise Refusal(422, f"Invalid request.\n\n{reason}")
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A whole list, of which the query asks for one page."""

    rows: list[Any]
    largest: int = 100
    shell: str | None = None
    """The key below which the rows stand, for answers that count them."""
    shown: Callable[[list[Any]], list[Any]] = list
    """What of a page is shown."""
    cursor: str | None = None
    """The key of a row by which the list is read on, where it has no numbered pages."""


Handler = Callable[[Call], tuple[int, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation of the REST API and the permission that it needs."""

    method: str
    path: str
    needs: str
    handler: Handler


def route(
    below: str, permission: str, method: str, path: str, level: str, handler: Handler
) -> Route:
    """An operation below a path that needs a level of a permission, such as `contents:read`."""
    return Route(method=method, path=below + path, needs=f"{permission}:{level}", handler=handler)


def mount(application: FastAPI, routes: list[Route], answer: Callable[..., Response]) -> None:
    """Give the application its operations."""
    for route in routes:
        application.add_api_route(
            route.path, _endpoint(route, answer), methods=[route.method], include_in_schema=False
        )


def _endpoint(route: Route, answer: Callable[..., Response]) -> Callable[..., Any]:
    async def endpoint(request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(answer, route, request, body)

    return endpoint


class Dispatcher:
    """Carries out operations one at a time, as if there were one database."""

    def __init__(self, world: World, access: Access, hooks: Webhooks) -> None:
        self.world, self.access, self.hooks = world, access, hooks
        self._used: dict[str, int] = {}

    def __call__(self, route: Route, request: Request, body: bytes) -> Response:
        """The answer of an operation."""
        caller: Caller | None = None
        with self.world.lock:
            try:
                caller = self.access.caller(request.headers.get("authorization", ""))
                call = self._call(route, request, body, caller)
                status, data = route.handler(call)
            except Refusal as refusal:
                return self._refused(refusal, caller)
            except GitFailed as error:
                return self._refused(Refusal(422, str(error).split("\n", maxsplit=1)[0]), caller)
        return self._answered(request, status, data, caller)

    def _call(self, route: Route, request: Request, body: bytes, caller: Caller) -> Call:
        self._demand_budget(caller)
        call = Call(
            world=self.world,
            access=self.access,
            hooks=self.hooks,
            caller=caller,
            params={k: str(v) for k, v in request.path_params.items()},
            query=dict(request.query_params),
            body=_json(body),
            accept=request.headers.get("accept", ""),
            path=request.url.path,
        )
        if route.needs == "app" and caller.kind != "app":
            raise Refusal(401, "A JSON web token could not be decoded")
        if "owner" in call.params:
            call.home = self.world.repository(call.params["owner"], call.params["repo"])
            if route.needs != "app":
                demand(caller, call.home, route.needs)
        return call

    def _demand_budget(self, caller: Caller) -> None:
        """Refuse a suspended installation, and one whose requests are used up."""
        if caller.kind != "installation":
            return
        if self.world.suspended:
            raise Refusal(403, "This installation has been suspended")
        if self._used.get(caller.token, 0) >= _LIMIT or self.world.exhausted_until > time.time():
            number = self.world.installation
            raise Refusal(403, f"API rate limit exceeded for installation ID {number}.")

    def _refused(self, refusal: Refusal, caller: Caller | None) -> Response:
        data: dict[str, Any] = {
            "message": refusal.message,
            "documentation_url": "https://docs.github.com/rest",
            "status": str(refusal.status),
        }
        if refusal.errors is not None:
            data["errors"] = refusal.errors
        return _response(refusal.status, data, self._headers(caller))

    def _answered(
        self, request: Request, status: int, data: Any, caller: Caller | None
    ) -> Response:
        headers = self._headers(caller)
        if isinstance(data, str):
            return Response(data, status, headers, media_type="application/vnd.github.diff")
        if isinstance(data, Page):
            data, link = _paged(request, data)
            headers |= {"Link": link} if link else {}
        if status == 204:
            return Response(None, status, headers)
        answer = _response(status, data, headers)
        if request.method == "GET":
            tag = f'W/"{hashlib.sha256(bytes(answer.body)).hexdigest()}"'
            if request.headers.get("if-none-match") == tag:
                self._used[caller.token if caller else ""] -= 1  # GitHub does not count it
                return Response(None, 304, headers | {"ETag": tag})
            answer.headers["ETag"] = tag
        return answer

    def _headers(self, caller: Caller | None) -> dict[str, str]:
        key = caller.token if caller else ""
        used = self._used[key] = self._used.get(key, 0) + 1
        reset = time.time() + 3600
        if self.world.exhausted_until > time.time():
            used, reset = _LIMIT, self.world.exhausted_until
        return {
            "X-RateLimit-Limit": str(_LIMIT),
            "X-RateLimit-Remaining": str(max(0, _LIMIT - used)),
            "X-RateLimit-Reset": str(math.ceil(reset)),
            "X-RateLimit-Used": str(used),
            "X-RateLimit-Resource": "core",
            "X-GitHub-Request-Id": f"5A0D:{used:04X}",
            "X-GitHub-Api-Version-Selected": "2022-11-28",
        }


def _from_cursor(request: Request, page: Page, key: str) -> tuple[Any, str]:
    """The rows behind the cursor; pages have no number here."""
    size = max(1, min(page.largest, _count(request, "per_page", 30)))
    given = request.query_params.get("cursor", "")
    if given and not re.fullmatch(r"v1_\d+", given):
        return [], ""
    ids = [row[key] for row in page.rows]
    start = ids.index(int(given[3:])) if given and int(given[3:]) in ids else 0
    rows = page.rows[start : start + size]
    if start + size >= len(page.rows):
        return rows, ""
    after = request.url.include_query_params(cursor=f"v1_{ids[start + size]}", per_page=size)
    return rows, f'<{after}>; rel="next"'


def _paged(request: Request, page: Page) -> tuple[Any, str]:
    if page.cursor is not None:
        return _from_cursor(request, page, page.cursor)
    size = max(1, min(page.largest, _count(request, "per_page", 30)))
    number = max(1, _count(request, "page", 1))
    last = max(1, -(-len(page.rows) // size))
    rows = page.shown(page.rows[(number - 1) * size : number * size])
    places = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
    links = [
        f'<{request.url.include_query_params(page=target, per_page=size)}>; rel="{name}"'
        for name, target in places.items()
        if 1 <= target <= last and target != number
    ]
    data = {"total_count": len(page.rows), page.shell: rows} if page.shell else rows
    return data, ", ".join(links)


def _count(request: Request, name: str, default: int) -> int:
    value = request.query_params.get(name, "")
    return int(value) if re.fullmatch(r"\d{1,6}", value) else default


def _json(body: bytes) -> dict[str, Any]:
    if not body.strip():
        return {}
    try:
        data = json.loads(body)
    except ValueError as error:
        raise Refusal(400, "Problems parsing JSON") from error
    if isinstance(data, list):
        return {"labels": data}
    if not isinstance(data, dict):
        raise Refusal(400, "Body should be a JSON object")
    return data


def _response(status: int, data: Any, headers: dict[str, str]) -> Response:
    body = json.dumps(data, ensure_ascii=False).encode()
    return Response(body, status, headers, media_type="application/json; charset=utf-8")


def _article(kind: type) -> str:
    names = {str: "a string", int: "an integer", bool: "a boolean", list: "an array"}
    return names.get(kind, "an object")
