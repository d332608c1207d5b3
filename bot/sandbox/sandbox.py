"""The sandbox as its users hold it: repositories, pull requests, deliveries, faults."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import uvicorn

from bot.sandbox import events, server
from bot.sandbox.access import Access, role
from bot.sandbox.faults import Fault, Recorder
from bot.sandbox.git_http import GitOverHttp
from bot.sandbox.redirects import ById
from bot.sandbox.repository import SandboxRepository
from bot.sandbox.repository_store import Store
from bot.sandbox.webhooks import Webhooks
from bot.sandbox.world import Delivery, Refusal, Repository, World

Middleware = Callable[[Any], Any]


class Sandbox:
    """One GitHub with one App, installed everywhere.

    `root` is an empty folder for the git repositories; `webhook_url` is where deliveries go.
    """

    def __init__(
        self,
        root: Path,
        *,
        app_id: int = 1,
        private_key_pem: str | None = None,
        webhook_secret: str,
        webhook_url: str | None,
    ) -> None:
        self._world = World(root=root, app_id=app_id, installation=77)
        self._access = Access(app_id, private_key_pem)
        self._hooks = Webhooks(self._world, webhook_secret, webhook_url)
        self._faults: list[Fault] = []
        self.requests: list[tuple[str, str, int]] = []
        self.middleware: Middleware = lambda app: app

    @property
    def private_key_pem(self) -> str:
        """The App's private key."""
        return self._access.private_key_pem

    @property
    def deliveries(self) -> list[Delivery]:
        """All that was sent."""
        return self._world.deliveries

    @property
    def url(self) -> str:
        """Where it listens."""
        return self._world.url

    @contextlib.contextmanager
    def running(self, port: int = 0) -> Iterator[str]:
        """Serve on loopback until the block ends; yields the address."""
        listener = socket.create_server(("127.0.0.1", port))
        self._world.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(self._application(), log_level="error", lifespan="off")
        serving = uvicorn.Server(config)
        thread = threading.Thread(target=serving.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        self._hooks.start()
        while not serving.started and thread.is_alive():
            time.sleep(0.01)
        try:
            yield self._world.url
        finally:
            self._hooks.stop()
            serving.should_exit = True
            thread.join(10)
            listener.close()

    def _application(self) -> Any:
        api = server.application(self._world, self._access, self._hooks)
        checked = self.middleware(Recorder(api, self.requests, self._faults))
        named = ById(checked, self._world)
        return GitOverHttp(named, self._world.root, self._may_clone, self._pushed)

    def _may_clone(self, token: str | None, owner: str, name: str) -> str | None:
        try:
            home = self._world.repository(owner, name)
            caller = self._access.holder(token) if token else self._access.caller("")
            level = role(home, caller)
        except Refusal as refusal:
            return None if refusal.status == 401 else "none"
        return "write" if level == "admin" else level

    def _pushed(self, owner: str, name: str, ref: str, before: str, after: str) -> None:
        with self._world.lock:
            home = self._world.repository(owner, name)
            events.pushed(self._world, self._hooks, home, ref, before, after, owner)

    def fail(
        self,
        method: str,
        path: str,
        *,
        status: int,
        times: int = 1,
        after: bool = False,
        headers: Mapping[str, str] | None = None,
        message: str = "Server Error",
        skip: int = 0,
        seconds: float = 0.0,
    ) -> Fault:
        """Let `times` requests whose path matches fail, after `skip` that pass.

        `after`: only when the work was done. Status 0 breaks the connection instead of an answer;
        `seconds` pass before either.
        """
        fault = Fault(
            method=method,
            path=re.compile(path),
            status=status,
            times=times,
            after=after,
            headers=dict(headers or {}),
            message=message,
            skip=skip,
            seconds=seconds,
        )
        self._faults.append(fault)
        return fault

    def forgive(self) -> None:
        """Take all faults back."""
        self._faults.clear()

    def exhaust(self, seconds: float) -> None:
        """Use up the budget of requests, until `seconds` from now."""
        self._world.exhausted_until = time.time() + seconds

    def suspend(self, *, suspended: bool = True) -> None:
        """Suspend the installation, or end that."""
        self._world.suspended = suspended

    def redeliver(self, guid: str) -> None:
        """Send a delivery again under its GUID."""
        self._hooks.redeliver(guid)

    @contextlib.contextmanager
    def paused(self, *, reverse: bool = False) -> Iterator[None]:
        """Keep deliveries back until the block ends; `reverse` sends the last one first."""
        with self._world.lock:
            self._hooks.hold()
        try:
            yield
        finally:
            with self._world.lock:
                self._hooks.release(reverse=reverse)

    def ping(self) -> None:
        """Send the ping of a new hook."""
        self._hooks.ping()

    def delivered(self) -> bool:
        """Whether every delivery has its answer."""
        return self._hooks.idle()

    def expire_tokens(self) -> None:
        """Make every installation token bad, as after its hour."""
        self._access.revoke_all()

    def grant(self, **permissions: str) -> None:
        """Change what the App may do, as an owner who did not accept new permissions."""
        self._access.granted = {"metadata": "read", **permissions}

    def person(self, login: str) -> str:
        """A personal token."""
        self._world.account(login)
        return self._access.person(login)

    def create_repository(
        self, full_name: str, files: Mapping[str, str | bytes]
    ) -> SandboxRepository:
        """A repository whose `main` holds the files."""
        owner, _, name = full_name.partition("/")
        with self._world.lock:
            self._world.account(owner, "Organization")
            store = Store.create(self._world.root / owner / f"{name}.git")
            home = Repository(id=self._world.new_id(), owner=owner, name=name, store=store)
            self._world.repositories[full_name.lower()] = home
        made = SandboxRepository(self._world, self._hooks, home)
        made.commit("main", files, "First commit")
        return made
