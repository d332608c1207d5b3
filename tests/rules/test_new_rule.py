"""`make rule NAME=x`: a folder is copied, recorded, and passes every test."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.rules.new_rule import Refused, create

BUILT = ("bot", "rules", "tests", "deploy", "docs", "pyproject.toml")


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_new_rule_touches_one_folder_and_passes_every_test(tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__")
    for name in BUILT:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=ignored)
        else:
            shutil.copy(source, tmp_path / name)
    before = files(tmp_path)
    made = python(tmp_path, "-m", "tests.rules.new_rule", "open_terminal")
    assert made.returncode == 0, made.stderr
    assert "make record" in made.stdout
    recorded = python(tmp_path, "-m", "tests.record")
    assert recorded.returncode == 0, recorded.stderr
    changed = {path for path, data in files(tmp_path).items() if before.get(path) != data}
    assert {path for path in changed if not path.startswith("rules/open_terminal/")} == {
        "rules/README.md"
    }
    tested = python(
        tmp_path, "-m", "pytest", "-q", "tests/rules", "-k", "open-terminal or anatomy or table"
    )
    assert tested.returncode == 0, tested.stdout
    assert "passed" in tested.stdout
    shown = python(tmp_path, "-m", "bot", "rules", "open-terminal")
    assert "+    tty: false # somebody debugged here" in shown.stdout


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in found
        if "cache" not in str(path.relative_to(folder))
    }


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Host-Network", "snake_case"),
        ("", "snake_case"),
        ("../elsewhere", "snake_case"),
        ("no_root", "read after 'allow'"),
        ("root_user", "exists"),
    ],
)
def test_a_name_that_will_not_do_is_refused(name: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "rules" / "root_user").mkdir(parents=True)
    with pytest.raises(Refused, match=why):
        create(name, tmp_path)
