"""Real manifests, every kind of edit, every layout: right, or refused with a reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.yamlpatch import Patch, Refused, Remove, apply_edits, edit, read
from bot.yamlpatch.comments import comments
from tests.yamlpatch import oracle
from tests.yamlpatch.corpora import KINDS, LAYOUTS, manifests, pods, unrelated
from tests.yamlpatch.test_invariants import shifts

# what may be refused on real manifests, by the kind of edit: everything else is a gap
EXPECTED = {
    (
        "remove resources",
        "a comment stands inside what would be removed, and would go with it",
    ),
}


@pytest.fixture(scope="module")
def files(shared: Path) -> dict[str, bytes]:
    """The files with pods in them."""
    return {name: data for name, data in manifests(shared).items() if pods(data)}


def made(data: bytes, patches: Sequence[Patch]) -> None:
    """Make an edit and hold it against hands that are not podsec's. Raises Refused."""
    edited = edit(data, patches)
    before, after = data.decode(), edited.data.decode()
    old, new = before.removeprefix("\ufeff"), after.removeprefix("\ufeff")
    assert oracle.same(oracle.read_plainly(new), oracle.apply(oracle.read_plainly(old), patches))
    assert comments(read(edited.data)) == comments(read(data))
    assert apply_edits(old, edited.edits) == new
    assert unrelated(before, after, edited.edits) == 0
    again = [one for one in patches if not isinstance(one, Remove) or not shifts(one)]
    assert edit(edited.data, again).edits == ()


def tried(
    files: dict[str, bytes], layout: str, kinds: Sequence[str]
) -> tuple[int, Counter[tuple[str, str]]]:
    """How many edits were made, and why others were not. Each file gets one kind, or the only one."""
    count = 0
    reasons: Counter[tuple[str, str]] = Counter()
    for number, data in enumerate(files.values()):
        changed = LAYOUTS[layout](data)
        if changed is None:
            continue
        kind = kinds[number % len(kinds)]
        patches = KINDS[kind](pods(changed))
        if not patches:
            continue
        try:
            made(changed, patches)
        except Refused as error:
            reasons[kind, re.sub(r"[&*]\w+|'[^']*'|\d+", "…", error.reason)] += 1
        else:
            count += 1
    return count, reasons


@pytest.mark.parametrize("kind", KINDS)
def test_every_edit_of_real_manifests_is_right(files: dict[str, bytes], kind: str) -> None:
    count, reasons = tried(files, "as it is", [kind])
    assert count > 5
    assert {why for why in reasons if why not in EXPECTED} == set()
    assert reasons.total() <= count / 10


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name != "as it is"])
def test_every_layout_of_real_manifests_is_edited_right(
    files: dict[str, bytes], layout: str
) -> None:
    count, reasons = tried(files, layout, list(KINDS))
    assert count > 50
    assert {why for why in reasons if why not in EXPECTED} == set()
    assert reasons.total() <= count / 10


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_says_of_pods_what_the_file_says(files: dict[str, bytes], layout: str) -> None:
    """Else the tests above would edit something else."""
    for name, data in files.items():
        changed = LAYOUTS[layout](data)
        if changed is not None:
            old, new = ([pod.spec for pod in pods(one)] for one in (data, changed))
            assert oracle.same(old, new), name
