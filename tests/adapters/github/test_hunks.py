"""Laws of GitHub's patches, on real ones that git makes."""

from __future__ import annotations

import itertools
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from bot.adapters.github.hunks import PatchError, added_text, before, hunks

LINE = st.sampled_from(
    [
        "a",
        "b",
        "",
        " ",
        "-- x",
        "++ y",
        "@@ -1 +1 @@",
        "\\ No newline",
        "\x0b",
        "\x0c",
        "é",
        "\u2028",
        "\r",
        "x\r",
        "\x85",
        "- name: app",
        "diff --git a/x b/x",
        "--- a",
        "+++ b",
    ]
)
LINES = st.lists(LINE, max_size=30)
TEXT = st.builds(lambda lines, end: "\n".join(lines) + end, LINES, st.sampled_from(["", "\n"]))
EDITS = st.lists(
    st.tuples(st.integers(0, 29), st.sampled_from(["drop", "add", "change"]), LINE), max_size=6
)
MANY = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def edited(text: str, edits: list[tuple[int, str, str]], end: str) -> str:
    lines = text.removesuffix("\n").split("\n")
    for place, kind, line in edits:
        at = min(place, len(lines))
        if kind == "add":
            lines.insert(at, line)
        elif at < len(lines):
            lines[at : at + 1] = [] if kind == "drop" else [line]
    return "\n".join(lines) + end


def patch_of(folder: Path, old: str | None, new: str) -> str | None:
    """What GitHub shows of a change: git's hunks, from the first header, without the last break."""
    for name, text in (("old", old), ("new", new)):
        (folder / name).write_bytes((text or "").encode())
    before_name = "old" if old is not None else os.devnull
    done = subprocess.run(
        ["git", "diff", "--no-index", "--no-color", "--text", "-U3", "--", before_name, "new"],
        cwd=folder,
        capture_output=True,
        check=False,
        env={"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "HOME": "/nonexistent"},
    )
    text = done.stdout.decode()
    start = text.find("\n@@ ")
    return None if start < 0 else text[start + 1 :].removesuffix("\n")


@MANY
@given(TEXT, EDITS, st.sampled_from(["", "\n"]))
@example("", [(0, "change", "x")], "")
@example("x\n", [(0, "drop", "")], "")
@example("a\nb", [(0, "drop", "")], "")
def test_the_text_before_follows_from_the_patch_and_the_text_after(
    tmp_path: Path, old: str, edits: list[tuple[int, str, str]], end: str
) -> None:
    new = edited(old, edits, end)
    patch = patch_of(tmp_path, old, new)
    assume(patch is not None)
    assert patch is not None
    assert before(patch, new) == old


@MANY
@given(TEXT, EDITS, st.sampled_from(["", "\n"]))
def test_hunks_show_the_lines_that_git_shows_and_mark_the_added_ones(
    tmp_path: Path, old: str, edits: list[tuple[int, str, str]], end: str
) -> None:
    new = edited(old, edits, end)
    patch = patch_of(tmp_path, old, new)
    assume(patch is not None)
    assert patch is not None
    lines = new.split("\n")
    found = hunks(patch)
    rows = patch.split("\n")
    added = [line for hunk in found for line in sorted(hunk.added)]
    assert len(set(added)) == len(added)
    assert [f"+{lines[number - 1]}" for number in added] == [
        row for row in rows if row.startswith("+") and row[1:] in lines
    ][: len(added)]
    for hunk in found:
        assert all(hunk.start <= number <= hunk.end for number in hunk.added)
    for one, other in itertools.pairwise(found):
        assert one.end < other.start


@MANY
@given(TEXT)
def test_an_added_file_follows_from_its_patch_alone(tmp_path: Path, text: str) -> None:
    patch = patch_of(tmp_path, None, text)
    assume(patch is not None)
    assert patch is not None
    assert added_text(patch) == text


@MANY
@given(TEXT, st.data())
def test_a_patch_that_is_cut_is_no_patch(tmp_path: Path, text: str, data: st.DataObject) -> None:
    patch = patch_of(tmp_path, None, text)
    assume(patch is not None)
    assert patch is not None
    whole = patch.removesuffix("\n\\ No newline at end of file").split("\n")
    rows = data.draw(st.integers(1, len(whole) - 1))
    with pytest.raises(PatchError):
        hunks("\n".join(whole[:rows]))


def test_a_patch_of_another_text_does_not_fit(tmp_path: Path) -> None:
    patch = patch_of(tmp_path, "a\nb\n", "a\nc\n")
    assert patch is not None
    assert before(patch, "a\nd\n") is None


@pytest.mark.parametrize(
    "patch", ["", "text", "@@ -1 +1 @@\n?x", "@@ broken @@", "@@ -1,2 +1 @@\n x"]
)
def test_what_is_no_patch_is_refused(patch: str) -> None:
    with pytest.raises(PatchError):
        hunks(patch)
