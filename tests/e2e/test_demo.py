"""The demo's whole conversation, between a bot and a sandbox that keep GitHub's contract."""

from __future__ import annotations

import io
import re
import socket
from pathlib import Path

from rich.console import Console

from bot import demo
from bot.sandbox import Sandbox
from tests.e2e.conftest import Contract


def test_the_demo_plays_to_its_end_without_breaking_githubs_contract(
    tmp_path: Path, contract: Contract
) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    webhook = f"http://127.0.0.1:{listener.getsockname()[1]}/webhook"
    sandbox = Sandbox(tmp_path / "github", webhook_secret=demo.SECRET, webhook_url=webhook)
    contract.watch(sandbox)
    told = io.StringIO()
    demo.tell(sandbox, listener, tmp_path, Console(file=told, width=120), stay=False, picture=None)
    contract.check_webhooks(sandbox)
    assert contract.violations == []
    assert len(sandbox.requests) > 40
    assert {d.event for d in sandbox.deliveries} == {"push", "pull_request", "issue_comment"}
    assert all(d.status == 202 for d in sandbox.deliveries)
    text = told.getvalue()
    for part in ("podsec reviewed", "suggestion", "/podsec fix", "ready", "draft: test first"):
        assert part in text
    assert re.search(r"\+\s+allowPrivilegeEscalation: false", text)
