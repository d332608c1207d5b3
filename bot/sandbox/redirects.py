"""Repositories by id: `/repositories/ID/...` stands for `/repos/OWNER/NAME/...`, as on GitHub.

Former names redirect there: a read with 301, a write with 307.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from bot.sandbox.world import World

Scope = MutableMapping[str, Any]
App = Callable[..., Awaitable[None]]
_BY_ID = re.compile(r"/repositories/(\d{1,18})(?=/|$)")
_BY_NAME = re.compile(r"/repos/([^/]+/[^/]+)(?=/|$)")


class ById:
    """Gives the wrapped application the present name of a repository."""

    def __init__(self, app: App, world: World) -> None:
        self.app, self.world = app, world

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Answer a request under its canonical path, or say where that is."""
        path = scope["path"] if scope["type"] == "http" else ""
        if (found := _BY_NAME.match(path)) is not None:
            former = self.world.former.get(found[1].lower())
            if former is not None:
                place = f"{self.world.url}/repositories/{former.id}{path[found.end() :]}"
                await _redirect(send, place, 301 if scope["method"] == "GET" else 307)
                return
        if (found := _BY_ID.match(path)) is not None:
            home = self.world.by_id(int(found[1]))
            if home is not None:
                path = f"/repos/{home.full_name}{path[found.end() :]}"
                scope = {**scope, "path": path, "raw_path": path.encode()}
        await self.app(scope, receive, send)


async def _redirect(send: Any, place: str, status: int) -> None:
    words = {301: "Moved Permanently", 307: "Temporary Redirect"}
    body = json.dumps({"message": words[status], "url": place}).encode()
    headers = [(b"location", place.encode()), (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
