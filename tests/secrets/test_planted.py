"""Every kind of secret and every look-alike, planted."""

from __future__ import annotations

import pytest

from bot.kubernetes.secret import classify
from bot.kubernetes.secret_judge import judge
from tests.secrets.measure import Score
from tests.secrets.planted import ROWS, Planted


def name(row: Planted) -> str:
    return f"{row.kind}: {row.name}"


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_a_planted_entry_is_what_a_reviewer_says(row: Planted) -> None:
    assert classify(row.name, row.value).kind == row.want


def test_precision_and_recall_on_the_planted_entries() -> None:
    score = Score()
    for row in ROWS:
        score.add(name(row), found=bool(classify(row.name, row.value)), secret=row.want != "none")
    print(f"{len(ROWS)} planted entries: {score}")
    assert len(ROWS) >= 300
    assert score.precision >= 0.95, score.false
    assert score.recall >= 0.95, score.missed


@pytest.mark.parametrize("row", ROWS, ids=name)
def test_the_cheap_look_loses_nothing(row: Planted) -> None:
    assert classify(row.name, row.value) == judge(row.name, row.value.strip())


@pytest.mark.parametrize("row", [row for row in ROWS if row.want != "none"], ids=name)
def test_a_verdict_says_where_the_secret_stands_and_never_what_it_is(row: Planted) -> None:
    verdict = classify(row.name, row.value)
    text = row.value.strip()
    assert 0 <= verdict.start < verdict.end <= len(text)
    secret = text[verdict.start : verdict.end]
    if verdict.kind == "certain":  # a default may be the word "password", as the reason is
        assert secret not in repr(verdict)
    if verdict.part != "whole":
        assert len(secret) < len(text)
