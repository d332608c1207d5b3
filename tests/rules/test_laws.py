"""Laws that hold for every rule and every fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import DEFAULT
from bot.engine.check import check
from bot.engine.fix import fix_file
from bot.engine.read import load
from bot.rule.rule import Rule
from bot.yamlpatch import read
from bot.yamlpatch.tree import comments
from tests.rules import record
from tests.rules.test_examples import FAILING, name

VARIANTS = {
    "crlf": lambda data: data.replace(b"\n", b"\r\n"),
    "no-final-newline": lambda data: data.rstrip(b"\n"),
    "bom": lambda data: b"\xef\xbb\xbf" + data,
    "second-document": lambda data: b"kind: ConfigMap\napiVersion: v1\n---\n" + data,
    "closed": lambda data: data + b"...\n",
}


@pytest.mark.parametrize(("rule", "path"), FAILING, ids=name)
def test_fixing_twice_is_fixing_once(rule: Rule, path: Path) -> None:
    once = record.fixed(rule, path, path.read_bytes()).data
    assert record.fixed(rule, path, once).data == once


@pytest.mark.parametrize(("rule", "path"), FAILING, ids=name)
def test_a_fix_keeps_every_comment(rule: Rule, path: Path) -> None:
    data = path.read_bytes()
    after = record.fixed(rule, path, data).data
    assert comments(read(after)) == comments(read(data))


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(("rule", "path"), FAILING, ids=name)
def test_a_fix_survives_other_layouts(rule: Rule, path: Path, variant: str) -> None:
    change = VARIANTS[variant]
    plain = record.fixed(rule, path, path.read_bytes())
    data = change(path.read_bytes())
    result = record.fixed(rule, path, data)
    assert result.data == change(plain.data)


@pytest.mark.parametrize(("rule", "path"), FAILING, ids=name)
def test_all_fixes_of_all_rules_converge(rule: Rule, path: Path) -> None:
    data = path.read_bytes()
    manifests, _ = load(path.name, data)
    found = check(manifests, record.RULES, DEFAULT)
    first = fix_file(path.name, data, found, record.RULES, DEFAULT, unsafe=True)
    manifests, _ = load(path.name, first.data)
    rest = check(manifests, record.RULES, DEFAULT)
    again = fix_file(path.name, first.data, rest, record.RULES, DEFAULT, unsafe=True)
    assert again.data == first.data
    assert {f.fingerprint for f in rest} == {f.fingerprint for f, _ in first.left}
