"""The examples of each rule are its tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.rule.rule import Rule
from tests.rules import record

ALL = list(record.RULES)
CASES = [
    (rule, path)
    for rule in ALL
    for which in ("pass", "fail")
    for path in record.examples(rule, which)
]
FAILING = [(rule, path) for rule, path in CASES if path.parent.name == "fail"]


def name(value: object) -> str:
    return value.id if isinstance(value, Rule) else Path(str(value)).stem


@pytest.mark.parametrize(("rule", "path"), CASES, ids=name)
def test_fail_has_a_finding_and_pass_has_none(rule: Rule, path: Path) -> None:
    found = record.findings(rule, path, path.read_bytes())
    assert bool(found) == (path.parent.name == "fail")


@pytest.mark.parametrize(("rule", "path"), FAILING, ids=name)
def test_the_fix_is_as_recorded_byte_for_byte(rule: Rule, path: Path) -> None:
    recorded = path.parent.parent / "fixed" / path.name
    assert record.fixed(rule, path, path.read_bytes()).data == recorded.read_bytes()


@pytest.mark.parametrize("rule", ALL, ids=name)
def test_findings_and_generated_blocks_are_as_recorded(rule: Rule) -> None:
    home = record.folder(rule)
    recorded = (home / "examples" / "findings.txt").read_text(encoding="utf-8")
    assert record.findings_text(rule) == recorded, "run make record and review the difference"
    assert record.readme(rule) == (home / "README.md").read_text(encoding="utf-8")


def test_the_table_of_rules_is_current() -> None:
    assert record.index() == (record.ROOT / "rules" / "README.md").read_text(encoding="utf-8")
