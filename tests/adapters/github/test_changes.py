"""The files of a pull request: what they hold and held, and what GitHub does not show."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from bot.adapters.github.blobs import BlobMemory, Blobs
from bot.adapters.github.changes import changes
from bot.adapters.github.session import Session
from bot.model.change import ChangedFile, ChangeSet
from bot.model.delivery import PullRef
from tests.adapters.github.conftest import REPOSITORY
from tests.adapters.github.scripted import Say, Scripted

HEAD, BASE = "a" * 40, "b" * 40
PULL = PullRef(
    repository=REPOSITORY,
    number=7,
    head_sha=HEAD,
    head_ref="feature",
    base_sha=BASE,
    base_ref="main",
    fork=False,
    draft=False,
)


def row(name: str = "pod.yaml", status: str = "modified", **more: Any) -> dict[str, Any]:
    url = f"https://api.github.com/repos/acme/shop/contents/{name}?ref={HEAD}"
    return {
        "sha": "c" * 40,
        "filename": name,
        "status": status,
        "additions": 1,
        "deletions": 1,
        "changes": 2,
        "contents_url": url,
    } | more


def blob(data: bytes, size: int | None = None) -> Say:
    return Say(
        body={
            "size": len(data) if size is None else size,
            "content": base64.encodebytes(data).decode(),
            "encoding": "base64",
        }
    )


def content(data: bytes) -> Say:
    text = base64.encodebytes(data).decode()
    return Say(body={"type": "file", "content": text, "encoding": "base64", "sha": "d" * 40})


def read(session: Session) -> ChangeSet:
    return changes(session, PULL, Blobs(session, BlobMemory()))


def only(github: Scripted, session: Session, first: dict[str, Any], *rest: Say) -> ChangedFile:
    github.says(Say(body=[first]), *rest)
    (file,) = read(session).files
    assert github.answers == []
    return file


def test_an_added_file_costs_no_call_of_its_own(github: Scripted, session: Session) -> None:
    patch = "@@ -0,0 +1,2 @@\n+kind: Pod\n+name: é"
    file = only(github, session, row(status="added", patch=patch, additions=2, deletions=0))
    assert (file.data, file.base_data) == ("kind: Pod\nname: é\n".encode(), None)


def test_an_added_file_that_its_patch_spoils_is_read_whole(
    github: Scripted, session: Session
) -> None:
    patch = "@@ -0,0 +1 @@\n+\ufffd"
    file = only(github, session, row(status="added", patch=patch), blob(b"\xff\n"))
    assert file.data == b"\xff\n"


def test_a_modified_file_says_what_it_was(github: Scripted, session: Session) -> None:
    file = only(github, session, row(patch="@@ -1 +1 @@\n-old\n+new"), blob(b"new\n"))
    assert (file.data, file.base_data) == (b"new\n", b"old\n")
    assert file.hunks is not None
    assert [(hunk.start, hunk.end, hunk.added) for hunk in file.hunks] == [(1, 1, {1})]


@pytest.mark.parametrize("patch", ["@@ -1 +1 @@\n-old\n+another", "@@ -1,9 +1,9 @@\n-old"])
def test_a_patch_that_does_not_fit_makes_the_base_be_asked(
    github: Scripted, session: Session, patch: str
) -> None:
    file = only(github, session, row(patch=patch), blob(b"new\n"), content(b"old\n"))
    assert (file.data, file.base_data) == (b"new\n", b"old\n")


def test_a_row_that_was_cut_for_its_length_is_not_unchanged(
    github: Scripted, session: Session
) -> None:
    # past some 20,000 lines GitHub leaves patches out and says 0 changes
    cut = row(additions=0, deletions=0, changes=0)
    file = only(github, session, cut, blob(b"new\n"), content(b"old\n"))
    assert (file.data, file.base_data, file.hunks) == (b"new\n", b"old\n", ())


def test_a_bare_rename_was_what_it_is(github: Scripted, session: Session) -> None:
    bare = row("new.yaml", "renamed", changes=0, additions=0, previous_filename="old.yaml")
    file = only(github, session, bare, blob(b"same\n"))
    assert (file.data, file.base_data, file.previous_path) == (b"same\n", b"same\n", "old.yaml")


def test_a_rename_without_a_patch_is_compared_with_its_former_path(
    github: Scripted, session: Session
) -> None:
    renamed = row("new.yaml", "renamed", changes=2, previous_filename="old.yaml")
    file = only(github, session, renamed, blob(b"new\n"), content(b"old\n"))
    assert file.base_data == b"old\n"
    assert "/contents/old.yaml" in github.asked[-1].path


def test_a_large_base_is_read_as_a_blob(github: Scripted, session: Session) -> None:
    large = Say(body={"type": "file", "content": "", "encoding": "none", "sha": "d" * 40})
    file = only(github, session, row(), blob(b"new\n"), large, blob(b"old\n"))
    assert file.base_data == b"old\n"


def test_a_removed_file_says_what_it_held_without_a_call(
    github: Scripted, session: Session
) -> None:
    patch = "@@ -1,2 +0,0 @@\n-kind: Pod\n-name: é"
    file = only(github, session, row(status="removed", patch=patch, additions=0, deletions=2))
    assert (file.data, file.base_data) == (None, "kind: Pod\nname: é\n".encode())


@pytest.mark.parametrize("patch", [None, "@@ -1,1 +0,0 @@\n-kind: Pod"])
def test_a_removed_file_that_is_not_shown_whole_is_named(
    github: Scripted, session: Session, patch: str | None
) -> None:
    more = {} if patch is None else {"patch": patch}
    file = only(github, session, row(status="removed", additions=0, deletions=2, **more))
    assert (file.data, file.base_data) == (None, None)
    assert file.unread == "removed, and GitHub does not show what it held"


@pytest.mark.parametrize(
    ("say", "why"),
    [
        (blob(b"x", 6_000_000), "larger than 5 MB"),
        (Say(status=404, body={"message": "Not Found"}), "GitHub does not show it"),
        (Say(status=403, body={"message": "This blob is too large"}), "GitHub does not show it"),
    ],
)
def test_what_cannot_be_read_is_named(
    github: Scripted, session: Session, say: Say, why: str
) -> None:
    file = only(github, session, row(), say)
    assert file.data is None
    assert (file.unread or "").startswith(why)


def test_what_is_no_manifest_and_what_is_gone_costs_nothing(
    github: Scripted, session: Session
) -> None:
    github.says(Say(body=[row("main.go"), row("old.yaml", "removed"), row("x.yml", "unchanged")]))
    assert [file.data for file in read(session).files] == [None, None, None]
    assert len(github.asked) == 1


def test_rows_of_another_head_are_not_taken_for_the_asked_one(
    github: Scripted, session: Session
) -> None:
    other = row()
    other["contents_url"] = other["contents_url"].replace(HEAD, "f" * 40)
    github.says(Say(body=[row(), other]))
    found = read(session)
    assert (found.head, found.files) == ("f" * 40, ())
    assert len(github.asked) == 1


def test_more_files_than_github_lists_are_not_passed_over_in_silence(
    github: Scripted, session: Session
) -> None:
    for page in range(1, 31):
        link = {"Link": '<x>; rel="next"'} if page < 30 else {}
        github.says(Say(body=[row(f"{page}-{n}.go") for n in range(100)], headers=link))
    found = read(session)
    assert (len(found.files), found.is_cut) == (3_000, True)


def text(*contents: str | None, cut: bool = False) -> Say:
    found = {f"b{n}": {"text": one, "isTruncated": cut} for n, one in enumerate(contents)}
    return Say(body={"data": {"repository": found}})


def sha(data: str) -> str:
    return hashlib.sha1(f"blob {len(data)}\0{data}".encode(), usedforsecurity=False).hexdigest()


def test_several_files_come_in_one_document_and_are_held_against_their_hashes(
    github: Scripted, session: Session
) -> None:
    rows = [
        row(f"{n}.yaml", sha=sha(f"n: {n}\n"), patch="@@ -1 +1 @@\n-n: x\n+n: 0") for n in "012"
    ]
    github.says(Say(body=rows), text("n: 0\n", "n: 1 \ufffd\n", None), blob(b"n: 1\n"))
    github.says(content(b"n: x\n"), blob(b"n: 2\n"), content(b"n: x\n"))
    assert [file.data for file in read(session).files] == [b"n: 0\n", b"n: 1\n", b"n: 2\n"]
    asked = [path.rpartition("/")[2] for path in github.calls() if "/blobs/" in path]
    assert asked == [sha("n: 1\n"), sha("n: 2\n")]


@pytest.mark.parametrize("status", [403, 404, 502])
def test_where_graphql_fails_each_file_is_asked_for_by_itself(
    github: Scripted, session: Session, status: int
) -> None:
    rows = [row(f"{n}.yaml", "added", sha=sha(f"n: {n}\n")) for n in "01"]
    github.says(Say(body=rows), Say(status=status, body={"message": "no"}))
    github.says(blob(b"n: 0\n"), blob(b"n: 1\n"))
    assert [file.data for file in read(session).files] == [b"n: 0\n", b"n: 1\n"]


def test_what_was_read_once_is_remembered_for_its_repository_alone() -> None:
    memory = BlobMemory(most=10)
    memory.keep((1, 1, "a"), b"12345")
    memory.keep((1, 1, "b"), b"12345")
    assert memory.get((1, 1, "a")) == b"12345"
    assert memory.get((1, 2, "a")) is memory.get((2, 1, "a")) is None
    memory.keep((1, 1, "c"), b"1")
    assert (memory.get((1, 1, "b")), memory.get((1, 1, "a"))) == (None, b"12345")
    memory.keep((1, 1, "d"), b"12345678901")
    assert memory.get((1, 1, "d")) is None


def test_a_dockerfile_is_read_where_a_manifest_comes_with_it(
    github: Scripted, session: Session
) -> None:
    pod = row(status="added", additions=1, deletions=0, patch="@@ -0,0 +1 @@\n+kind: Pod")
    docker = row("src/Dockerfile", sha="e" * 40)
    github.says(Say(body=[pod, docker, row("old/Dockerfile", "removed")]), blob(b"USER 4711\n"))
    found = read(session)
    assert [(one.path, one.data) for one in found.builds] == [("src/Dockerfile", b"USER 4711\n")]
    assert [one.data for one in found.files] == [b"kind: Pod\n", None, None]
    github.says(Say(body=[docker]))
    assert read(session).builds == ()
    assert github.answers == []
