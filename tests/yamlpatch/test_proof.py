"""The proof of an edit, given edits that are wrong: each is refused for what is wrong with it."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.yamlpatch import Edit, NewDocument, Patch, Refused, Set, apply_edits, edit, read, witness
from bot.yamlpatch.excerpt import excerpt
from bot.yamlpatch.patch import places
from bot.yamlpatch.proof import demand_witness, prove
from bot.yamlpatch.segments import Segments
from tests.yamlpatch import layouts

TWO = Set(document=0, path=("b",), value=2)


def added(text: str, where: str) -> Edit:
    """An edit that puts a text at the end of another."""
    return Edit(start=len(where), end=len(where), text=text)


WRONG: dict[str, tuple[str, Edit, list[Patch], str]] = {
    "no YAML": ("a: 1\n", added("b: [\n", "a: 1\n"), [TWO], "would not be readable"),
    "another value": ("a: 1\n", added("b: 3\n", "a: 1\n"), [TWO], "something else"),
    "a string for a number": ("a: 1\n", added('b: "2"\n', "a: 1\n"), [TWO], "something else"),
    "one key too many": ("a: 1\n", added("b: 2\nc: 3\n", "a: 1\n"), [TWO], "something else"),
    "a swallowed key": ("a: |\n  x\n", added("  b: 2\n", "a: |\n  x\n"), [TWO], "something else"),
    "one more document": ("a: 1\n", added("---\nb: 2\n", "a: 1\n"), [TWO], "number of documents"),
    "another new document": (
        "a: 1\n",
        added("---\nb: 3\n", "a: 1\n"),
        [NewDocument(value={"b": 2})],
        "new document would mean",
    ),
    "a comment that is new": ("a: 1\n", added("b: 2 # x\n", "a: 1\n"), [TWO], "a comment"),
    "a comment that is gone": (
        "a: 1 # x\n",
        Edit(start=4, end=9, text="\nb: 2\n"),
        [TWO],
        "a comment",
    ),
    "no JSON any more": ('{"a": 1}', Edit(start=7, end=7, text=", b: 2"), [TWO], "is JSON"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_edit_fails_its_proof(case: str) -> None:
    before, change, patches, reason = WRONG[case]
    with pytest.raises(Refused, match=reason):
        prove(read(before.encode()), [change], patches)


def test_a_right_edit_is_proved() -> None:
    after = prove(read(b"a: 1 # x\n"), [added("b: 2\n", "a: 1 # x\n")], [TWO])
    assert after.value(0) == {"a": 1, "b": 2}


# -- the second reader


def test_what_only_libyaml_reads_is_refused() -> None:
    """ruamel.yaml takes no tab behind a colon: an edit that makes one is not proved."""
    before, change = read(b"a: 1\n"), added("b:\t2\n", "a: 1\n")
    after = prove(before, [change], [TWO])
    with pytest.raises(Refused, match=r"second reader, ruamel\.yaml"):
        demand_witness(before, after, [change], [TWO])


def test_a_reader_that_cannot_read_the_original_is_no_witness() -> None:
    data = b"a: 1\t# why\n"
    assert not witness.agrees(read(data), [0])
    assert edit(data, [TWO]).data == b"a: 1\t# why\nb: 2\n"


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\n",
        "---\na: &x [1]\nb: *x\n",
        "%YAML 1.1\n---\na: yes\n...\n---\nb: !!str 1\n",
        "a: \"x\\ty\"\nb: 'it''s'\nc: |+\n  z\n\n",
        "? a\n: b\n",
        '{"a": {"b": [1, true, null]}}\n',
    ],
)
def test_both_readers_read_the_same(text: str) -> None:
    stream = read(text.encode())
    assert witness.agrees(stream, range(len(stream.documents)))


def test_both_readers_differ_where_the_text_does() -> None:
    one, other = read(b"a: [1, 2]\n"), read(b"a: [1, 3]\n")
    one.documents = other.documents  # type: ignore[assignment]  # a stream that lies
    assert not witness.agrees(one, [0])


def test_the_second_reader_sees_the_edit_and_what_it_stands_in() -> None:
    text = "kind: Pod\nmetadata:\n  name: x\nspec:\n  a: 1\n  b:\n  - c: 1\n    d: 2\n    e: 3\n  f: 4\n"
    edited = edit(text.encode(), [Set(document=0, path=("spec", "b", 0, "g"), value=5)])
    stream = read(edited.data)
    seen = excerpt(stream, stream.documents[0], places(edited.edits))
    assert seen.text == "spec:\n  b:\n  - c: 1\n    e: 3\n    g: 5\n  f: 4\n"


def test_what_is_tied_to_other_places_is_not_left_out() -> None:
    text = "a: &x 1\nb: 2\nc: 3\nd: 4\ne: *x\n"
    stream = read(text.encode())
    end = text.index("d: 4")
    assert (
        excerpt(stream, stream.documents[0], [(end, end + 4)]).text
        == "a: &x 1\nc: 3\nd: 4\ne: *x\n"
    )


@given(seed=st.integers(0, 2**32))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_an_excerpt_is_read_as_the_same_places_of_the_whole(seed: int) -> None:
    r = Random(seed)
    stream = read(layouts.write(r, 4).text.encode())
    for document in stream.documents:
        at = r.randint(document.start, document.end)
        whole = witness.agrees(stream, [document.index])
        assert not whole or witness.agrees(stream, [document.index], [(at, at)])


# -- edits on top of edits


@given(st.text("ab\n", max_size=30), st.integers(0, 2**32))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_edits_of_edits_are_edits_of_the_first_text(text: str, seed: int) -> None:
    r, segments, now = Random(seed), Segments(len(text)), text
    for _ in range(3):
        cuts = sorted(r.randint(0, len(now)) for _ in range(4))
        changes = [
            Edit(start=cuts[0], end=cuts[1], text=r.choice(["", "x", "yy"])),
            Edit(start=cuts[2], end=cuts[3], text=r.choice(["", "z"])),
        ]
        segments.apply(changes)
        now = apply_edits(now, changes)
    assert apply_edits(text, segments.edits()) == now
