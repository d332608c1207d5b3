"""Clones and pushes: an ASGI bridge to `git http-backend` that checks credentials as GitHub."""

from __future__ import annotations

import asyncio
import base64
import binascii
import os
import re
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from bot.sandbox.repository_store import ZERO, Store

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Authorize = Callable[[str | None, str, str], str | None]
OnPush = Callable[[str, str, str, str, str], None]

_PATH = re.compile(r"^/([^/]+)/([^/]+?)(?:\.git)?/(info/refs|git-upload-pack|git-receive-pack)$")
_PASSED = (
    ("content-length", "CONTENT_LENGTH"),
    ("content-encoding", "HTTP_CONTENT_ENCODING"),
    ("git-protocol", "HTTP_GIT_PROTOCOL"),
    ("git-protocol", "GIT_PROTOCOL"),
)


class GitOverHttp:
    """Serves `/OWNER/NAME.git`; everything else goes to the wrapped application.

    `authorize(token, owner, name)` answers None (bad credentials), "none", "read" or "write".
    """

    def __init__(self, app: App, root: Path, authorize: Authorize, on_push: OnPush) -> None:
        self.app, self.root, self.authorize, self.on_push = app, root, authorize, on_push

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request of a git client."""
        found = _PATH.match(scope.get("path", "")) if scope["type"] == "http" else None
        if found is None:
            await self.app(scope, receive, send)
            return
        owner, name, tail = found.groups()
        headers = {k.decode().lower(): v.decode("latin1") for k, v in scope["headers"]}
        push = "git-receive-pack" in tail + scope["query_string"].decode()
        refusal = self._refusal(_token(headers), owner, name, push=push)
        if refusal is not None:
            await _text(send, *refusal)
            return
        await self._serve(scope, receive, send, (owner, name, tail), headers)

    def _refusal(
        self, token: str | None, owner: str, name: str, *, push: bool
    ) -> tuple[int, str] | None:
        level = self.authorize(token, owner, name)
        if level is None or (token is None and (level == "none" or push)):
            return 401, "Invalid username or token.\n"
        if level == "none" or not self._folder(owner, name).is_dir():
            return 404, "Repository not found.\n"
        if push and level != "write":
            return 403, f"Permission to {owner}/{name}.git denied.\n"
        return None

    def _folder(self, owner: str, name: str) -> Path:
        return self.root / owner / f"{name}.git"

    async def _serve(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        where: tuple[str, str, str],
        headers: dict[str, str],
    ) -> None:
        owner, name, tail = where
        store = Store(self._folder(owner, name))
        pushes = tail == "git-receive-pack"
        before = await asyncio.to_thread(store.refs, "refs") if pushes else {}
        process = await asyncio.create_subprocess_exec(
            "git",
            "http-backend",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=self._environment(scope, where, headers),
        )
        feeder = asyncio.create_task(_feed(process, receive))
        status, answered = await _head(process)
        await send({"type": "http.response.start", "status": status, "headers": answered})
        assert process.stdout is not None
        while chunk := await process.stdout.read(65536):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await feeder
        await process.wait()
        if pushes:
            await asyncio.to_thread(self._announce, store, before, owner, name)
        await send({"type": "http.response.body", "body": b""})

    def _announce(self, store: Store, before: dict[str, str], owner: str, name: str) -> None:
        after = store.refs("refs")
        for ref in sorted(set(before) | set(after)):
            if before.get(ref) != after.get(ref):
                self.on_push(owner, name, ref, before.get(ref, ZERO), after.get(ref, ZERO))

    def _environment(
        self, scope: Scope, where: tuple[str, str, str], headers: dict[str, str]
    ) -> dict[str, str]:
        owner, name, tail = where
        env = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "GIT_PROJECT_ROOT": str(self.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": f"/{owner}/{name}.git/{tail}",
            "QUERY_STRING": scope["query_string"].decode(),
            "REQUEST_METHOD": scope["method"],
            "CONTENT_TYPE": headers.get("content-type", ""),
            "REMOTE_USER": "x-access-token",
            "REMOTE_ADDR": "127.0.0.1",
            "GIT_CONFIG_NOSYSTEM": "1",
            "HOME": "/nonexistent",
        }
        return env | {target: headers[source] for source, target in _PASSED if source in headers}


def _token(headers: dict[str, str]) -> str | None:
    """The token of a Basic or Bearer header; None without one."""
    kind, _, value = headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            user, _, password = base64.b64decode(value).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return ""
        return user if password in ("", "x-oauth-basic") else password
    return value if kind.lower() in ("bearer", "token") else None


async def _feed(process: asyncio.subprocess.Process, receive: Receive) -> None:
    assert process.stdin is not None
    try:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                break
            if message.get("body"):
                process.stdin.write(message["body"])
                await process.stdin.drain()
            if not message.get("more_body"):
                break
    except (BrokenPipeError, ConnectionResetError):
        return
    finally:
        process.stdin.close()


async def _head(process: asyncio.subprocess.Process) -> tuple[int, list[tuple[bytes, bytes]]]:
    assert process.stdout is not None
    status, headers = 200, []
    while line := (await process.stdout.readline()).strip():
        key, _, value = line.partition(b":")
        if key.lower() == b"status":
            status = int(value.split()[0])
        else:
            headers.append((key.lower(), value.strip()))
    return status, headers


async def _text(send: Send, status: int, text: str) -> None:
    headers = [(b"content-type", b"text/plain")]
    if status == 401:
        headers.append((b"www-authenticate", b'Basic realm="GitHub"'))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})
