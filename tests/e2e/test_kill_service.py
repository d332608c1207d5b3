"""kill -9 of `podsec serve` in the middle of its work: what it says appears once."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox import Sandbox, SandboxRepository
from tests.e2e.conftest import POD, README, SECRET, environment, eventually


def free_port() -> int:
    """A port for a server that is started, killed and started again.

    Below the range that Linux gives to whoever asks for any port, so that nobody takes it while
    the server is away.
    """
    while True:
        port = 20_000 + secrets.randbelow(12_000)  # random is seeded anew for each test
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


class Server:
    """`podsec serve` in a process of its own, which may be killed."""

    def __init__(self, env: dict[str, str], port: int) -> None:
        self._env, self._port = env, port
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve"],
            env={**os.environ, **self._env},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        eventually(self._answers, "the bot listens", 60)

    def _answers(self) -> bool:
        try:
            address = f"http://127.0.0.1:{self._port}/healthz"
            with urllib.request.urlopen(address, timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(30)


@contextlib.contextmanager
def killable(folder: Path) -> Iterator[tuple[Sandbox, Server]]:
    port = free_port()
    sandbox = Sandbox(
        folder / "github", webhook_secret=SECRET, webhook_url=f"http://127.0.0.1:{port}/webhook"
    )
    with sandbox.running() as url:
        server = Server(environment(sandbox, url, folder) | {"PODSEC_PORT": str(port)}, port)
        try:
            yield sandbox, server
        finally:
            server.stop()


def acknowledged(sandbox: Sandbox, event: str) -> bool:
    return any(d.event == event and d.status == 202 for d in sandbox.deliveries)


def asked(sandbox: Sandbox, end: str) -> bool:
    return any(m == "POST" and path.endswith(end) for m, path, _ in sandbox.requests)


def opened(sandbox: Sandbox) -> tuple[SandboxRepository, int]:
    repository = sandbox.create_repository("acme/shop", README)
    repository.set_permission("octo-dev", "write")
    repository.commit("feature", {"pod.yaml": POD.format(name="killed")}, "Add a pod")
    return repository, repository.open_pull(head="feature", base="main", title="Add a pod")


def checked(repository: SandboxRepository, number: int) -> dict[str, Any]:
    """What stands in the end, once the check run does."""
    sha = repository.pull(number)["head"]["sha"]
    eventually(lambda: repository.check_runs(sha), "the check run", 90)
    return {
        "reviews": len(repository.reviews(number)),
        "comments": len(repository.review_comments(number)),
        "checks": [check["conclusion"] for check in repository.check_runs(sha)],
    }


def killed_before_the_review(folder: Path) -> dict[str, Any]:
    with killable(folder) as (sandbox, server):
        repository, number = opened(sandbox)
        eventually(lambda: acknowledged(sandbox, "pull_request"), "the delivery is acknowledged")
        server.kill()
        said = len(repository.reviews(number))
        server.start()
        return checked(repository, number) | {"before": said}


def killed_before_the_check_run(folder: Path) -> dict[str, Any]:
    """The bot dies while it waits for the answer to the check run."""
    with killable(folder) as (sandbox, server):
        sandbox.fail("POST", "/check-runs$", status=502, seconds=10)
        repository, number = opened(sandbox)
        eventually(lambda: asked(sandbox, "/check-runs"), "the check run is asked for")
        said = len(repository.reviews(number))
        server.kill()
        server.start()
        return checked(repository, number) | {"before": said}


def killed_before_the_pull_request(folder: Path) -> dict[str, Any]:
    with killable(folder) as (sandbox, server):
        repository, number = opened(sandbox)
        checked(repository, number)
        sandbox.fail("POST", "/pulls$", status=502, seconds=10)
        comment = repository.comment(number, "/podsec fix safe")
        eventually(lambda: asked(sandbox, "/pulls"), "the pull request is asked for")
        server.kill()
        server.start()
        eventually(lambda: "rocket" in repository.reactions(comment), "the command is done", 90)
        return {
            "pulls": len(repository.pulls()),
            "branches": [b for b in repository.branches() if b.startswith("podsec/")],
            "reactions": repository.reactions(comment),
        }


def ended_by_a_signal(folder: Path) -> dict[str, Any]:
    with killable(folder) as (sandbox, server):
        # twice: what is lost once is looked for at once
        sandbox.fail("POST", "/check-runs$", status=502, times=2, seconds=2)
        repository, number = opened(sandbox)
        eventually(lambda: asked(sandbox, "/check-runs"), "the check run is asked for")
        server.stop()
        left = attempts(folder)
        server.start()
        return checked(repository, number) | {"before": left}


def attempts(folder: Path) -> list[tuple[int, str]]:
    """How often each check was begun, and the first word of how it ended."""
    wanted = "select begun, outcome from podsec_attempt where job like 'check/%'"
    with contextlib.closing(sqlite3.connect(folder / "podsec.db")) as connection:
        rows = connection.execute(wanted).fetchall()
    return [(begun, str(outcome).split()[0]) for begun, outcome in rows]


SCENES = (
    killed_before_the_review,
    killed_before_the_check_run,
    killed_before_the_pull_request,
    ended_by_a_signal,
)


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Future[dict[str, Any]]]:
    """All scenes, played at the same time: a dead worker is known as one after 15 seconds."""
    with ThreadPoolExecutor(len(SCENES)) as pool:
        return {
            scene.__name__: pool.submit(scene, tmp_path_factory.mktemp(scene.__name__))
            for scene in SCENES
        }


ONCE = {"reviews": 1, "comments": 1, "checks": ["neutral"]}
Ends = dict[str, Future[dict[str, Any]]]


def test_a_kill_between_the_answer_and_the_review_loses_and_doubles_nothing(ends: Ends) -> None:
    assert ends["killed_before_the_review"].result() == ONCE | {"before": 0}


def test_a_kill_between_the_review_and_the_check_run_doubles_neither(ends: Ends) -> None:
    assert ends["killed_before_the_check_run"].result() == ONCE | {"before": 1}


def test_a_kill_between_branch_and_pull_request_leaves_one_of_each(ends: Ends) -> None:
    assert ends["killed_before_the_pull_request"].result() == {
        "pulls": 2,
        "branches": ["podsec/fix/1-safe"],
        "reactions": ["eyes", "rocket"],
    }


def test_a_term_signal_lets_the_running_job_end_and_keeps_its_next_attempt(ends: Ends) -> None:
    assert ends["ended_by_a_signal"].result() == ONCE | {"before": [(1, "again")]}
