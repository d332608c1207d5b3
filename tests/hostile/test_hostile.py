"""Whatever stands in a file: findings or a reason, no traceback, no crash, 2 s and 200 MB at most.

PODSEC_MUTANTS says how many files are made and judged (10,000 for the whole claim).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, shared_folder
from tests.hostile.mutants import sources

MUTANTS = int(os.environ.get("PODSEC_MUTANTS", "500"))
SEED = 20261124
SECONDS = 2.0
# 200 MB for the file, and what Python, the rules and one release's schemas take
MEGABYTES = 200 + 60


def judged(*arguments: object) -> list[dict[str, Any]]:
    """Each file's row, from a process of its own that must reach its end."""
    command = [sys.executable, "-m", "tests.hostile.judge", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    last = rows[-1]["path"] if rows else "the start"
    assert done.returncode == 0, f"died after {last}: {done.returncode}\n{done.stderr[-2000:]}"
    return rows


def assert_answered(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        assert "traceback" not in row, row["path"] + "\n" + row["traceback"]
        assert row["failures"] == [], row
        assert row["answered"], row
        assert row["seconds"] <= SECONDS, row
        assert row["peak"] <= MEGABYTES, row


@pytest.fixture(scope="module")
def corpora(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpora")
    archive = shared_folder() / "corpora" / "manifests.tar.gz"
    subprocess.run(["tar", "xzf", str(archive), "-C", str(folder)], check=True)
    return folder


def test_every_real_file_is_answered_and_no_rule_fails(corpora: Path) -> None:
    files = sources(corpora)
    rows = judged(*files)
    assert len(rows) == len(files) > 500
    assert_answered(rows)


def test_every_mutant_is_answered(corpora: Path) -> None:
    rows = judged(0, MUTANTS, SEED, corpora)
    assert len(rows) == MUTANTS
    assert_answered(rows)


HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers:\n  - name: a\n    image: b\n"
CONTAINERS = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers:\n"
LARGE: Mapping[str, str] = {
    "lines": HEAD + "data:\n" + "- a\n" * 1_200_000,
    "pairs": HEAD + "data:\n" + "".join(f"  k{n}: v\n" for n in range(90_000)),
    "flow": HEAD + "data: [" + "[]," * 1_600_000 + "]\n",
    "documents": "---\n" * 1_200_000,
    "objects": f"{POD}---\n" * 2_000,
    "containers": CONTAINERS + "  - {name: a, image: b}\n" * 30_000,
    "secrets": CONTAINERS
    + "  - name: a\n    image: b\n    env:\n"
    + "    - name: PASSWORD\n      value: hunter2\n" * 20_000,
    "unknown": POD + "".join(f"unknown{n}: 1\n" for n in range(80_000)),
    "broken": f"{HEAD}a: b: c\n---\n" * 199,
    "deep": HEAD + "".join(f"{' ' * n}k:\n" for n in range(2_500)),
    "brackets": HEAD + "x: " + "[" * 90_000,
    "dashes": HEAD + "x:\n  " + "- " * 1_000_000,
    "bomb": HEAD + "a0: &a0 x\n" + "".join(f"a{n}: &a{n} [{f'*a{n - 1}, ' * 9}]\n" for n in range(1, 30)),
    "scalar": HEAD + "x: " + "a" * 4_900_000,
    "escapes": HEAD + 'x: "' + "\\u00e9" * 800_000 + '"',
    "hexadecimal": HEAD + "x: 0x" + "f" * 4_000_000,
    "digits": HEAD + "data:\n" + "".join(f"  a{n}: {'7' * 4_200}\n" for n in range(500)),
    "comments": HEAD + "# a comment\n" * 90_000,
    "too-large": HEAD + "x: " + "a" * 5_100_000,
    "json": '{"apiVersion": "v1", "kind": "ConfigMap", "x": "\\ud83d\\ude00", "data": {'
    + ",".join(f'"k{n}": {{}}' for n in range(20_000))
    + "}}",
}  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_a_large_file_costs_little_or_is_refused(name: str, tmp_path: Path) -> None:
    file = tmp_path / f"{name}.yaml"
    file.write_text(LARGE[name], encoding="utf-8")
    assert_answered(judged(file))
