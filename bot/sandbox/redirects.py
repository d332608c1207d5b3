"""Repositories by id: `/repositories/ID/...` stands for `/repos/OWNER/NAME/...`, as on GitHub.

Former names redirect there: a read with 301, a write with 307.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from bot.sandbox.world import Refusal, Repository, World

Scope = MutableMapping[str, Any]
App = Callable[..., Awaitable[None]]
_BY_ID = re.compile(r"/repositories/(\d{1,18})(?=/|$)")


class ById:
    """Gives the wrapped application the name for the id."""

    def __init__(self, app: App, world: World) -> None:
        self.app, self.world = app, world

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Answer a request under its canonical path."""
        found = _BY_ID.match(scope["path"]) if scope["type"] == "http" else None
        home = self.world.by_id(int(found[1])) if found is not None else None
        if found is not None and home is not None:
            path = f"/repos/{home.full_name}{scope['path'][found.end() :]}"
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await self.app(scope, receive, send)


def moved(world: World, home: Repository, method: str, path: str) -> Refusal:
    """GitHub's answer to a request under a former name of a repository."""
    tail = "/".join(path.split("/")[4:])
    url = f"{world.url}/repositories/{home.id}" + (f"/{tail}" if tail else "")
    read = method == "GET"
    refusal = Refusal(301 if read else 307, "Moved Permanently" if read else "Temporary Redirect")
    refusal.location = url
    return refusal
