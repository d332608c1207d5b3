"""Which files a commit holds, by as few listings as can be."""

from __future__ import annotations

from bot.adapters.github.blobs import BlobMemory, Blobs
from bot.adapters.github.forge import GitHubForge, Memory
from bot.adapters.github.session import Session
from bot.adapters.github.shared import SharedFiles
from tests.adapters.github.conftest import REPOSITORY
from tests.adapters.github.scripted import Say, Scripted

BASE = "b" * 40
MISSING = Say(status=404, body={"message": "Not Found"})


def listing(*rows: tuple[str, str], truncated: bool = False) -> Say:
    tree = [
        {"path": path, "mode": mode, "type": "tree" if mode == "040000" else "blob"}
        for path, mode in rows
    ]
    return Say(body={"tree": tree, "truncated": truncated})


def forge(session: Session) -> GitHubForge:
    shared = SharedFiles(lambda *_: None, lambda *_: session)
    return GitHubForge(session, Memory(), Blobs(session, BlobMemory()), shared, str)


def test_what_the_root_does_not_have_is_not_asked_for(github: Scripted, session: Session) -> None:
    github.says(listing(("README.md", "100644")))
    desk = forge(session)
    assert desk.read(REPOSITORY, BASE, ".podsec.yaml") is None
    assert desk.read(REPOSITORY, BASE, ".github/podsec.yaml") is None
    assert desk.paths(REPOSITORY, BASE, ".podsec/rules") == ()
    assert len(github.asked) == 1


def test_a_root_that_is_listed_in_part_does_not_decide(github: Scripted, session: Session) -> None:
    cut = listing(("README.md", "100644"), truncated=True)
    github.says(cut, cut, MISSING)
    assert forge(session).read(REPOSITORY, BASE, ".podsec.yaml") is None
    assert "/contents/.podsec.yaml" in github.asked[-1].path


def test_the_files_of_a_folder_are_listed_once_and_without_links(
    github: Scripted, session: Session
) -> None:
    below = [
        ("rules", "040000"),
        ("rules/a/rule.yaml", "100644"),
        ("rules/b", "120000"),
        ("rules-of-others/rule.yaml", "100644"),
    ]
    github.says(listing((".podsec", "040000")), listing(*below))
    desk = forge(session)
    for _ in range(2):
        found = desk.paths(REPOSITORY, BASE, ".podsec/rules")
        assert found == (".podsec/rules/a/rule.yaml",)
    assert github.answers == []
    assert len(github.asked) == 2


def test_a_commit_that_is_not_there_holds_nothing(github: Scripted, session: Session) -> None:
    github.says(MISSING)
    assert forge(session).read(REPOSITORY, BASE, ".podsec.yaml") is None
