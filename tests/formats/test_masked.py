"""Whatever the form in which a secret stands there, no row of a diff repeats it."""

from __future__ import annotations

import pytest

from bot.config import DEFAULT
from bot.engine.check import check
from bot.engine.read import load
from bot.formats.masked import MASK, Mask
from bot.formats.pull_request import unified
from bot.rule.load import load_rules

RULES = load_rules()
KEY = "kZ7pq-Lm2vX9_r"
FORMS = {
    "plain": f"    env:\n    - name: API_TOKEN\n      value: {KEY}  # from the vault\n",
    "quoted": f'    env:\n    - name: API_TOKEN\n      value: "{KEY}"\n',
    "in flow style": f"    env: [{{name: API_TOKEN, value: '{KEY}'}}, {{name: B, value: b}}]\n",
    "a block": f"    env:\n    - name: API_TOKEN\n      value: |-\n        {KEY}\n",
    "an argument": f"    args:\n    - serve\n    - --api-token={KEY}\n",
    "an address": f"    env:\n    - name: DB\n      value: postgres://app:{KEY}@db/app\n",
}
HEAD = """\
apiVersion: v1
kind: Pod
metadata: {name: app}
spec:
  containers:
  - name: app
    image: app:1
"""


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_is_masked_in_old_and_in_unchanged_rows(form: str) -> None:
    before = (HEAD + FORMS[form]).encode()
    findings = check(load("pod.yaml", before)[0], RULES, DEFAULT)
    assert any(finding.sensitive for finding in findings)
    mask = Mask(before, findings)
    for after in (HEAD.encode(), before + b"    tty: false\n"):
        diff = unified("pod.yaml", before, after)
        masked, number = mask.over(diff)
        assert KEY in diff
        assert KEY not in masked
        assert number == diff.count(KEY)
        assert MASK in masked
        assert masked.count("\n") == diff.count("\n")


def test_a_file_without_secrets_keeps_its_diff() -> None:
    before = HEAD.encode()
    diff = unified("pod.yaml", before, before + b"    tty: false\n")
    assert Mask(before, check(load("p", before)[0], RULES, DEFAULT)).over(diff) == (diff, 0)


def test_a_short_secret_is_masked_where_it_stands_alone() -> None:
    before = (HEAD + "    env:\n    - name: DB_PASSWORD\n      value: abc\n").encode()
    findings = check(load("pod.yaml", before)[0], RULES, DEFAULT)
    masked, _ = Mask(before, findings).over(" value: abc\n-  abcdef: 1\n+ x\n")
    assert masked == f" value: {MASK}\n-  abcdef: 1\n+ x\n"
