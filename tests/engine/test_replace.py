"""Replacements turn the old text into the new one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.engine.replace import replacements

TEXTS = st.lists(st.sampled_from(["a\n", "b\n", "\n", "c\r\n", "ä\n", "d"]), max_size=8).map(
    "".join
)


@given(TEXTS, TEXTS)
def test_what_is_replaced_is_the_new_text(old: str, new: str) -> None:
    starts = [0]
    for line in old.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    text = old
    for one in reversed(replacements(old.encode(), new.encode())):
        start = starts[one.line - 1] + one.column - 1
        end = starts[one.end_line - 1] + one.end_column - 1
        assert 0 <= start <= end <= len(old)
        text = text[:start] + one.text + text[end:]
    assert text == new


def test_what_is_no_text_is_not_replaced() -> None:
    assert replacements(b"\xff", b"a") == ()
    assert replacements("\ufeffa\n".encode(), "\ufeffb\n".encode())[0].text == "b\n"
