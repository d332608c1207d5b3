"""The fast reader reads what the full reader reads, or says that it does not vouch."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.yamlpatch import Odd, Unreadable, outline, plain, read

ROOT = Path(__file__).resolve().parent.parent.parent
HEAD = "apiVersion: v1\nkind: Pod\n"
TRICKY = {
    "empty": "",
    "only comments": "# a\n# b\n",
    "comments before the separator": "# a\n---\n" + HEAD,
    "two separators": HEAD + "---\n---\n" + HEAD,
    "a separator in a block scalar": HEAD + "x: |\n  a\n  ---\n  b\n",
    "crlf": (HEAD + "x:\n  - a: 1\n").replace("\n", "\r\n"),
    "a lone carriage return": HEAD + "x: 'a\rb'\n",
    "a byte order mark": "\ufeff" + HEAD,
    "a next-line character": HEAD + "x: a\u0085y: b\n",
    "duplicate keys": HEAD + "x: 1\nx: 2\n",
    "an anchor alone": HEAD + "x: &a {b: 1}\n",
    "an alias": HEAD + "x: &a {b: 1}\ny: *a\n",
    "a merge key without an alias": HEAD + "x: {<<: {a: 1}, b: 2}\n",
    "a quoted merge key": HEAD + 'x: {"<<": {a: 1}}\n',
    "tags": HEAD + "x: !!str 1\ny: ! 1\nz: !foo a\n",
    "empty values": HEAD + "x:\ny: ~\nz:\n  a:\n",
    "a block scalar with blank lines after it": HEAD + "x: |\n  a\n\n\ny: 1\n",
    "an escaped key": '"k\\x69nd": Pod\n"apiVersio\\u006e": v1\nx: 1\n',
    "a document end": HEAD + "...\n",
    "a directive": "%YAML 1.1\n---\n" + HEAD,
    "a collection for a key": HEAD + "x: {? [a, b] : 1}\n",
    "json": '{"apiVersion": "v1", "kind": "Pod", "x": [1, {"a": null}]}',
    "deep flow": HEAD + "x: " + "[" * 3000 + "]" * 3000,
    "deep dashes": HEAD + "x:\n" + "- " * 3000 + "a\n",
    "no object": "a: 1\n---\nb: [1, 2]\n",
    "text behind a separator": HEAD + "--- {a: 1}\n",
    "flow over lines": HEAD + "x: {a: 1,\n  b: [c,\n  d]}\n",
    "spellings": HEAD + "x: [yes, on, 0777, 1e3, 0b1, 1_000, 22:22, 2020-01-01, =, .inf, '1']\n",
}


def paths(value: Any, base: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield base
    if isinstance(value, dict):
        yield (*base, "absent", "below")
        for key, item in value.items():
            yield from paths(item, (*base, key))
    elif isinstance(value, list):
        yield (*base, len(value))
        for index, item in enumerate(value):
            yield from paths(item, (*base, index))


def compare(data: bytes) -> int:
    """How many places agree; -1 where the fast reader does not vouch."""
    try:
        fast = outline(data)
        values = [fast.value(document.index) for document in fast.documents]
    except Odd:
        return -1
    try:
        full = read(data)
        expected = [full.value(document.index) for document in full.documents]
    except Unreadable:
        unread = [document.root is None for document in fast.documents]
        assert any(unread), "what is broken must be a document that can hold no object"
        return 0
    assert len(values) == len(expected)
    agreeing = 0
    for index, value in enumerate(values):
        if fast.documents[index].root is None:
            held = expected[index]
            assert not (isinstance(held, dict) and {"kind", "apiVersion"} <= set(held))
            continue
        assert value == expected[index]
        for path in paths(value):
            assert fast.locate(index, path) == full.locate(index, path), path
            agreeing += 1
    return agreeing


@pytest.mark.parametrize("text", TRICKY.values(), ids=TRICKY)
def test_tricky_texts_read_alike(text: str) -> None:
    compare(text.encode())


def test_examples_and_fixtures_read_alike() -> None:
    files = [*(ROOT / "rules").rglob("examples/*/*.*"), *(ROOT / "fixtures").rglob("*.yaml")]
    counted = [compare(path.read_bytes()) for path in files]
    assert sum(count for count in counted if count > 0) > 1000
    assert sum(count < 0 for count in counted) < len(counted) / 10


def test_the_corpora_read_alike(shared: Path) -> None:
    vouched = places = 0
    with tarfile.open(shared / "corpora" / "manifests.tar.gz") as archive:
        for member in archive:
            if member.isfile() and member.name.endswith((".yaml", ".yml", ".json")):
                opened = archive.extractfile(member)
                assert opened is not None
                count = compare(opened.read())
                vouched += count >= 0
                places += max(count, 0)
    assert vouched > 400
    assert places > 15_000


PIECES = st.sampled_from(
    r"""a: 1\n;- ;  ;\n;---\n;{;};[;];# c\n;';";|\n;&a ;*a;!t ;? ;: ;,;\r;\t;...\n;<<: ;kind: Pod\n""".replace(
        "\\n", "\n"
    )
    .replace("\\r", "\r")
    .replace("\\t", "\t")
    .split(";")
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=25))
def test_random_texts_read_alike(pieces: list[str]) -> None:
    compare((HEAD + "".join(pieces)).encode())


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "~\n"])
def test_a_file_of_nothing_is_no_plain_data(text: str) -> None:
    assert plain(text.encode()) is None


@pytest.mark.parametrize("text", ["[" * 50_000, "- " * 50_000, "{a: " * 50_000])
def test_plain_data_that_nests_too_deep_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        plain(text.encode())
