"""A desk for all tests of a module: one sandbox, watched by GitHub's contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox import Sandbox
from tests.e2e.conftest import Contract
from tests.workflows.desk import Desk


@pytest.fixture(scope="module")
def shared_desk(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Iterator[Desk]:
    contract = Contract(shared)
    root = tmp_path_factory.mktemp("desk") / "github"
    sandbox = Sandbox(root, webhook_secret="unused", webhook_url=None)
    contract.watch(sandbox)
    with sandbox.running() as url:
        yield Desk(sandbox, url)
    contract.check_webhooks(sandbox)
    assert contract.violations == []


@pytest.fixture
def desk(shared_desk: Desk) -> Desk:
    """The module's desk, without the faults of another test."""
    shared_desk.sandbox.forgive()
    shared_desk.jobs()
    shared_desk.calls()
    return shared_desk
