"""All suggestions of a file, applied in one batch as GitHub does: nothing clashes, nothing is lost."""

from __future__ import annotations

from datetime import date

import pytest

from bot.config import DEFAULT
from bot.engine.fix import Fixer
from bot.engine.plan import plan
from bot.engine.read import load
from bot.model.change import ChangedFile, ChangeSet, Hunk
from bot.model.plan import Remark
from bot.model.review import Standing
from bot.rule.load import load_rules
from bot.workflows.check_change import check_change
from bot.workflows.check_path import Asked
from tests.conftest import ROOT

RULES = load_rules()
FILES = sorted((ROOT / "rules").glob("*/examples/fail/*.y*ml"))
ASKED = Asked(rules=RULES, config=DEFAULT, today=date(2026, 11, 25), is_informed=True)
HUNKS = {"one hunk": 10_000, "hunks of nine lines": 9}


def added(data: bytes, size: int) -> ChangeSet:
    """A new file whose diff comes in hunks of some lines."""
    count = data.count(b"\n") + 1
    hunks = tuple(
        Hunk(
            start=first,
            end=(last := min(first + size - 1, count)),
            added=frozenset(range(first, last + 1)),
        )
        for first in range(1, count + 1, size)
    )
    return ChangeSet(files=(ChangedFile(path="a.yaml", status="added", data=data, hunks=hunks),))


def remarks(data: bytes, size: int) -> tuple[Remark, ...]:
    """What a review would say of the file."""
    changes = added(data, size)
    report, view = check_change(changes, ASKED)
    fixer = Fixer(RULES, DEFAULT, view)
    return plan(report, changes, fixer, DEFAULT, Standing()).remarks


def batch(data: bytes, said: tuple[Remark, ...]) -> bytes:
    """The file after all suggestions: lines for lines, from below, as their numbers are the old."""
    lines = data.decode().split("\n")
    wanted = [one.suggestion for one in said if one.suggestion is not None]
    for suggestion in sorted(wanted, key=lambda one: -one.start):
        lines[suggestion.start - 1 : suggestion.end] = suggestion.lines
    return "\n".join(lines).encode()


def findings(data: bytes) -> set[tuple[str, str | None, str]]:
    report, _ = check_change(added(data, 10_000), ASKED)
    assert not [one for one in report.skipped if "YAML" in one.reason]
    return {(one.rule, one.container, one.field) for one in report.findings}


@pytest.mark.parametrize("size", HUNKS.values(), ids=HUNKS)
def test_suggestions_applied_together_mend_what_they_promise_and_break_nothing(size: int) -> None:
    tried = 0
    for path in FILES:
        data = path.read_bytes()
        said = remarks(data, size)
        fixed = [f for one in said if one.suggestion for f in one.suggestion.fixes]
        if not fixed:
            continue
        tried += 1
        before, after = findings(data), findings(batch(data, said))
        assert after <= before, path
        assert not {(f.rule, f.container, f.field) for f in fixed} & after, path
        hunks = added(data, size).files[0].hunks or ()
        for one in said:
            if one.suggestion is not None:
                first, last = one.suggestion.start, one.suggestion.end
                assert any(hunk.start <= first <= last <= hunk.end for hunk in hunks), path
    assert tried > len(FILES) // 5


def test_a_file_with_carriage_returns_gets_no_suggestion() -> None:
    for path in FILES[::7]:
        data = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        assert load("a.yaml", data)
        assert all(one.suggestion is None for one in remarks(data, 10_000))
