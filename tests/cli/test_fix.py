"""`podsec fix` from the command line: files, the standard input, and what it says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.rewrite import Changed, rewrite
from tests.cli.conftest import HARD, Run
from tests.conftest import ROOT

SOFT = HARD.replace("      allowPrivilegeEscalation: false\n", "")


def test_the_standard_input_is_answered_with_the_fixed_text(run: Run) -> None:
    answer = run("fix", "-", "--profile", "restricted", stdin=SOFT.encode())
    assert answer.code == 0
    assert "allowPrivilegeEscalation: false\n" in answer.out
    assert len(answer.out.splitlines()) == len(HARD.splitlines())
    assert "fixed <stdin>:" in answer.err
    again = run("fix", "-", "--profile", "restricted", stdin=answer.out.encode())
    assert again.out == answer.out


def test_what_needs_no_fix_comes_back_as_it_was(run: Run) -> None:
    for text in (HARD, "nothing: here\n", "broken: [\n", ""):
        assert run("fix", "-", "--profile", "restricted", stdin=text.encode()).out == text


def test_the_difference_of_the_standard_input_is_a_patch(run: Run) -> None:
    answer = run("fix", "-", "--diff", "--stdin-filename", "pod.yaml", stdin=SOFT.encode())
    assert answer.out.startswith("--- a/pod.yaml\n+++ b/pod.yaml\n@@")
    assert "\n+      allowPrivilegeEscalation: false\n" in answer.out


def test_a_suppressed_finding_is_not_fixed(run: Run, home: Path) -> None:
    path = home / "pod.yaml"
    text = SOFT.replace(
        "- name: app", "- name: app # podsec: ignore[privilege-escalation] setuid helper"
    )
    path.write_text(text, encoding="utf-8")
    assert run("fix", ".", "--profile", "restricted").code == 0
    assert path.read_text(encoding="utf-8") == text


def test_only_the_named_rule_is_fixed(run: Run, home: Path) -> None:
    path = home / "pod.yaml"
    text = SOFT.replace("    seccompProfile:\n      type: RuntimeDefault\n", "")
    path.write_text(text, encoding="utf-8")
    run("fix", ".", "--rule", "privilege-escalation")
    after = path.read_text(encoding="utf-8")
    assert "allowPrivilegeEscalation: false" in after
    assert "seccompProfile" not in after


def test_a_file_is_replaced_in_one_step_and_keeps_its_mode(run: Run, home: Path) -> None:
    path = home / "real.yaml"
    path.write_text(SOFT, encoding="utf-8")
    path.chmod(0o640)
    (home / "link.yaml").symlink_to("real.yaml")
    assert run("fix", "link.yaml").code == 0
    assert "allowPrivilegeEscalation: false" in path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o777 == 0o640
    assert (home / "link.yaml").is_symlink()
    assert sorted(p.name for p in home.iterdir()) == [".git", "link.yaml", "real.yaml"]


def test_fixes_from_below_the_root_land_in_the_right_file(
    run: Run, home: Path, monkeypatch
) -> None:  # type: ignore[no-untyped-def]
    folder = home / "deploy"
    folder.mkdir()
    (folder / "pod.yaml").write_text(SOFT, encoding="utf-8")
    monkeypatch.chdir(folder)
    assert run("fix", "pod.yaml").code == 0
    assert "allowPrivilegeEscalation: false" in (folder / "pod.yaml").read_text(encoding="utf-8")


RISKY = HARD.replace("runAsNonRoot: true", "runAsNonRoot: false")


def test_an_unsafe_fix_says_what_it_rests_on_and_how_to_undo_it(run: Run, home: Path) -> None:
    path = home / "pod.yaml"
    path.write_text(RISKY, encoding="utf-8")
    left = run("fix", "pod.yaml")
    assert path.read_text(encoding="utf-8") == RISKY
    assert "left pod.yaml:" in left.err
    assert "podsec fix --unsafe --diff shows 1 fix to test first." in left.err
    done = run("fix", "pod.yaml", "--unsafe")
    assert path.read_text(encoding="utf-8") == HARD
    (fact,) = [line for line in done.err.splitlines() if "test first: " in line]
    assert fact.split("test first: ")[1].split(";")[0].strip()
    assert "undo: set securityContext.runAsNonRoot to false " in fact
    assert fact.endswith("(git checkout -p -- pod.yaml)")
    assert done.out == ""


def test_a_safe_fix_says_what_it_rests_on_and_how_to_undo_it(run: Run, home: Path) -> None:
    (home / "pod.yaml").write_text(SOFT, encoding="utf-8")
    said = run("fix", "pod.yaml").err
    field = "securityContext.allowPrivilegeEscalation"
    basis = "it rests on the manifest: nothing in it gains privileges"
    assert f"    safe: {basis}; undo: take away {field}\n" in said


SECRET = (
    HARD.replace("      allowPrivilegeEscalation: false\n", "")
    + "    env:\n    - name: DB_PASSWORD\n      value: 'kZ7#pq-Lm2vX' # rotated\n"
)


@pytest.mark.parametrize("options", [("--unsafe",), (), ("--rule", "privilege-escalation")])
def test_a_diff_repeats_no_secret_and_says_so(
    run: Run, home: Path, options: tuple[str, ...]
) -> None:
    (home / "pod.yaml").write_text(SECRET, encoding="utf-8")
    shown = run("fix", "pod.yaml", "--diff", *options)
    assert "allowPrivilegeEscalation: false" in shown.out
    assert "kZ7#pq-Lm2vX" not in shown.out + shown.err
    assert "value: '******' # rotated\n" in shown.out
    assert "hides secrets on 1 line of the diff of pod.yaml: it cannot be applied" in shown.err


def test_outside_of_a_checkout_the_diff_itself_undoes_an_unsafe_fix(run: Run, home: Path) -> None:
    (home / ".git").rmdir()
    path = home / "pod.yaml"
    path.write_text(RISKY, encoding="utf-8")
    done = run("fix", "pod.yaml", "--unsafe")
    assert path.read_text(encoding="utf-8") == HARD
    assert "patch -R pod.yaml" in done.err
    subprocess.run(["patch", "-R", "pod.yaml"], input=done.out, cwd=home, text=True, check=True)
    assert path.read_text(encoding="utf-8") == RISKY


def test_the_end_is_one_sentence_with_all_that_was_not_done(run: Run, home: Path) -> None:
    (home / "pod.yaml").write_text(SOFT, encoding="utf-8")
    (home / "chart" / "templates").mkdir(parents=True)
    (home / "chart" / "templates" / "web.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nname: {{ .Values.name }}\n", encoding="utf-8"
    )
    (home / "tests").mkdir()
    (home / "tests" / "pod.yaml").write_text(SOFT, encoding="utf-8")
    said = run("fix", ".", "--profile", "restricted").err.splitlines()[-1]
    assert said == (
        "1 finding fixed in 1 file, 0 left, 1 skipped, not judged, 1 file excluded by the config."
    )


def test_check_writes_nothing_and_fails_where_something_would_change(run: Run, home: Path) -> None:
    path = home / "pod.yaml"
    path.write_text(SOFT, encoding="utf-8")
    asked = run("fix", ".", "--check", "--profile", "restricted")
    assert (asked.code, asked.out) == (1, "")
    assert "1 finding would be fixed in 1 file" in asked.err
    assert path.read_text(encoding="utf-8") == SOFT
    assert run("fix", ".", "--profile", "restricted").code == 0
    assert run("fix", ".", "--check", "--profile", "restricted").code == 0
    assert run("fix", "-", "--check", stdin=SOFT.encode()).code == 1


def test_stdout_prints_one_file_and_writes_none(run: Run, home: Path) -> None:
    path = home / "pod.yaml"
    path.write_text(SOFT, encoding="utf-8")
    answer = run("fix", "pod.yaml", "--stdout", "--profile", "restricted")
    assert answer.code == 0
    assert "allowPrivilegeEscalation: false\n" in answer.out
    assert path.read_text(encoding="utf-8") == SOFT
    (home / "hard.yaml").write_text(HARD, encoding="utf-8")
    assert run("fix", "hard.yaml", "--stdout", "--profile", "restricted").out == HARD
    several = run("fix", ".", "--stdout")
    assert (several.code, several.out) == (2, "")
    assert "prints one file, not 2" in several.err


def test_modes_that_exclude_each_other_are_refused(run: Run, home: Path) -> None:
    (home / "pod.yaml").write_text(SOFT, encoding="utf-8")
    for options in (
        ("--stdout", "--diff"),
        ("--stdout", "--check"),
        ("--interactive", "--diff"),
        ("--interactive", "--check"),
    ):
        assert run("fix", "pod.yaml", *options).code == 2, options
    assert (home / "pod.yaml").read_text(encoding="utf-8") == SOFT


def test_asking_is_refused_where_there_is_no_terminal(run: Run, home: Path) -> None:
    (home / "pod.yaml").write_text(SOFT, encoding="utf-8")
    answer = run("fix", "pod.yaml", "--interactive")
    assert answer.code == 2
    assert "no terminal" in answer.err
    assert run("fix", "-", "--interactive", stdin=SOFT.encode()).code == 2


def test_a_file_that_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "pod.yaml"
    path.write_text("theirs\n", encoding="utf-8")
    with pytest.raises(Changed):
        rewrite(path, b"read\n", b"fixed\n")
    assert path.read_text(encoding="utf-8") == "theirs\n"
    assert [found.name for found in tmp_path.iterdir()] == ["pod.yaml"]


def test_what_cannot_be_written_is_said_and_counted_as_left(home: Path) -> None:
    (home / "pod.yaml").write_text(SOFT, encoding="utf-8")
    command = 'ulimit -f 0; exec "$0" -m bot fix pod.yaml --profile restricted'  # no byte fits
    done = subprocess.run(
        ["bash", "-c", command, sys.executable],
        cwd=home,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "not written pod.yaml: File too large" in done.stderr
    assert "0 findings fixed, 1 left, 1 file not written." in done.stderr
    assert (home / "pod.yaml").read_text(encoding="utf-8") == SOFT
    assert sorted(found.name for found in home.iterdir()) == [".git", "pod.yaml"]
