"""`podsec fix --interactive` on a pseudo terminal: what it shows, asks and writes."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import HARD
from tests.conftest import ROOT

CONTAINER = """\
  - name: {name}
    image: registry.example.com/{name}:1.4.2
    resources:
      requests: {{cpu: 250m, memory: 64Mi}}
      limits: {{memory: 128Mi}}
    securityContext:
      readOnlyRootFilesystem: true
      capabilities:
        drop: [ALL]
"""
ADDED = "      allowPrivilegeEscalation: false\n"
THREE = HARD.partition("  - name: app\n")[0] + "".join(
    CONTAINER.format(name=name) for name in ("one", "two", "three")
)


def talk(folder: Path, answers: str, *options: str) -> tuple[int, str]:
    """Run the command with the answers typed ahead; its exit code and all that it printed."""
    ours, theirs = pty.openpty()
    try:
        os.write(ours, answers.encode())
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "fix", "--interactive", *options, "."],
            cwd=folder,
            env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "TERM": "dumb"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        said = b"".join(iter(lambda: _read(ours), b""))
        return process.wait(60), said.decode().replace("\r\n", "\n")
    finally:
        os.close(ours)


def _read(end: int) -> bytes:
    try:
        return os.read(end, 4096)
    except OSError:  # Linux says EIO where the other end is closed
        return b""


@pytest.fixture
def pod(home: Path) -> Path:
    path = home / "pod.yaml"
    path.write_text(THREE, encoding="utf-8")
    return path


def hardened(pod: Path) -> list[str]:
    """The containers whose fix was written; nothing else may have changed."""
    text = pod.read_text(encoding="utf-8")
    assert text.replace(ADDED, "") == THREE
    parts = text.split("  - name: ")[1:]
    return [part.partition("\n")[0] for part in parts if ADDED in part]


def test_each_container_is_shown_and_asked_for(pod: Path) -> None:
    code, said = talk(pod.parent, "y\nn\ny\n", "--profile", "restricted")
    assert code == 0
    assert hardened(pod) == ["one", "three"]
    for name in ("one", "two", "three"):
        assert f"Apply this fix to container {name} of Pod/hard? [y]es, [n]o, [a]ll, [q]uit" in said
    assert said.count("+" + ADDED.rstrip()) == 3
    assert "[privilege-escalation]: declined" in said
    assert said.rstrip().endswith("2 findings fixed in 1 file, 1 left.")


def test_all_asks_no_more(pod: Path) -> None:
    code, said = talk(pod.parent, "n\nall\n", "--profile", "restricted")
    assert code == 0
    assert hardened(pod) == ["two", "three"]
    assert said.count("[q]uit: ") == 2


def test_quit_keeps_what_was_said_yes_to(pod: Path) -> None:
    code, said = talk(pod.parent, "y\nq\n", "--profile", "restricted")
    assert code == 0
    assert hardened(pod) == ["one"]
    assert said.count("not asked: you quit") == 2
    assert said.rstrip().endswith("1 finding fixed in 1 file, 2 left.")


def test_the_end_of_the_input_is_quit(pod: Path) -> None:
    assert talk(pod.parent, "\x04", "--profile", "restricted")[0] == 0
    assert hardened(pod) == []


def test_another_word_is_asked_again(pod: Path) -> None:
    code, said = talk(pod.parent, "yo\n\nq\n", "--profile", "restricted")
    assert code == 0
    assert hardened(pod) == []
    assert said.count("y: apply; n: leave;") == 2


def test_a_risk_is_said_before_the_question(home: Path) -> None:
    path = home / "pod.yaml"
    path.write_text(HARD.replace("runAsNonRoot: true", "runAsNonRoot: false"), encoding="utf-8")
    code, said = talk(home, "y\n", "--unsafe", "--profile", "restricted")
    assert code == 0
    assert "; test first: " in said.partition("Apply this fix")[0]
    assert path.read_text(encoding="utf-8") == HARD


def test_no_question_repeats_a_secret(pod: Path) -> None:
    secret = "    env:\n    - {name: DB_PASSWORD, value: kZ7pq-Lm2vX9}\n"
    pod.write_text(THREE + secret, encoding="utf-8")
    code, said = talk(pod.parent, "a\n", "--rule", "privilege-escalation", "--unsafe")
    assert code == 0
    assert pod.read_text(encoding="utf-8").count(ADDED) == 3
    assert said.count("+" + ADDED.rstrip()) == 1  # the first question showed it
    code, said = talk(pod.parent, "y\n", "--unsafe", "--rule", "plaintext-secret")
    assert code == 0
    assert "kZ7pq-Lm2vX9" not in said + pod.read_text(encoding="utf-8")
    assert "{name: DB_PASSWORD, value: ******}" in said
