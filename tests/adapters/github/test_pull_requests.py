"""podsec's own branches and pull requests, where GitHub is not as usual."""

from __future__ import annotations

from typing import Any

import pytest

from bot.adapters.github.pull_requests import propose
from bot.adapters.github.session import Session
from bot.errors import Edited, Rejected, Unavailable
from bot.model.review import Proposal
from tests.adapters.github.scripted import Say, Scripted

BASE, TREE, COMMIT, TIP = "b" * 40, "7" * 40, "c" * 40, "e" * 40
PROPOSAL = Proposal(
    branch="podsec/fix/7-test-first",
    base_ref="feature",
    base_sha=BASE,
    title="Harden pods",
    body="why",
    message="Harden pods\n\n- pod.yaml",
    files={"deploy/pod.yaml": b"new\n", "bytes.yaml": b"\xff\n"},
    draft=True,
)
ABSENT = Say(status=404, body={"message": "Not Found"})
URL = "https://github.com/acme/shop/pull/9"


def tree(*rows: tuple[str, str], truncated: bool = False) -> Say:
    listed = [{"path": path, "mode": mode} for path, mode in rows]
    return Say(body={"tree": listed, "truncated": truncated})


def ref(sha: str) -> Say:
    return Say(body={"object": {"sha": sha}})


def commit(message: str, parents: int = 1) -> Say:
    rows = [{"sha": BASE}] * parents
    return Say(body={"message": message, "tree": {"sha": TREE}, "parents": rows})


def pull(**changed: Any) -> dict[str, Any]:
    return {"number": 9, "title": "Harden pods", "body": "why", "html_url": URL} | changed


def written() -> list[Say]:
    """The tree with its one blob, and the commit."""
    return [
        tree(("deploy/pod.yaml", "100755")),
        Say(status=201, body={"sha": "f" * 40}),
        Say(status=201, body={"sha": TREE}),
        Say(status=201, body={"sha": COMMIT}),
    ]


def test_modes_are_kept_bytes_go_as_blobs_and_no_author_is_named(
    github: Scripted, session: Session
) -> None:
    github.says(ABSENT, *written(), Say(status=201, body={}), Say(status=201, body=pull()))
    assert propose(session, PROPOSAL) == URL
    made = next(asked for asked in github.asked if asked.path.endswith("/git/trees"))
    assert made.body["base_tree"] == BASE
    assert made.body["tree"] == [
        {"path": "bytes.yaml", "mode": "100644", "type": "blob", "sha": "f" * 40},
        {"path": "deploy/pod.yaml", "mode": "100755", "type": "blob", "content": "new\n"},
    ]
    committed = next(asked for asked in github.asked if asked.path.endswith("/git/commits"))
    assert committed.body == {
        "message": f"Harden pods\n\n- pod.yaml\n\nPodsec-Tree: {TREE}",
        "tree": TREE,
        "parents": [BASE],
    }


def test_a_tree_too_large_for_one_listing_is_asked_folder_by_folder(
    github: Scripted, session: Session
) -> None:
    cut = [tree(truncated=True), tree(("bytes.yaml", "100644")), tree(("pod.yaml", "100755"))]
    github.says(ABSENT, *cut, *written()[1:], Say(status=201), Say(status=201, body=pull()))
    propose(session, PROPOSAL)
    made = next(asked for asked in github.asked if asked.path.endswith("/git/trees"))
    assert [row["mode"] for row in made.body["tree"]] == ["100644", "100755"]
    folders = [a.path.partition("/git/trees/")[2] for a in github.asked if "%3A" in a.path]
    assert folders == [f"{BASE}%3A", f"{BASE}%3Adeploy"]


@pytest.mark.parametrize(
    "theirs",
    [
        commit("somebody's own words"),
        commit(f"amended\n\nPodsec-Tree: {'9' * 40}"),
        commit(f"Harden pods\n\nPodsec-Tree: {TREE}", parents=2),
        commit(f"Podsec-Tree: {TREE}\n\nbut more was said"),
    ],
)
def test_a_tip_that_podsec_did_not_write_is_left(
    github: Scripted, session: Session, theirs: Say
) -> None:
    github.says(ref(TIP), theirs)
    with pytest.raises(Edited, match=PROPOSAL.branch):
        propose(session, PROPOSAL)
    assert [asked.method for asked in github.asked] == ["GET", "GET"]


def test_a_branch_that_somebody_makes_meanwhile_is_looked_at_again_later(
    github: Scripted, session: Session
) -> None:
    exists = Say(status=422, body={"message": "Reference already exists"})
    github.says(ABSENT, *written(), exists, ref(TIP))
    with pytest.raises(Unavailable, match="meanwhile"):
        propose(session, PROPOSAL)


def test_a_branch_that_cannot_be_made_is_said(github: Scripted, session: Session) -> None:
    # a branch named podsec leaves no room for podsec/fix/…
    clash = Say(status=422, body={"message": "Reference update failed"})
    github.says(ABSENT, *written(), clash, ABSENT)
    with pytest.raises(Rejected, match="Reference update failed"):
        propose(session, PROPOSAL)


def test_a_plan_without_drafts_gets_a_pull_request_whose_title_says_it(
    github: Scripted, session: Session
) -> None:
    refused = Say(status=422, body={"message": "Draft pull requests are not supported"})
    github.says(ABSENT, *written(), Say(status=201, body={}), refused)
    github.says(Say(status=201, body=pull()))
    assert propose(session, PROPOSAL) == URL
    assert [a.body["draft"] for a in github.asked if a.path.endswith("/pulls")] == [True, False]


def test_a_pull_request_that_an_earlier_attempt_opened_is_found(
    github: Scripted, session: Session
) -> None:
    exists = Say(
        status=422,
        body={"message": "Validation Failed", "errors": [{"message": "already exists for acme:x"}]},
    )
    github.says(ABSENT, *written(), Say(status=201, body={}), exists, Say(body=[pull()]))
    assert propose(session, PROPOSAL) == URL


def test_what_stands_already_costs_no_write(github: Scripted, session: Session) -> None:
    one = Proposal(
        branch=PROPOSAL.branch,
        base_ref="feature",
        base_sha=BASE,
        title="Harden pods",
        body="why",
        message="m",
        files={"pod.yaml": b"new\n"},
        draft=False,
    )
    own = commit(f"m\n\nPodsec-Tree: {TREE}")
    github.says(ref(TIP), own, tree(), Say(status=201, body={"sha": TREE}), Say(body=[pull()]))
    assert propose(session, one) == URL
    assert [asked.method for asked in github.asked] == ["GET", "GET", "GET", "POST", "GET"]


def test_a_text_that_changed_is_renewed(github: Scripted, session: Session) -> None:
    own = commit(f"m\n\nPodsec-Tree: {TREE}")
    listed = Say(body=[pull(body="before")])
    github.says(ref(TIP), own, *written()[:3], listed, Say(body=pull()))
    propose(session, PROPOSAL)
    assert github.asked[-1].method == "PATCH"
    assert github.asked[-1].body == {"title": "Harden pods", "body": "why"}
