"""What CI and a release promise."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot import __version__
from tests.conftest import ROOT

SKIPPING = {
    "in the test": "import pytest\n\ndef test_it():\n    pytest.skip('no data')\n",
    "by a mark": "import pytest\n\n@pytest.mark.skip(reason='no data')\ndef test_it():\n    pass\n",
    "of the module": "import pytest\n\npytest.skip('no data', allow_module_level=True)\n",
}


def outcome(folder: Path, ci: str) -> subprocess.CompletedProcess[str]:
    plugins = ["-p", "tests.conftest", "-p", "no:cacheprovider"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-ra", *plugins, "-c", os.devnull, str(folder)],
        cwd=folder,
        env={
            **os.environ,
            "CI": ci,
            "PYTHONPATH": str(ROOT),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # none is needed, and they take a second
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("way", SKIPPING)
def test_a_skip_is_counted_with_its_reason_and_is_a_failure_in_ci(way: str, tmp_path: Path) -> None:
    (tmp_path / "test_skipping.py").write_text(SKIPPING[way], encoding="utf-8")
    here = outcome(tmp_path, "")
    assert "1 skipped" in here.stdout
    assert "no data" in here.stdout
    there = outcome(tmp_path, "true")
    assert there.returncode not in (0, 5)
    assert "a skip is a failure in CI: Skipped: no data" in there.stdout


def releasable(tree: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", str(ROOT / ".ci" / "releasable"), str(tree)],
        capture_output=True,
        text=True,
        check=False,
    )


DIGEST = r"sha256:[0-9a-f]{64}"
IMAGES = 3
"""What the image is made of: kubectl, helm, Python."""
IMAGE = r"image: (\S+?:[0-9.]+)\S*"


def change(path: Path, old: str, new: str, most: int = 1) -> None:
    text, count = re.subn(old, new, path.read_text(encoding="utf-8"), count=most)
    assert count == most
    path.write_text(text, encoding="utf-8")


def test_a_release_is_refused_until_its_placeholders_are_filled(tmp_path: Path) -> None:
    deployment = "deploy/kubernetes/deployment.yaml"
    for name in ("Dockerfile", "CHANGELOG.md", "bot/__init__.py", deployment):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    change(tmp_path / "Dockerfile", DIGEST, f"sha256:{'0' * 64}", IMAGES)
    change(tmp_path / deployment, IMAGE, r"image: \1")
    change(tmp_path / "CHANGELOG.md", "## .*", "## Unreleased")
    refused = releasable(tmp_path)
    assert refused.returncode == 1
    assert [line.split(":")[1].strip() for line in refused.stderr.splitlines()] == [
        "Dockerfile",
        deployment,
        "CHANGELOG.md",
    ]
    change(tmp_path / "Dockerfile", DIGEST, f"sha256:{'5' * 64}", IMAGES)
    change(tmp_path / deployment, IMAGE, rf"image: \1@sha256:{'7' * 64}")
    change(tmp_path / "CHANGELOG.md", "## Unreleased", f"## {__version__} - 2027-01-31")
    accepted = releasable(tmp_path)
    assert accepted.stderr == ""
    assert accepted.returncode == 0


def test_ci_runs_the_commands_of_the_readme_and_ends_with_the_tests() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    made = [line.split()[1] for line in lines if line.startswith("make ")]
    assert made == ["demo", "check", "test"]
    assert lines[-1].startswith("make test")
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
