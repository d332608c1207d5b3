"""The GitHub Action: its shell steps run as a runner runs them, in a fake environment."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.conftest import HARD, SOFT, Git
from tests.conftest import ROOT

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: dict[str, Any] = {step.get("id", "upload"): step for step in ACTION["runs"]["steps"]}
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


class Runner:
    """A composite step at a time, with what GitHub puts into the environment."""

    def __init__(self, folder: Path, scratch: Path, **inputs: str) -> None:
        self.folder, self.scratch = folder, scratch
        self.inputs = {name: said["default"] for name, said in ACTION["inputs"].items()} | {
            name.replace("_", "-"): value for name, value in inputs.items()
        }
        self.event: dict[str, str] = {}
        self.outputs: dict[str, str] = {}
        venv = scratch / "podsec-venv" / "bin"
        venv.mkdir(parents=True)
        (venv / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
        (venv / "python").chmod(0o755)

    def run(self, step: str) -> subprocess.CompletedProcess[str]:
        said = STEPS[step]
        output = self.scratch / f"output-{step}"
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.scratch),
            "RUNNER_TEMP": str(self.scratch),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(self.scratch / "summary.md"),
            **{name: self.fill(value) for name, value in said.get("env", {}).items()},
        }
        script = self.scratch / f"{step}.sh"
        script.write_text(said["run"], encoding="utf-8")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if output.exists():
            rows = output.read_text(encoding="utf-8").splitlines()
            self.outputs |= dict(row.split("=", 1) for row in rows)
        return done

    def fill(self, value: str) -> str:
        return _EXPRESSION.sub(lambda found: self.value(found[1]), value)

    def value(self, expression: str) -> str:
        known = {
            "github.action_path": str(ROOT),
            "github.event.pull_request.base.sha": self.event.get("base", ""),
            "steps.python.outputs.python-path": sys.executable,
            **{f"inputs.{name}": text for name, text in self.inputs.items()},
            **{f"steps.check.outputs.{name}": text for name, text in self.outputs.items()},
        }
        return str(known[expression])


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "runner"
    folder.mkdir()
    return folder


def test_findings_become_annotations_sarif_and_a_summary(home: Path, scratch: Path) -> None:
    (home / "soft.yaml").write_text(SOFT, encoding="utf-8")
    runner = Runner(home, scratch)
    assert runner.run("install").returncode == 0
    done = runner.run("check")
    assert done.returncode == 0, done.stderr
    assert "::error file=soft.yaml,line=12,col=11,endColumn=27," in done.stdout
    log = json.loads((home / "podsec.sarif").read_text(encoding="utf-8"))
    assert len(log["runs"][0]["results"]) == int(runner.outputs["findings"]) > 5
    assert "| high |" in (scratch / "summary.md").read_text(encoding="utf-8")
    assert runner.outputs["exit-code"] == "1"
    assert runner.run("verdict").returncode == 1


def test_a_clean_tree_passes(home: Path, scratch: Path) -> None:
    (home / "hard.yaml").write_text(HARD, encoding="utf-8")
    runner = Runner(home, scratch, annotations="false", profile="restricted", fail_on="low")
    done = runner.run("check")
    assert "No finding" in done.stdout
    assert runner.outputs == {"exit-code": "0", "findings": "0"}
    assert runner.run("verdict").returncode == 0


def test_wrong_usage_fails_with_its_own_code(home: Path, scratch: Path) -> None:
    runner = Runner(home, scratch, paths="absent")
    done = runner.run("check")
    assert "absent: no such file or directory" in done.stderr
    assert runner.outputs == {"exit-code": "2", "findings": ""}
    assert runner.run("verdict").returncode == 2


def test_a_pull_request_counts_only_what_it_brings(git: Git, scratch: Path) -> None:
    base = git.commit(soft=SOFT)
    git("checkout", "-q", "-b", "feature")
    git.commit(other=SOFT.replace("name: shop", "name: other", 1))
    git("checkout", "-q", "main")
    newer = git.commit(third=SOFT.replace("name: shop", "name: third", 1))
    git("merge", "-q", "--no-ff", "-m", "merge", "feature")
    runner = Runner(git.folder, scratch)
    runner.event["base"] = base  # older than what the merge was made of, as it often is
    done = runner.run("check")
    assert done.returncode == 0, done.stderr
    found = re.findall(r"^::\w+ file=(\w+)", done.stdout, re.MULTILINE)
    assert set(found) == {"other"}
    assert git("rev-parse", "HEAD^1") == newer


def test_a_shallow_checkout_fetches_the_base(git: Git, scratch: Path) -> None:
    base = git.commit(soft=SOFT)
    git.commit(other=HARD)
    git("config", "uploadpack.allowAnySHA1InWant", "true")
    shallow = scratch / "shallow"
    subprocess.run(
        ["git", "clone", "-q", "--depth=1", f"file://{git.folder}", str(shallow)], check=True
    )
    runner = Runner(shallow, scratch)
    runner.event["base"] = base
    assert runner.run("check").returncode == 0
    assert runner.outputs["exit-code"] == "0"


def test_inputs_are_words_and_never_commands(home: Path, scratch: Path) -> None:
    evil = '"; touch pwned; echo "$(touch pwned)`touch pwned`'
    for name in ACTION["inputs"]:
        if name not in ("annotations", "upload"):
            folder = scratch / name
            folder.mkdir()
            runner = Runner(home, folder, **{name.replace("-", "_"): evil})
            runner.run("check")
            runner.run("verdict")
    assert not (home / "pwned").exists()
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


def test_the_checked_repository_is_not_importable(home: Path, scratch: Path) -> None:
    (home / "hard.yaml").write_text(HARD, encoding="utf-8")
    for name in ("bot", "rules"):
        (home / name).mkdir()
        (home / name / "__init__.py").write_text("raise SystemExit(9)\n", encoding="utf-8")
    runner = Runner(home, scratch)
    runner.run("check")
    assert runner.outputs["exit-code"] == "0"


def test_other_actions_are_pinned_by_commit_and_say_their_version() -> None:
    used = re.findall(r"uses: (\S+)(.*)$", (ROOT / "action.yml").read_text("utf-8"), re.MULTILINE)
    assert len(used) == 2
    for action, note in used:
        assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", action)
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", note)


def test_every_input_is_used_and_every_output_is_set() -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    for name, said in ACTION["inputs"].items():
        assert f"inputs.{name} " in text
        assert said["description"]
    for name in ACTION["outputs"]:
        assert f'echo "{name}=' in text or f"inputs.{name} " in text


def test_the_install_step_takes_locked_packages_only() -> None:
    script = STEPS["install"]["run"]
    assert "--require-hashes -r" in script
    assert "$ACTION/requirements.lock" in script
    assert (ROOT / "requirements.lock").is_file()
