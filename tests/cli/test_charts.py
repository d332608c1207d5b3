"""`podsec check` and `podsec fix` where there are Helm charts."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.conftest import ROOT
from tests.tools import tools


@pytest.fixture
def repository(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tools()}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(home.parent / "cache"))
    shutil.copytree(ROOT / "fixtures" / "repos" / "helm_switches" / "repo", home / "chart")
    return home


def test_findings_are_told_at_the_lines_of_templates(run: Run, repository: Path) -> None:
    answer = run("check", "chart")
    assert answer.code == 1
    assert "chart/templates/main.yaml: DaemonSet/switches, container main" in answer.out
    assert "container 'tidy' is privileged" in answer.out
    assert "Helm template: not judged" not in answer.out


def test_a_fix_writes_values_and_templates_and_says_what_was_left(
    run: Run, repository: Path
) -> None:
    before = {path: path.read_bytes() for path in (repository / "chart").rglob("*.yaml")}
    answer = run("fix", "--unsafe", "chart")
    assert answer.code == 0
    changed = {path.name for path, data in before.items() if path.read_bytes() != data}
    assert changed == {"values.yaml", "main.yaml", "jobs.yaml"}
    assert "left chart/templates/jobs.yaml" in answer.err
    again = run("fix", "--unsafe", "--check", "chart")
    assert again.code == 0


def test_one_rule_alone_is_fixed_in_a_chart(run: Run, repository: Path) -> None:
    answer = run("fix", "--unsafe", "--rule", "unlimited-memory", "--diff", "chart")
    added = [line for line in answer.out.splitlines() if line.startswith("+ ")]
    assert any("memory" in line for line in added)
    assert not any("securityContext" in line for line in added)


def test_a_comment_in_a_template_allows_a_finding(run: Run, repository: Path) -> None:
    jobs = repository / "chart" / "templates" / "jobs.yaml"
    text = jobs.read_text().replace(
        "privileged: true", "privileged: true # podsec: ignore[privileged-container] it mounts"
    )
    jobs.write_text(text)
    assert "[privileged-container]" not in run("check", "chart").out
    assert "it mounts" in run("check", "--show-suppressed", "chart").out


def test_without_helm_it_is_said_what_is_not_judged(
    run: Run, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(repository))
    answer = run("check", "chart")
    assert "helm is not installed, or not on PATH" in answer.out
    assert "about 3 workloads in the templates of 1 chart" in answer.out
