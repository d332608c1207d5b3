"""A repository's own rules: declared, harmless, tested by their examples."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import RuleError
from bot.rule.load import load_rules
from bot.rule.own import own_rules
from tests.cli.conftest import HARD, Run

RULE = """\
summary: Pod has no team
message: pod {name!r} has no label team
severity: high
profile: podsec
since: 1.0.0
applies_to: container
require:
  terminationMessagePolicy: {const: FallbackToLogsOnError}
fix:
  title: Tell why the container ended
  applicability: safe
  set:
    terminationMessagePolicy: FallbackToLogsOnError
"""
FIXED = HARD.replace(
    "    resources:\n", "    terminationMessagePolicy: FallbackToLogsOnError\n    resources:\n", 1
)


@pytest.fixture
def folder(home: Path) -> Path:
    """A rule with its examples."""
    rule = home / ".podsec" / "rules" / "silent_end"
    for name, text in {
        "rule.yaml": RULE,
        "examples/pass/a.yaml": FIXED,
        "examples/fail/a.yaml": HARD,
    }.items():
        path = rule / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return rule


def record(run: Run, home: Path, folder: Path) -> None:
    """Write fixed/ as the fix makes it."""
    pod = home / "copy.yaml"
    pod.write_text(HARD, encoding="utf-8")
    run("fix", "copy.yaml", "--rule", "silent-end")
    (folder / "examples" / "fixed").mkdir()
    pod.rename(folder / "examples" / "fixed" / "a.yaml")


def test_an_own_rule_checks_fixes_and_explains(run: Run, home: Path, folder: Path) -> None:
    (home / "pod.yaml").write_text(HARD, encoding="utf-8")
    answer = run("check", ".")
    assert answer.code == 1
    assert "pod 'app' has no label team [silent-end]" in answer.out
    run("fix", ".", "--rule", "silent-end")
    assert "terminationMessagePolicy: FallbackToLogsOnError" in (home / "pod.yaml").read_text(
        "utf-8"
    )
    assert run("check", ".").code == 0
    assert "Pod has no team." in run("rules", "silent-end").out
    rows = {row["id"]: row for row in run("rules", "--format", "json").json}
    assert rows["silent-end"]["own"] is True
    assert rows["silent-end"]["url"] is None
    assert run("check", ".", "--format", "sarif").code == 0


def test_an_own_rule_can_be_switched_and_suppressed_like_any(
    run: Run, home: Path, folder: Path
) -> None:
    text = HARD.replace("- name: app", "- name: app # podsec: ignore[silent-end] why")
    (home / "pod.yaml").write_text(text, encoding="utf-8")
    assert run("check", ".").code == 0
    (home / "pod.yaml").write_text(HARD, encoding="utf-8")
    (home / ".podsec.yaml").write_text("rules: {silent-end: off}\n", encoding="utf-8")
    assert run("check", ".").code == 0


def test_the_standards_do_not_change_by_an_own_rule(run: Run, home: Path, folder: Path) -> None:
    (home / "pod.yaml").write_text(HARD, encoding="utf-8")
    assert run("check", ".", "--profile", "restricted", "--fail-on", "low").code == 0


def test_examples_that_hold_are_said(run: Run, home: Path, folder: Path) -> None:
    record(run, home, folder)
    answer = run("rules", "test")
    assert answer.code == 0
    assert answer.out.splitlines() == [
        "ok   silent-end: examples/pass/a.yaml",
        "ok   silent-end: examples/fail/a.yaml",
        "1 rule, 2 examples: all hold.",
    ]


def test_examples_that_do_not_hold_fail_with_the_reason(run: Run, home: Path, folder: Path) -> None:
    answer = run("rules", "test")
    assert answer.code == 1
    assert "FAIL silent-end: examples/fail/a.yaml" in answer.out
    assert "there is no examples/fixed/a.yaml; the fix makes it" in answer.out
    record(run, home, folder)
    fixed = folder / "examples" / "fixed" / "a.yaml"
    fixed.write_text(fixed.read_text("utf-8").replace("OnError", "OnErrors"), encoding="utf-8")
    (folder / "examples" / "pass" / "b.yaml").write_text(HARD, encoding="utf-8")
    (folder / "examples" / "fail" / "c.yaml").write_text(FIXED, encoding="utf-8")
    (folder / "examples" / "fail" / "d.yaml").write_text(HARD + "a: [\n", encoding="utf-8")
    out = run("rules", "test", str(home)).out
    assert "+    terminationMessagePolicy: FallbackToLogsOnError" in out
    assert "FAIL silent-end: examples/pass/b.yaml\n     line 15: pod 'app'" in out
    assert "FAIL silent-end: examples/fail/c.yaml\n     the rule finds nothing" in out
    assert "FAIL silent-end: examples/fail/d.yaml\n     not judged: line " in out
    assert out.endswith("1 rule, 5 examples: 4 failed.\n")


def test_a_rule_without_examples_fails(run: Run, folder: Path) -> None:
    (folder / "examples" / "pass" / "a.yaml").unlink()
    assert (
        "FAIL silent-end: examples/pass/\n     there is no example here" in run("rules", "test").out
    )


@pytest.mark.parametrize("command", [("check", "."), ("fix", "."), ("rules",), ("rules", "test")])
def test_code_is_refused_and_never_run(
    run: Run, home: Path, folder: Path, command: tuple[str, ...]
) -> None:
    marker = home / "ran"
    (folder / "rule.py").write_text(f"open({str(marker)!r}, 'w')\n", encoding="utf-8")
    (folder / "__init__.py").write_text(f"open({str(marker)!r}, 'w')\n", encoding="utf-8")
    (home / "pod.yaml").write_text(HARD, encoding="utf-8")
    answer = run(*command)
    assert answer.code == 2
    assert "rules of a repository are declared" in answer.err
    assert not marker.exists()


def test_a_name_that_podsec_has_is_refused(run: Run, home: Path, folder: Path) -> None:
    folder.rename(folder.with_name("root_user"))
    answer = run("check", ".")
    assert answer.code == 2
    assert ".podsec/rules/root_user/rule.yaml: podsec has a rule 'root-user' already" in answer.err


def own(text: str, name: str = "a") -> None:
    load_rules().joined(own_rules({f".podsec/rules/{name}/rule.yaml": text.encode()}))


WRONG = {
    "the profile of a standard": (RULE.replace("profile: podsec", "profile: baseline"), "profile:"),
    "a control": (RULE + "control: privileged\n", "control: only podsec's own"),
    "an override": (RULE + "overrides: [root-user]\n", "overrides: only podsec's own"),
    "no message": (
        RULE.replace("message: pod {name!r} has no label team\n", ""),
        "needs 'message'",
    ),
    "no check": (RULE.replace("require:", "options:"), "needs 'message' and 'require'"),
    "an unknown key": (RULE + "run: rm\n", "run"),
    "no mapping": ("- a\n", "the file"),
    "no YAML": ("a: [\n", "rule.yaml:2: not valid YAML"),
    "nothing": ("", "the file"),
    "a message that asks for more": (
        RULE.replace("{name!r}", "{name.__class__}"),
        "message: may hold",
    ),
    "a message that is wide": (RULE.replace("{name!r}", "{name:>999999999}"), "message: may hold"),
    "a message with a position": (RULE.replace("{name!r}", "{0}"), "message: may hold"),
    "a message that is broken": (RULE.replace("{name!r}", "{name"), "message:"),
    "a schema that is none": (RULE.replace("const:", "type:"), "no JSON Schema"),
    "a schema from the net": (
        RULE.replace("const: FallbackToLogsOnError", "$ref: 'http://127.0.0.1:9/x'"),
        "no JSON Schema",
    ),
    "a schema from a file": (
        RULE.replace("const: FallbackToLogsOnError", "$ref: 'file:///etc/passwd'"),
        "no JSON Schema",
    ),
    "a pattern that backtracks": (
        RULE.replace("const: FallbackToLogsOnError", "pattern: '(?=a)b'"),
        "no JSON Schema",
    ),
    "a value from elsewhere": (
        RULE.replace(
            "    terminationMessagePolicy: F", "    terminationMessagePolicy: ${config.source} #"
        ),
        "expected one of cpu_limit",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_a_repository_may_not_say_is_refused_by_name(case: str) -> None:
    text, said = WRONG[case]
    with pytest.raises(RuleError) as raised:
        own(text)
    assert str(raised.value).startswith(".podsec/rules/a/rule.yaml")
    assert said in str(raised.value)


@pytest.mark.parametrize("name", ["Team", "a b", "", "_a", "a" * 51])
def test_a_folder_that_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(RuleError):
        own(RULE, name)


def test_two_folders_of_one_id_are_refused() -> None:
    files = {f".podsec/rules/{name}/rule.yaml": RULE.encode() for name in ("a_b", "a-b")}
    with pytest.raises(RuleError, match="two rules 'a-b'"):
        own_rules(files)


def test_a_bomb_is_refused_before_it_is_expanded() -> None:
    bomb = "a: &a [" + "x, " * 50 + "x]\n"
    for level in "bcdefgh":
        before = chr(ord(level) - 1)
        bomb += f"{level}: &{level} [" + f"*{before}, " * 50 + f"*{before}]\n"
    with pytest.raises(RuleError, match="bomb"):
        own(bomb)


def test_other_files_beside_a_rule_are_no_rules() -> None:
    files = {
        ".podsec/rules/a/rule.yaml": RULE.encode(),
        ".podsec/rules/a/README.md": b"# a",
        ".podsec/rules/a/examples/fail/rule.yaml": HARD.encode(),
        ".podsec/rules/notes.txt": b"",
    }
    assert [rule.id for rule in own_rules(files)] == ["a"]
