"""Failures on demand, and a record of every request: what GitHub does on its bad days."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

Message = MutableMapping[str, Any]
App = Callable[..., Awaitable[None]]


@dataclass(slots=True, kw_only=True)
class Fault:
    """Answer `times` requests with `status`; `after` does the work first and loses the answer."""

    method: str
    path: re.Pattern[str]
    status: int
    times: int
    after: bool
    headers: dict[str, str]
    message: str
    skip: int = 0
    seconds: float = 0.0

    def meets(self, method: str, path: str) -> bool:
        """Whether this request is to fail; each one that matches counts."""
        if self.times == 0 or method != self.method or not self.path.search(path):
            return False
        if self.skip:
            self.skip -= 1
            return False
        return True


class Recorder:
    """Keeps (method, path with query, status) of the API's requests and injects faults."""

    def __init__(self, app: App, requests: list[tuple[str, str, int]], faults: list[Fault]) -> None:
        self.app, self.requests, self.faults = app, requests, faults

    async def __call__(self, scope: Message, receive: App, send: App) -> None:
        """Answer a request, or fail it as told."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        query = scope["query_string"].decode()
        path = scope["path"] + (f"?{query}" if query else "")
        method = scope["method"]
        fault = next((f for f in self.faults if f.meets(method, path)), None)
        if fault is None:
            await self.app(scope, receive, self._noting(send, method, path))
            return
        fault.times -= 1
        if fault.after:
            await self.app(scope, receive, _nothing)
        self.requests.append((method, path, fault.status))
        if fault.seconds:
            await asyncio.sleep(fault.seconds)
        await _fail(send, fault)

    def _noting(self, send: App, method: str, path: str) -> App:
        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.requests.append((method, path, message["status"]))
            await send(message)

        return noting


async def _nothing(_message: Message) -> None:
    return


async def _fail(send: App, fault: Fault) -> None:
    if fault.status == 0:  # more is promised than comes: the server breaks the connection
        torn = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": torn})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
        return
    headers = [(k.lower().encode(), v.encode()) for k, v in fault.headers.items()]
    headers.append((b"content-type", b"application/json"))
    data = {
        "message": fault.message,
        "documentation_url": "https://docs.github.com/rest",
        "status": str(fault.status),
    }
    body = json.dumps(data).encode()
    await send({"type": "http.response.start", "status": fault.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
