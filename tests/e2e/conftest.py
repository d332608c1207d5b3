"""A bot and a sandbox that talk over loopback, with GitHub's contract checked between them."""

from __future__ import annotations

import contextlib
import copy
import importlib.util
import itertools
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from bot.sandbox import Sandbox, SandboxRepository
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
README = {"README.md": "# shop\n"}


def eventually(fact: Callable[[], Any], what: str, seconds: float = 30) -> Any:
    """Wait until `fact` is truthy; fail with `what` otherwise."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := fact():
            return value
        time.sleep(0.03)
    raise AssertionError(f"did not happen within {seconds} s: {what}")


def listening() -> socket.socket:
    """A socket that listens on a port of its own: nobody can take it in between."""
    return socket.create_server(("127.0.0.1", 0))


def webhook_of(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}/webhook"


@contextlib.contextmanager
def served(app: Any, listener: socket.socket) -> Iterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    eventually(lambda: server.started, "the bot listens")
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)


class Contract:
    """GitHub's own OpenAPI between the bot and the sandbox; `violations` is what broke it."""

    def __init__(self, shared: Path) -> None:
        folder = shared / "contract"
        spec = importlib.util.spec_from_file_location("contract", folder / "contract.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        rest, hooks = folder / "contract-rest.json", folder / "contract-webhooks.json"
        self._checker = module.Contract(str(rest), str(hooks))
        listed = self._checker.doc["paths"]["/app/installations"]["get"]["responses"]["200"]
        row = listed["content"]["application/json"]["schema"]["items"]["properties"]
        # GitHub's description demands that an account is a user and an enterprise at once
        row["account"]["anyOf"] = row["account"].pop("allOf")
        self._middleware = module.ContractMiddleware
        self.violations: list[str] = []

    def fresh(self) -> Contract:
        """The same contract, not broken yet."""
        other = copy.copy(self)
        other.violations = []
        return other

    def watch(self, sandbox: Sandbox) -> None:
        sandbox.middleware = lambda app: self._middleware(app, self._checker, self.violations)

    def check_webhooks(self, sandbox: Sandbox) -> None:
        for delivery in sandbox.deliveries:
            if delivery.event == "merge_group":
                continue  # the contract has no schema of it
            self.violations += self._checker.check_webhook(delivery.event, delivery.payload)


def environment(sandbox: Sandbox, url: str, folder: Path) -> dict[str, str]:
    return {
        "PODSEC_APP_ID": "1",
        "PODSEC_PRIVATE_KEY": sandbox.private_key_pem,
        "PODSEC_WEBHOOK_SECRET": SECRET,
        "PODSEC_GITHUB_URL": url,
        "PODSEC_WRITE_PAUSE_SECONDS": "0",
        "PODSEC_WRITES_PER_MINUTE": "100000",
        "PODSEC_WRITES_PER_HOUR": "100000",
        "PODSEC_DATABASE_URL": f"sqlite:///{folder / 'podsec.db'}",
        "PODSEC_CLONES": str(folder / "clones"),
        "PODSEC_SWEEPS": "0",
    }


class Lines(logging.Handler):
    """All log records as text."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.getMessage()} {vars(record)}")


class Shop:
    """One repository of a test, and what people do in it."""

    def __init__(self, world: World, repository: SandboxRepository) -> None:
        self.world, self.repository = world, repository
        repository.set_permission("octo-dev", "write")

    def open(
        self,
        files: Mapping[str, str | bytes | None],
        branch: str = "feature",
        *,
        draft: bool = False,
        wait: bool = True,
    ) -> int:
        """Open a pull request with these files and wait for what podsec does."""
        self.repository.commit(branch, files, "Change manifests")
        number = self.repository.open_pull(
            head=branch, base="main", title="Change manifests", draft=draft
        )
        if wait:
            self.world.settle()
        return number

    def push(self, files: Mapping[str, str | bytes | None], branch: str = "feature") -> None:
        self.repository.commit(branch, files, "Push more")
        self.world.settle()

    def say(self, number: int, body: str, author: str = "octo-dev") -> list[str]:
        """Comment, wait, and return the reactions."""
        comment = self.repository.comment(number, body, author)
        self.world.settle()
        return self.repository.reactions(comment)

    def replies(self, number: int) -> list[str]:
        """What podsec said in the conversation."""
        said = self.repository.comments(number)
        return [c["body"] for c in said if c["user"]["type"] == "Bot"]

    def head(self, number: int) -> str:
        return str(self.repository.pull(number)["head"]["sha"])

    def check(self, number: int) -> dict[str, Any]:
        """The one check run of the head."""
        (check,) = self.repository.check_runs(self.head(number))
        assert check["status"] == "completed"
        return check

    def comments(self, number: int) -> list[dict[str, Any]]:
        return self.repository.review_comments(number)

    def followups(self, number: int) -> list[dict[str, Any]]:
        return [pull for pull in self.repository.pulls() if pull["number"] != number]


class World:
    """The sandbox, the bot and what was logged."""

    def __init__(self, sandbox: Sandbox, service: Service, folder: Path, lines: Lines) -> None:
        self.sandbox, self.service, self.folder, self._lines = sandbox, service, folder, lines
        self._names = itertools.count(1)

    @property
    def logs(self) -> str:
        return "\n".join(self._lines.lines)

    def shop(self, files: Mapping[str, str | bytes] | None = None) -> Shop:
        """A new repository whose main branch holds the files."""
        name = f"acme/shop-{next(self._names)}"
        return Shop(self, self.sandbox.create_repository(name, {**README, **(files or {})}))

    def settle(self, seconds: float = 60) -> None:
        """Wait until every delivery has its answer and every job is done."""
        seen = -1
        while seen != len(self.sandbox.deliveries):
            seen = len(self.sandbox.deliveries)
            eventually(self.sandbox.delivered, "all deliveries are answered")
            assert self.service.jobs.drain_until_idle(seconds)

    def calls(self) -> list[str]:
        return [f"{method} {path}" for method, path, _ in self.sandbox.requests]


@contextlib.contextmanager
def playing(
    folder: Path, contract: Contract, more: Mapping[str, str] | None = None
) -> Iterator[World]:
    """A sandbox and a bot in this process; `more` are further settings."""
    listener = listening()
    sandbox = Sandbox(folder / "github", webhook_secret=SECRET, webhook_url=webhook_of(listener))
    contract.watch(sandbox)
    lines = Lines()
    own = logging.getLogger("podsec")
    level = own.level
    own.setLevel(logging.DEBUG)
    logging.getLogger().addHandler(lines)
    with sandbox.running() as url:
        settings = {**environment(sandbox, url, folder), **(more or {})}
        service = Service(Settings.from_environment(settings))
        service.start()
        try:
            with served(service.web, listener):
                yield World(sandbox, service, folder, lines)
        finally:
            service.stop()
            logging.getLogger().removeHandler(lines)
            own.setLevel(level)
    contract.check_webhooks(sandbox)


@pytest.fixture(scope="module")
def contract(shared: Path) -> Contract:
    return Contract(shared)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, contract: Contract) -> Iterator[World]:
    """One bot for all tests of a module; each test has a repository of its own."""
    with playing(tmp_path_factory.mktemp("world"), contract) as world:
        yield world
    assert contract.violations == []


@pytest.fixture
def world(played: World, contract: Contract) -> Iterator[World]:
    """The module's bot; afterwards nothing of the test may have broken GitHub's contract."""
    yield played
    played.sandbox.forgive()
    played.settle()
    assert contract.violations == []


@pytest.fixture
def shop(world: World) -> Shop:
    return world.shop()
