"""Whatever stands in a manifest, the look at it ends, soon, and raises nothing."""

# ruff: noqa: SIM905  # pieces read best as text

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.kubernetes.secret import classify, in_command, in_entry, in_env, in_secret
from bot.kubernetes.secret_name import promise

SIZE = 100_000
PIECES = (
    'a|password=|://|://a:|a:b@|x:|password="|{"password":|-----BEGIN |-----BEGIN PRIVATE KEY-----|'
    "LS0tLS1CRUdJTi|eyJ|eyJhbGciOi.|$(|${|{{|<|[[|`|Bearer |Basic AAAA|token-|password: \n|"
    'key: "value" token\n|mysql -p \'|;|\\"|a.|deadbeef01|secret |xoxb-1-|USER a WITH |AccountKey=|'
    "&sig=|glpat-|/|=|'|USER x PASSWORD |\n|\r\n|é|0"
).split("|")
LOOKS: dict[str, Callable[[str], object]] = {
    "env": lambda text: classify("DB_PASSWORD", text),
    "env of no promise": lambda text: classify("SETTING", text),
    "script": lambda text: list(in_command(["sh", "-c", text])),
    "words": lambda text: list(in_command([text, f"--x={text}"])),
    "ConfigMap": lambda text: in_entry("app.yaml", f"{text}\n{text}"),
    "program": lambda text: in_entry("app.py", f"x\n{text}"),
    "Secret": lambda text: in_secret("key", text, encoded=False),
    "data of a Secret": lambda text: in_secret("key", text, encoded=True),
}


@pytest.mark.parametrize("look", LOOKS)
def test_no_text_keeps_it_busy(look: str) -> None:
    for piece in PIECES:
        text = piece * (SIZE // len(piece))
        start = time.process_time()
        LOOKS[look](text)
        # the limit of a whole file is 2 s; what grows faster than the text takes minutes here
        assert time.process_time() - start < 2, piece


TEXT = st.text(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=20).map("".join)


@settings(max_examples=300, deadline=None)
@given(name=TEXT, value=TEXT)
def test_any_text_gets_a_verdict_with_a_place_inside_of_it(name: str, value: str) -> None:
    promise(name)
    verdict = classify(name, value)
    assert 0 <= verdict.start <= verdict.end <= len(value.strip())
    assert bool(verdict) == bool(verdict.reason)
    for encoded in (False, True):
        in_secret(name, value, encoded=encoded)
    found = in_entry(name, value)
    assert found is None or 1 <= found.at <= value.count("\n") + 1


@settings(max_examples=200, deadline=None)
@given(words=st.lists(TEXT, max_size=6))
def test_any_command_line_gets_verdicts_at_its_own_words(words: list[str]) -> None:
    for one in in_command(words):
        assert 0 <= one.verdict.start <= one.verdict.end <= len(words[one.at])


@pytest.mark.parametrize(
    "env",
    [None, "x", 7, {}, [], [None], ["x"], [{}], [{"name": None, "value": None}],
     [{"name": "DB_PASSWORD", "value": True}], [{"name": "DB_PASSWORD", "value": ["x"]}],
     [{"name": "DB_PASSWORD", "value": 1.5}], [{"name": ["x"], "value": "y"}],
     [{"value": "x"}]],
    ids=str,
)  # fmt: skip
def test_what_is_no_list_of_variables_holds_no_secret(env: object) -> None:
    assert list(in_env(env)) == []


def test_a_number_is_read_as_the_text_that_it_is_written_as() -> None:
    found = list(in_env([{"name": "DB_PASSWORD", "value": 20241231}]))
    assert [(one.index, one.name) for one in found] == [(0, "DB_PASSWORD")]
