"""Edits by example: the text before, the patch, the text after."""

from __future__ import annotations

from typing import Any

import pytest

from bot.yamlpatch import Append, Patch, Refused, Remove, Set, Unreadable, edit, read


def put(*path: Any, value: Any) -> Set:
    return Set(document=0, path=path, value=value)


def add(*path: Any, value: Any) -> Append:
    return Append(document=0, path=path, value=value)


CASES: dict[str, tuple[str, list[Patch], str]] = {
    "a key in a block": ("a: 1\n", [put("b", value=2)], "a: 1\nb: 2\n"),
    "a nested mapping": (
        "a:\n    b: 1\n",
        [put("a", "c", "d", value=2)],
        "a:\n    b: 1\n    c:\n        d: 2\n",
    ),
    "before a dedented comment": (
        "a:\n  b: 1\n# end\n",
        [put("a", "c", value=2)],
        "a:\n  b: 1\n  c: 2\n# end\n",
    ),
    "after a deeper comment": (
        "a:\n  b: 1\n  c:\n    - x\n    # y\n",
        [put("a", "d", value=1)],
        "a:\n  b: 1\n  c:\n    - x\n    # y\n  d: 1\n",
    ),
    "a scalar keeps its comment": ("a: true # why\n", [put("a", value=False)], "a: false # why\n"),
    "a quote stays": ("a: 'x'\n", [put("a", value="y")], "a: 'y'\n"),
    "a list item": ("a:\n  - b\n", [add("a", value="c")], "a:\n  - b\n  - c\n"),
    "a list at its key": ("a:\n- b\n", [add("a", value="c")], "a:\n- b\n- c\n"),
    "no final newline": ("a: 1", [put("b", value=2)], "a: 1\nb: 2"),
    "crlf": (
        "a: 1\r\nb:\r\n  c: 1\r\n",
        [put("b", "d", value=2)],
        "a: 1\r\nb:\r\n  c: 1\r\n  d: 2\r\n",
    ),
    "empty value": ("a: # note\nb: 1\n", [put("a", "c", value=2)], "a: # note\n  c: 2\nb: 1\n"),
    "empty mapping": ("a: {}\nb: 1\n", [put("a", "c", value=2)], "a:\n  c: 2\nb: 1\n"),
    "flow mapping": ("a: {b: 1}\n", [put("a", "c", value=2)], "a: {b: 1, c: 2}\n"),
    "flow list": ("a: [x]\n", [add("a", value="z")], "a: [x, z]\n"),
    "json": ('{"a": {"b": 1}}\n', [put("a", "c", value="d")], '{"a": {"b": 1, "c": "d"}}\n'),
    "what looks like a boolean is quoted": ("a: b\n", [put("c", value="yes")], 'a: b\nc: "yes"\n'),
    "a key goes": ("a: 1\nb: 2\nc: 3\n", [Remove(document=0, path=("b",))], "a: 1\nc: 3\n"),
    "the first key of an item goes": (
        "- a: 1\n  b: 2\n",
        [Remove(document=0, path=(0, "a"))],
        "- b: 2\n",
    ),
    "the only key goes": (
        "x:\n  a: 1\ny: 2\n",
        [Remove(document=0, path=("x", "a"))],
        "x: {}\ny: 2\n",
    ),
    "document end": ("---\na: 1\n...\n", [put("b", value=2)], "---\na: 1\nb: 2\n...\n"),
    "keep-chomped scalar": (
        "a: |+\n  x\n\nb: 1\n",
        [put("c", value=2)],
        "a: |+\n  x\n\nb: 1\nc: 2\n",
    ),
    "equal items are one": ("a: [x]\n", [add("a", value="x")], "a: [x]\n"),
    "two below an absent key": (
        "a: 1\n",
        [put("b", "c", value=1), put("b", "d", value=2)],
        "a: 1\nb:\n  c: 1\n  d: 2\n",
    ),
}
REFUSED: dict[str, tuple[str, list[Patch], str]] = {
    "alias": ("a: &x {b: 1}\nc: *x\n", [put("c", "d", value=1)], "alias"),
    "shared anchor": ("a: &x\n  b: 1\nc: *x\n", [put("a", "d", value=1)], "in another place"),
    "merge key": (
        "a: &x\n  b: {d: 1}\nc:\n  <<: *x\n",
        [put("c", "b", "e", value=1)],
        "alias|merge",
    ),
    "sops": ("a: 1\nsops:\n  mac: x\n", [put("b", value=1)], "SOPS"),
    "twice": ("a:\n  b: 1\na:\n  b: 2\n", [put("a", "b", value=1)], "twice"),
    "contradiction": ("a: 1\n", [put("b", value=1), put("b", value=2)], "contradict"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_edit_is_exactly_this(case: str) -> None:
    before, patches, after = CASES[case]
    assert edit(before.encode(), patches).data.decode() == after
    assert edit(after.encode(), [p for p in patches if not isinstance(p, Remove)]).edits == ()


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_safe_is_refused_with_a_reason(case: str) -> None:
    before, patches, reason = REFUSED[case]
    with pytest.raises(Refused, match=reason):
        edit(before.encode(), patches)


@pytest.mark.parametrize(
    "data",
    [b"[" * 30_000, b"- " * 100_000, b"{" * 50_000, b"a: \xff", b"a: \x00", b"a: *b\n", b"a: [\n"],
    ids=["brackets", "dashes", "braces", "latin", "nul", "alias", "open"],
)
def test_hostile_input_is_unreadable_and_harmless(data: bytes) -> None:
    with pytest.raises(Unreadable):
        read(data)


def test_an_alias_bomb_is_named() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]
    with pytest.raises(Unreadable, match="bomb"):
        read("\n".join(lines).encode()).value(0)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", True),
        ("on", True),
        ("y", True),
        ("n", False),
        ("tRue", "tRue"),
        ("0777", 511),
        ("0o777", 511),
        ("1e3", 1000),
        ("0x1F", 31),
        ("1_000", 1000),
        ("22:22", "22:22"),
        ("2020-01-01", "2020-01-01"),
        ("=", "="),
        ("~", None),
        ("'yes'", "yes"),
        ("0888", 888),
    ],
)
def test_scalars_are_read_as_kubernetes_reads_them(text: str, value: Any) -> None:
    assert read(f"a: {text}\n".encode()).value(0)["a"] == value
