"""`podsec fix` over whole small repositories: surgical, complete, and done once."""

from __future__ import annotations

import difflib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.tools import tools

REPOSITORIES = sorted(path.parent for path in (ROOT / "fixtures" / "repos").glob("*/repo"))


def podsec(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT), "PATH": f"{tools()}:/usr/bin:/bin", "COLUMNS": "120"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def snapshot(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("repository", REPOSITORIES, ids=lambda path: path.name)
@pytest.mark.parametrize("mode", [(), ("--unsafe",)], ids=["safe", "unsafe"])
def test_the_second_run_changes_nothing(
    repository: Path, mode: tuple[str, ...], tmp_path: Path
) -> None:
    shutil.copytree(repository / "repo", tmp_path / "repo")
    before = snapshot(tmp_path / "repo")
    first = podsec("fix", *mode, "repo", cwd=tmp_path)
    assert first.returncode in (0, 1), first.stderr
    once = snapshot(tmp_path / "repo")
    assert once != before
    second = podsec("fix", *mode, "repo", cwd=tmp_path)
    assert second.returncode in (0, 1), second.stderr
    assert snapshot(tmp_path / "repo") == once


@pytest.mark.parametrize("repository", REPOSITORIES, ids=lambda path: path.name)
def test_safe_fixes_only_add_lines(repository: Path, tmp_path: Path) -> None:
    shutil.copytree(repository / "repo", tmp_path / "repo")
    before = snapshot(tmp_path / "repo")
    podsec("fix", "repo", cwd=tmp_path)
    for name, data in snapshot(tmp_path / "repo").items():
        if name.endswith(".json"):
            continue  # a key added to JSON puts a comma on the line before
        old = before[name].decode().split("\n")
        new = data.decode().split("\n")
        removed = [
            line
            for line in difflib.ndiff(old, new)
            if line.startswith("- ") and line.strip() != "-" and "{" not in line  # flow: one line
        ]
        if name.endswith("values.yaml"):
            # a chart's switch that is off is turned on: what is rendered gains keys alone
            on = {line.replace("false", "true") for line in removed if ": false" in line}
            assert on <= {f"- {line}" for line in new}, name
            removed = [line for line in removed if ": false" not in line]
        assert removed == [], name


def test_the_insecure_pod_of_the_article_becomes_restricted(tmp_path: Path) -> None:
    source = ROOT / "fixtures" / "repos" / "article" / "repo" / "insecure-pod.yaml"
    target = tmp_path / "insecure-pod.yaml"
    shutil.copy(source, target)
    assert podsec("fix", "--unsafe", str(target), cwd=tmp_path).returncode in (0, 1)
    text = target.read_text(encoding="utf-8")
    remaining = iter(text.splitlines())
    assert all(line in remaining for line in source.read_text(encoding="utf-8").splitlines())
    for expected in ("runAsUser: 1000", "runAsGroup: 3000", "fsGroup: 2000"):
        assert expected in text
    assert "requests:" in text
    assert "limits:" in text
    check = podsec(
        "check", "--profile", "restricted", "--fail-on", "low", str(target), cwd=tmp_path
    )
    assert check.returncode == 0, check.stdout


def test_the_group_of_the_article_moves_to_the_pod(tmp_path: Path) -> None:
    source = ROOT / "fixtures" / "repos" / "article" / "repo" / "limit-privileges.yaml"
    target = tmp_path / "pod.yaml"
    shutil.copy(source, target)
    line = source.read_text(encoding="utf-8").splitlines().index("      fsGroup: 2000") + 1
    check = podsec("check", "--format", "json", str(target), cwd=tmp_path)
    import json

    (finding,) = (
        f for f in json.loads(check.stdout)["findings"] if f["rule"] == "misplaced-pod-field"
    )
    assert finding["line"] == line
    podsec("fix", "--unsafe", str(target), cwd=tmp_path)
    import yaml

    pod = yaml.safe_load(target.read_text(encoding="utf-8"))["spec"]
    assert pod["securityContext"]["fsGroup"] == 2000
    assert "fsGroup" not in pod["containers"][0]["securityContext"]
