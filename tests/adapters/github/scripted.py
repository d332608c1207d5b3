"""A server that gives the answers that a test wrote down, and keeps what it was asked."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(kw_only=True)
class Say:
    """One answer. `body` is JSON unless it is bytes; `cut` breaks the connection half-way."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    cut: bool = False


@dataclass(kw_only=True)
class Asked:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


class Scripted:
    """Answers in the order in which they were written; what is asked beyond them is a 599."""

    def __init__(self) -> None:
        self.answers: list[Say] = []
        self.asked: list[Asked] = []
        self.url = ""

    def says(self, *answers: Say) -> None:
        self.answers += answers

    def calls(self) -> list[str]:
        return [f"{asked.method} {asked.path}" for asked in self.asked]

    def next(self) -> Say:
        return self.answers.pop(0) if self.answers else Say(status=599, body={"message": "no more"})


@contextlib.contextmanager
def scripted() -> Iterator[Scripted]:
    """Serve on loopback until the block ends."""
    script = Scripted()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_args: Any) -> None:
            return

        def answer(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            data = self.rfile.read(length)
            fields = {k.lower(): v for k, v in self.headers.items()}
            body = json.loads(data) if data else None
            script.asked.append(
                Asked(method=self.command, path=self.path, headers=fields, body=body)
            )
            say = script.next()
            time.sleep(say.seconds)
            raw = say.body if isinstance(say.body, bytes) else json.dumps(say.body).encode()
            with contextlib.suppress(OSError):
                self.send_response(say.status)
                for name, value in {"Content-Type": "application/json", **say.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(raw) + (10 if say.cut else 0)))
                self.end_headers()
                self.wfile.write(raw)
            self.close_connection = say.cut

        do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815  # the library's names

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # a client that gave up is what some tests are about
    script.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
