"""The pre-commit hooks: their manifest, and their entries run as pre-commit runs them."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.conftest import HARD, SOFT
from tests.conftest import ROOT

HOOKS: list[dict[str, Any]] = yaml.safe_load(
    (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
)
# https://pre-commit.com/#creating-new-hooks
KEYS = {
    *("id", "name", "entry", "language", "description", "types_or", "require_serial"),
    "minimum_pre_commit_version",
}


def hook(name: str, folder: Path, *files: str) -> subprocess.CompletedProcess[str]:
    """The entry with the staged files behind it, in the repository's root."""
    (found,) = (hook for hook in HOOKS if hook["id"] == name)
    program, *arguments = shlex.split(found["entry"])
    assert program == "podsec"
    return subprocess.run(
        [sys.executable, "-P", "-m", "bot", *arguments, *files],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("found", HOOKS, ids=lambda found: found["id"])
def test_the_manifest_is_complete(found: dict[str, Any]) -> None:
    assert set(found) == KEYS
    assert found["language"] == "python"
    assert found["types_or"] == ["yaml", "json"]
    assert found["require_serial"] is True  # rules look at several files together


def test_the_check_hook_fails_on_findings_and_passes_without(home: Path) -> None:
    (home / "soft.yaml").write_text(SOFT, encoding="utf-8")
    (home / "hard.yaml").write_text(HARD, encoding="utf-8")
    assert hook("podsec", home, "hard.yaml").returncode == 0
    failed = hook("podsec", home, "hard.yaml", "soft.yaml")
    assert failed.returncode == 1
    assert "privileged" in failed.stdout


def test_the_fix_hook_changes_the_file_and_only_once(home: Path) -> None:
    path = home / "pod.yaml"
    text = HARD.replace("      allowPrivilegeEscalation: false\n", "")
    path.write_text(text, encoding="utf-8")
    assert hook("podsec-fix", home, "pod.yaml").returncode == 0
    once = path.read_text(encoding="utf-8")
    assert once != text
    assert hook("podsec-fix", home, "pod.yaml").returncode == 0
    assert path.read_text(encoding="utf-8") == once


def test_excluded_files_stay_out_though_they_are_named(home: Path) -> None:
    folder = home / "testdata"
    folder.mkdir()
    (folder / "soft.yaml").write_text(SOFT, encoding="utf-8")
    done = hook("podsec", home, "testdata/soft.yaml")
    assert done.returncode == 0
    assert "1 file excluded by the config" in done.stdout
