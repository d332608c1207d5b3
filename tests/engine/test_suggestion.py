"""Whatever a fix changes: the lines that a suggestion replaces turn the old text into the new."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from bot.engine.fix import Fixed
from bot.engine.plan import _replacements, overlap
from bot.model.plan import Suggestion

LINES = st.lists(st.sampled_from(["a", "b", "", "  c", "`"]), max_size=8)
TEXT = st.builds(lambda lines, end: "\n".join(lines) + end, LINES, st.sampled_from(["", "\n"]))


def applied(text: str, suggestion: Suggestion) -> str:
    """What GitHub's button does: lines for lines, the final line break is none of them."""
    lines = text.split("\n")
    lines[suggestion.start - 1 : suggestion.end] = suggestion.lines
    return "\n".join(lines)


def of(old: str, new: str) -> list[Suggestion]:
    fixed = Fixed(path="pod.yaml", data=new.encode(), applied=(), left=())
    return list(_replacements(old.encode(), fixed))


@given(TEXT, TEXT)
@example("a\nb\n", "a\nx\nb\n")
@example("a\n", "x\na\n")
@example("a", "a\nb")
@example("a\nb\n", "a\n")
def test_each_replacement_makes_the_new_text_of_lines_that_are_there(old: str, new: str) -> None:
    count = len(old.split("\n")) - old.endswith("\n")
    for suggestion in of(old, new):
        assert 1 <= suggestion.start <= suggestion.end <= count
        assert applied(old, suggestion) == new


def test_an_insertion_may_stand_on_the_line_before_or_on_the_one_behind() -> None:
    spans = [(s.start, s.end, s.lines) for s in of("a\nb\n", "a\nx\nb\n")]
    assert spans == [(1, 1, ("a", "x")), (2, 2, ("x", "b"))]


def test_runs_that_share_a_line_overlap() -> None:
    assert overlap((1, 3), (3, 4))
    assert overlap((2, 2), (1, 9))
    assert not overlap((1, 2), (3, 3))
