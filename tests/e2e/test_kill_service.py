"""kill -9 of `podsec serve` between the 202 and the review: the review appears once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from bot.sandbox import Sandbox
from tests.e2e.conftest import POD, SECRET, environment, eventually, free_port


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def serve(env: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "bot", "serve"],
        env={**os.environ, **env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_a_kill_between_the_answer_and_the_review_loses_and_doubles_nothing(tmp_path: Path) -> None:
    port = free_port()
    sandbox = Sandbox(
        tmp_path / "github", webhook_secret=SECRET, webhook_url=f"http://127.0.0.1:{port}/webhook"
    )
    with sandbox.running() as url:
        env = environment(sandbox, url, tmp_path) | {"PODSEC_PORT": str(port)}
        process = serve(env)
        try:
            eventually(lambda: answers(port), "the bot listens", 60)
            repository = sandbox.create_repository("acme/shop", {"README.md": "# shop\n"})
            repository.commit("feature", {"pod.yaml": POD.format(name="killed")}, "Add a pod")
            number = repository.open_pull(head="feature", base="main", title="Add a pod")
            eventually(
                lambda: any(
                    d.event == "pull_request" and d.status == 202 for d in sandbox.deliveries
                ),
                "the delivery is acknowledged",
            )
            process.send_signal(signal.SIGKILL)
            process.wait(10)
            process = serve(env)
            sha = repository.pull(number)["head"]["sha"]
            eventually(lambda: repository.check_runs(sha), "the check run after the restart", 90)
            assert len(repository.reviews(number)) == 1
            assert len(repository.check_runs(sha)) == 1
        finally:
            process.terminate()
            process.wait(30)
