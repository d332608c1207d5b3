"""A bot and a sandbox that talk over loopback, with the contract checker between them."""

from __future__ import annotations

import contextlib
import importlib.util
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from bot.sandbox import Sandbox
from bot.service import Service
from bot.settings import Settings

SECRET = "a webhook secret of the tests"
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: {name}
spec:
  containers:
  - name: app-container
    image: myapp:latest
    ports:
    - containerPort: 80
"""


def eventually(fact: Callable[[], Any], what: str, seconds: float = 30) -> Any:
    """Wait until `fact` is truthy; fail with `what` otherwise."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := fact():
            return value
        time.sleep(0.05)
    raise AssertionError(f"did not happen within {seconds} s: {what}")


def contract_of(shared: Path) -> Any:
    spec = importlib.util.spec_from_file_location("contract", shared / "contract" / "contract.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def served(app: Any, port: int) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    eventually(lambda: server.started, "the bot listens")
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


class World:
    """The sandbox, the bot and what the contract checker found."""

    def __init__(self, sandbox: Sandbox, application: Any, violations: list[str]) -> None:
        self.sandbox = sandbox
        self.application = application
        self.violations = violations

    def settle(self) -> None:
        """Wait until every delivery is sent and every job is done."""
        time.sleep(0.2)
        assert self.application.jobs.drain_until_idle(60)

    def calls(self) -> list[str]:
        return [f"{method} {path}" for method, path, _ in self.sandbox.requests]


def environment(sandbox: Sandbox, url: str, folder: Path) -> dict[str, str]:
    return {
        "PODSEC_APP_ID": "1",
        "PODSEC_PRIVATE_KEY": sandbox.private_key_pem,
        "PODSEC_WEBHOOK_SECRET": SECRET,
        "PODSEC_GITHUB_URL": url,
        "PODSEC_WRITE_PAUSE_SECONDS": "0",
        "PODSEC_DATABASE_URL": f"sqlite:///{folder / 'podsec.db'}",
    }


@pytest.fixture
def world(tmp_path: Path, shared: Path) -> Iterator[World]:
    contract = contract_of(shared)
    violations: list[str] = []
    checker = contract.Contract(
        str(shared / "contract" / "contract-rest.json"),
        str(shared / "contract" / "contract-webhooks.json"),
    )
    port = free_port()
    sandbox = Sandbox(
        tmp_path / "github", webhook_secret=SECRET, webhook_url=f"http://127.0.0.1:{port}/webhook"
    )
    sandbox.middleware = lambda app: contract.ContractMiddleware(app, checker, violations)
    with sandbox.running() as url:
        application = Service(Settings.from_environment(environment(sandbox, url, tmp_path)))
        application.start()
        try:
            with served(application.web, port):
                yield World(sandbox, application, violations)
        finally:
            application.stop()
    for delivery in sandbox.deliveries:
        violations += checker.check_webhook(delivery.event, delivery.payload)
    assert violations == []
