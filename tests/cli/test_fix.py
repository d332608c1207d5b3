"""`podsec fix` from the command line: files, the standard input, and what it says."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import HARD, Run

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
