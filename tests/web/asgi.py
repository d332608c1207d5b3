"""One request to an ASGI application, part by part, as a server would hand it over."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

GONE = b"the client hangs up instead of sending this"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back, and how many parts of the body the application had read by then."""

    status: int
    text: str
    parts: int


def ask(
    app: Any,
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    body: bytes | Iterable[bytes] = b"",
) -> Answer:
    """Send a request; `body` as an iterable comes without a length, part by part."""
    fields = {k.lower(): v for k, v in (headers or {}).items()}
    if isinstance(body, bytes):
        fields.setdefault("content-length", str(len(body)))
        parts: Iterator[bytes] = iter([body])
    else:
        parts = iter(body)
    read = 0
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        nonlocal read
        part = next(parts, None)
        read += part is not None
        if part == GONE:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": part or b"", "more_body": part is not None}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(k.encode("latin1"), v.encode("latin1")) for k, v in fields.items()],
    }
    asyncio.run(app(scope, receive, send))
    text = b"".join(message.get("body", b"") for message in sent[1:]).decode()
    return Answer(status=sent[0]["status"], text=text, parts=read)


def live_and_end(app: Any) -> list[str]:
    """Start the application and shut it down; returns what it answered."""
    asked = iter(["lifespan.startup", "lifespan.shutdown"])
    answered: list[str] = []

    async def receive() -> dict[str, Any]:
        return {"type": next(asked)}

    async def send(message: Any) -> None:
        answered.append(message["type"])

    asyncio.run(app({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send))
    return answered
