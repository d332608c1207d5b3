"""A tree says the same whether its verdicts are new, remembered, or held in memory."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.config import DEFAULT
from bot.engine.verdict import Judge
from bot.formats.json import row_of, text_of
from bot.rule.load import load_rules
from bot.verdicts import packed, pool, store

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLES = sorted((ROOT / "rules").glob("*/examples/fail/*.yaml"))
JUDGE = Judge(load_rules(), DEFAULT)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """More files than are held in memory, with suppressions and files that are not judged."""
    folder = tmp_path / "tree"
    for number, path in enumerate(EXAMPLES):
        home = folder / f"team-{number // 20}"
        home.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, home / f"{number:03d}-{path.name}")
    (folder / "broken.yaml").write_text("kind: Pod\napiVersion: v1\nx: [\n")
    (folder / "allowed.yaml").write_text(
        "# podsec: ignore[privileged-container] a test\n"
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
        "spec:\n  containers:\n  - {name: a, image: 'b:1', securityContext: {privileged: true}}\n"
    )
    return folder


def check(tree: Path, cache: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "check", str(tree), *arguments],
        env={**os.environ, "XDG_CACHE_HOME": str(cache), "PYTHONPATH": str(ROOT)},
        cwd=tree.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, done.stdout


@pytest.mark.parametrize("form", ["json", "text", "junit"])
def test_new_remembered_and_forgotten_verdicts_print_alike(tree: Path, form: str) -> None:
    cache = tree.parent / "cache"
    new = check(tree, cache, "--format", form)
    assert (cache / "podsec" / "verdicts.sqlite3").is_file()
    assert check(tree, cache, "--format", form) == new
    assert check(tree, tree.parent / "other", "--format", form, "--no-cache") == new
    assert not (tree.parent / "other").exists()


def test_a_tree_says_what_its_files_say_in_memory(tree: Path) -> None:
    cache = tree.parent / "cache"
    sarif = tree.parent / "log.sarif"
    whole = tree.parent / "whole.json"
    check(tree, cache, "--format", f"json={whole}", "--format", f"sarif={sarif}")  # in memory
    streamed = json.loads(check(tree, cache, "--format", "json")[1])
    assert streamed == json.loads(whole.read_text())
    assert streamed["summary"]["suppressed"] == 1
    assert streamed["summary"]["findings"] == len(streamed["findings"]) > 100


def test_a_changed_file_is_judged_again(tree: Path) -> None:
    cache = tree.parent / "cache"
    before = json.loads(check(tree, cache, "--format", "json")[1])
    (tree / "allowed.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    after = json.loads(check(tree, cache, "--format", "json")[1])
    gone = [row for row in before["findings"] if row not in after["findings"]]
    assert {row["file"] for row in gone} == {str(tree / "allowed.yaml")} or {
        Path(row["file"]).name for row in gone
    } == {"allowed.yaml"}


def test_a_changed_config_is_judged_anew(tree: Path) -> None:
    cache = tree.parent / "cache"
    wide = json.loads(check(tree, cache, "--format", "json")[1])["summary"]["findings"]
    narrow = json.loads(check(tree, cache, "--format", "json", "--profile", "baseline")[1])
    assert narrow["summary"]["findings"] < wide


def test_a_broken_store_is_begun_anew(tree: Path) -> None:
    cache = tree.parent / "cache"
    first = check(tree, cache, "--format", "json")
    file = cache / "podsec" / "verdicts.sqlite3"
    file.write_bytes(b"this is no database" * 100)
    assert check(tree, cache, "--format", "json") == first
    with sqlite3.connect(file) as connection:
        assert connection.execute("select count(*) from verdict").fetchone()[0] > 50


def test_the_store_is_the_user_s_alone(tree: Path) -> None:
    cache = tree.parent / "cache"
    check(tree, cache, "--format", "json")
    assert (cache / "podsec" / "verdicts.sqlite3").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parts[-4]}/{path.name}")
def test_a_packed_verdict_unpacks_to_itself(path: Path) -> None:
    verdict = JUDGE.verdict(path.name, path.read_bytes())
    kept = packed.pack(verdict)
    facts: dict[str, Any] = json.loads(kept.facts)
    assert tuple(packed.seen_of(path.name, facts)) == verdict.seen
    assert tuple(packed.written_of(path.name, facts)) == verdict.written
    assert tuple(packed.skipped_of(path.name, facts)) == verdict.skipped
    rows = list(zip(packed.columns(kept.columns), packed.lines(kept.rows), strict=True))
    for candidate, (column, row) in zip(verdict.candidates, rows, strict=True):
        found = packed.finding_of(path.name, column, row)
        expected = candidate.finding
        assert column.question == candidate.question
        assert found.remedy == expected.remedy
        for name in expected.__dataclass_fields__:
            if name not in ("fix", "stored_remedy"):
                assert getattr(found, name) == getattr(expected, name), name
        assert json.loads(text_of(expected)) == row_of(expected)


def test_worker_processes_say_what_one_process_says() -> None:
    files = [(path.name, path.read_bytes()) for path in EXAMPLES]
    tasks = [files[start : start + 7] for start in range(0, len(files), 7)]
    with pool.Pool(JUDGE, 1) as alone, pool.Pool(JUDGE, 2) as several:
        assert list(alone.judge(iter(tasks))) == list(several.judge(iter(tasks)))


def test_keys_tell_names_contents_and_stamps_apart() -> None:
    one, other = store.stamp("a", ()), store.stamp("b", ())
    keys = {
        store.key_of(one, "a", b"x"),
        store.key_of(one, "b", b"x"),
        store.key_of(one, "a", b"y"),
        store.key_of(other, "a", b"x"),
        store.key_of(store.stamp("a", [b"rule"]), "a", b"x"),
    }
    assert len(keys) == 5
