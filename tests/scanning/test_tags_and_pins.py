"""Newer tags of the same flavour, and digests behind tags."""

from __future__ import annotations

import pytest

from bot.engine.pin import pinned_line, pinned_reference
from bot.engine.tags import newer_tags
from tests.scanning.making import DIGEST, answer, pinned, pod, uses

TAGS = [
    "1.25.2",
    "1.25.3",
    "1.25.4",
    "1.25.5",
    "1.26.0",
    "1.26.1",
    "2.0.0",
    "2.1.0-rc1",
    "1.25.4-alpine",
    "1.25.6-alpine3.18",
    "1.25.7-alpine3.19",
    "1.26-alpine",
    "1.25",
    "1.26",
    "1",
    "2",
    "latest",
    "stable",
    "20240101",
    "v1.25.9",
    "1.25.4-slim",
]


@pytest.mark.parametrize(
    ("tag", "most", "newer"),
    [
        ("1.25.3", 5, ("1.25.5", "1.26.1", "2.0.0")),
        ("1.25.3", 1, ("1.25.5",)),
        ("1.25.3", 0, ()),
        ("1.25.5", 5, ("1.26.1", "2.0.0")),
        ("2.0.0", 5, ()),
        ("2.1.0-rc0", 5, ("2.1.0-rc1",)),
        ("1.25.3-alpine", 5, ("1.25.4-alpine",)),
        ("1.25.3-alpine3.18", 5, ("1.25.7-alpine3.19",)),
        ("1.25.6-alpine3.19", 5, ("1.25.7-alpine3.19",)),
        ("1.25", 5, ("1.26",)),
        ("1", 5, ("2",)),
        ("v1.25.3", 5, ("v1.25.9",)),
        ("latest", 5, ()),
        ("20230101", 5, ()),
        ("3.0.0", 5, ()),
        ("1.25.3-bookworm", 5, ()),
    ],
)
def test_the_newest_of_each_line_with_the_same_flavour(
    tag: str, most: int, newer: tuple[str, ...]
) -> None:
    assert newer_tags(tag, TAGS, most) == newer


def test_an_older_base_is_no_newer_image() -> None:
    assert newer_tags("1.0.0-alpine3.19", ["1.0.1-alpine3.18"], 3) == ()
    assert newer_tags("1.0.0-alpine3.18", ["1.0.0-alpine3.19"], 3) == ("1.0.0-alpine3.19",)


@pytest.mark.parametrize(
    ("reference", "wanted"),
    [
        ("nginx:1.25", f"nginx:1.25@{DIGEST}"),
        ("nginx", f"nginx@{DIGEST}"),
        ("host:5000/a/b:x", f"host:5000/a/b:x@{DIGEST}"),
        (f"nginx@{DIGEST}", None),
        ("${IMAGE}", None),
        ("not an image", None),
    ],
)
def test_a_digest_goes_behind_the_tag(reference: str, wanted: str | None) -> None:
    assert pinned_reference(reference, DIGEST) == wanted


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("nginx:1.25", f"    image: nginx:1.25@{DIGEST}"),
        ('"nginx:1.25"', f'    image: "nginx:1.25@{DIGEST}"'),
        ("nginx:1.25 # why", f"    image: nginx:1.25@{DIGEST} # why"),
    ],
)
def test_only_the_image_of_the_line_changes(line: str, wanted: str) -> None:
    data = pod(line, "redis:7")
    (use, _) = uses(data)
    assert pinned_line(data, use, answer(where=(use,), image=pinned())) == wanted


def test_what_cannot_be_pinned_is_left() -> None:
    data = pod("nginx:1.25")
    (use,) = uses(data)
    crlf = data.replace(b"\n", b"\r\n")
    assert pinned_line(crlf, use, answer(where=(use,))) is None
    folded = data.replace(b"image: nginx:1.25", b"image: >-\n      nginx:1.25")
    (use,) = uses(folded)
    line = pinned_line(folded, use, answer(where=(use,)))
    assert line is None or DIGEST in line
    done = pod(f"nginx:1.25@{DIGEST}")
    (use,) = uses(done)
    assert pinned_line(done, use, answer(where=(use,))) is None
