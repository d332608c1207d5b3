"""Clones and pushes over HTTP: with a token that may, and refused without."""

from __future__ import annotations

import base64
import os
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import eventually
from tests.sandbox.conftest import Hub

WHO = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "octo-dev"), ("EMAIL", "octo-dev@example.com"))
}


def git(
    folder: Path, *arguments: str, token: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run git; the token goes in a header, never in the address."""
    headers: list[str] = []
    if token is not None:
        word = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        headers = ["-c", f"http.extraHeader=Authorization: Basic {word}"]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        **WHO,
    }
    return subprocess.run(
        ["git", *headers, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def address(hub: Hub) -> str:
    return f"{hub.url}/acme/shop.git"


def test_a_clone_needs_a_token_that_sees_the_repository(hub: Hub, tmp_path: Path) -> None:
    hub.sandbox.create_repository("acme/other", {"x": "y"})
    ids = [r["id"] for r in [hub.ask("GET", "/repos/acme/other").json()]]
    path = "/app/installations/77/access_tokens"
    blind = hub.ask("POST", path, {"repository_ids": ids}, token=hub.app_word()).json()["token"]
    for token in (None, "ghs_nobody"):  # git asks for a name after a 401
        refused = git(tmp_path, "clone", address(hub), "a", token=token)
        assert "could not read Username" in refused.stderr
    assert "not found" in git(tmp_path, "clone", address(hub), "b", token=blind).stderr
    assert git(tmp_path, "clone", address(hub), "c", token=hub.token()).returncode == 0
    assert (tmp_path / "c" / "a.txt").exists()


def test_a_pull_requests_head_can_be_fetched_by_its_ref_and_by_its_commit(
    hub: Hub, tmp_path: Path
) -> None:
    token = hub.token(contents="read")
    assert git(tmp_path, "clone", "--depth=1", address(hub), "w", token=token).returncode == 0
    folder = tmp_path / "w"
    for what in (f"refs/pull/{hub.number}/head", hub.head):
        assert git(folder, "fetch", "origin", what, token=token).returncode == 0
        assert git(folder, "rev-parse", "FETCH_HEAD").stdout.strip() == hub.head


def test_a_push_moves_the_pull_request_and_sends_its_webhook(hub: Hub, tmp_path: Path) -> None:
    token = hub.token()
    git(tmp_path, "clone", "-b", "feature", address(hub), "w", token=token)
    folder = tmp_path / "w"
    (folder / "c.txt").write_text("pushed\n")
    git(folder, "add", ".")
    assert git(folder, "commit", "-m", "Push").returncode == 0
    before = hub.head
    assert git(folder, "push", "origin", "feature", token=token).returncode == 0
    assert hub.repository.read("feature", "c.txt") == b"pushed\n"
    assert hub.head == git(folder, "rev-parse", "HEAD").stdout.strip() != before
    eventually(
        lambda: [d["payload"]["action"] for d in hub.received] == ["opened", "synchronize"],
        "the push is told",
    )
    assert hub.received[-1]["payload"]["before"] == before
    assert hub.received[-1]["payload"]["after"] == hub.head


@pytest.mark.parametrize("branch", ["feature", "refs/pull/1/head"])
def test_a_push_that_is_not_allowed_changes_nothing(hub: Hub, tmp_path: Path, branch: str) -> None:
    reader, writer = hub.token(contents="read"), hub.token()
    git(tmp_path, "clone", "-b", "feature", address(hub), "w", token=writer)
    folder = tmp_path / "w"
    (folder / "c.txt").write_text("pushed\n")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "Push")
    before = hub.head
    tokens = [None, "ghs_nobody", reader] if branch == "feature" else [writer]
    for token in tokens:
        done = git(folder, "push", "origin", f"HEAD:{branch}", token=token)
        assert done.returncode != 0
    assert hub.head == before
    assert "403" in git(folder, "push", "origin", "HEAD:feature", token=reader).stderr
