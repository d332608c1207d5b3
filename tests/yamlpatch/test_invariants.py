"""Invariants of edits, over random trees in random layouts and random patches (Hypothesis)."""

from __future__ import annotations

from random import Random

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from bot.yamlpatch import Insert, Patch, Refused, Remove, apply_edits, edit, read
from tests.yamlpatch import layouts, oracle
from tests.yamlpatch.random_patches import patch

CASES = settings(
    max_examples=600,
    deadline=None,
    derandomize=True,  # the same cases on every machine; a campaign is run with other seeds
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
SEEDS = st.integers(min_value=0, max_value=2**32)
SIZES = st.integers(min_value=2, max_value=5)


def drawn(seed: int, size: int, count: int) -> tuple[layouts.Written, list[Patch]]:
    """A file and patches of it that have a meaning, all from one seed: failures name it."""
    r = Random(seed)
    written = layouts.write(r, size)
    draws = (patch(r, written.documents, json=written.json) for _ in range(count))
    return written, [found for found in draws if found is not None]


@given(seed=SEEDS, size=SIZES)
@CASES
def test_a_layout_reads_as_the_tree_that_it_was_written_from(seed: int, size: int) -> None:
    written = layouts.write(Random(seed), size)
    stream = read(written.text.encode())
    values = [stream.value(document.index) for document in stream.documents]
    assert oracle.same(values, written.documents)
    assert oracle.same(oracle.read_plainly(written.text.removeprefix("\ufeff")), written.documents)


@given(seed=SEEDS, size=SIZES, count=st.sampled_from([1, 1, 2, 3]))
@CASES
def test_an_edit_does_what_its_patches_say_and_nothing_else(
    seed: int, size: int, count: int
) -> None:
    written, patches = drawn(seed, size, count)
    assume(patches)
    try:
        expected = oracle.apply(written.documents, patches)
    except (oracle.Impossible, LookupError, TypeError, AttributeError):
        assume(False)
        return
    data = written.text.encode()
    try:
        edited = edit(data, patches)
    except Refused:
        event("refused")
        return
    event("made")
    after = edited.data.decode()
    assert oracle.same(oracle.read_plainly(after.removeprefix("\ufeff")), expected)
    assert layouts.comments_of(after) == written.comments
    assert_untouched(written.text, after, edited.edits)
    if not any(shifts(one) for one in patches):
        assert edit(edited.data, patches).edits == ()


def shifts(one: Patch) -> bool:
    """Whether a patch moves list items, so that it means another place the second time."""
    return isinstance(one, Insert) or (isinstance(one, Remove) and isinstance(one.path[-1], int))


def assert_untouched(before: str, after: str, edits: object) -> None:
    """What lies outside the edits stands in the result, in order, byte for byte."""
    old, new = before.removeprefix("\ufeff"), after.removeprefix("\ufeff")
    assert before.startswith("\ufeff") == after.startswith("\ufeff")
    assert apply_edits(old, edits) == new  # type: ignore[arg-type]  # the edits of an Edited
    position = found = 0
    for change in edits:  # type: ignore[attr-defined]  # the same
        kept = old[position : change.start]
        assert new[found : found + len(kept)] == kept
        found += len(kept) + len(change.text)
        position = change.end
    assert new[found:] == old[position:]


@given(seed=SEEDS, size=SIZES)
@CASES
def test_a_single_patch_with_one_meaning_and_one_place_is_rarely_refused(
    seed: int, size: int
) -> None:
    """Refusals have reasons: comments in what is replaced, anchors, JSON that holds one document."""
    written, patches = drawn(seed, size, 1)
    assume(patches)
    try:
        oracle.apply(written.documents, patches)
    except (oracle.Impossible, LookupError, TypeError, AttributeError):
        assume(False)
    reason = refusal(written.text.encode(), patches)
    expected = ("a comment ", "a JSON file holds one document", "an empty value with an anchor")
    assert reason is None or "&a" in written.text or reason.startswith(expected)


def refusal(data: bytes, patches: list[Patch]) -> str | None:
    try:
        edit(data, patches)
    except Refused as refused:
        return refused.reason
    return None
