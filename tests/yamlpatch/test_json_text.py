"""JSON that libyaml refuses is read as kubectl reads it, with places."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.yamlpatch import Unreadable, read, read_json

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below, max_size=3)
    ),
    max_leaves=8,
)
some = settings(  # a busy machine draws slowly
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


def values(text: str) -> list[Any]:
    stream = read_json(text.encode())
    return [stream.value(document.index) for document in stream.documents]


def test_values_in_a_row_are_documents() -> None:
    assert values('{"a": 1}{"b": [2, {"c": null}]}\n\n[true]') == [
        {"a": 1},
        {"b": [2, {"c": None}]},
        [True],
    ]


def test_escapes_in_pairs_are_one_character_and_half_a_pair_is_replaced() -> None:
    assert values(r'{"a": "\ud83d\ude00", "b": "\ud83d"}') == [{"a": "😀", "b": "\ufffd"}]


def test_places_count_from_the_start_of_the_file() -> None:
    stream = read_json(b'\xef\xbb\xbf{"a": 1}\n{\n\t"b": {"c": "x"}\n}\n')
    spot, depth = stream.locate(1, ("b", "c"))
    assert (spot.line, spot.column, spot.end_line, depth) == (3, 8, 3, 2)
    spot, depth = stream.locate(1, ("b", "d"))
    assert (spot.line, spot.column, depth) == (3, 2, 1)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{"a": 1', 1), ('{"a" 1}', 1), ("{a: 1}", 1), ('{"a": 1,}', 1), ("[1,]", 1), ("[1 2]", 1),
        ('{"a":\n nope}', 2), ('"a\n"', 1), (r'"\x"', 1), ("[" * 300, 1), ("}", 1), ("+1", 1),
    ],
)  # fmt: skip
def test_what_is_no_json_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(Unreadable) as caught:
        read_json(text.encode())
    assert caught.value.line == line


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(Unreadable, match="not UTF-8"):
        read_json(b'{"a": "\xff"}')


@some
@given(ANY, st.sampled_from([None, 1, "\t"]))
def test_what_python_writes_is_read_back(value: Any, indent: Any) -> None:
    (read_back,) = values(json.dumps(value, indent=indent))
    assert read_back == value


@some
@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), ANY, min_size=1, max_size=4))
def test_both_readers_agree_on_json_that_both_read(value: Any) -> None:
    data = json.dumps(value, ensure_ascii=False, indent=1).encode()
    try:
        plain = read(data)
    except Unreadable:
        return
    other = read_json(data)
    for key in value:
        assert plain.locate(0, (key,)) == other.locate(0, (key,))
