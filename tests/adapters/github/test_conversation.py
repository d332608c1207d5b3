"""Reviews, check runs and replies, request by request."""

from __future__ import annotations

from typing import Any

import pytest

from bot.adapters.github.conversation import conclude, reply
from bot.adapters.github.session import Session
from bot.adapters.github.threads import standing
from bot.model.review import Annotation, CheckRun
from tests.adapters.github.scripted import Say, Scripted


def check(notes: int) -> CheckRun:
    return CheckRun(
        head="a" * 40,
        conclusion="neutral",
        title="findings",
        summary="many",
        annotations=tuple(
            Annotation(
                path="pod.yaml",
                start_line=n,
                end_line=n,
                level="warning",
                title="t" * 300,
                message=f"{n}",
            )
            for n in range(1, notes + 1)
        ),
        external_id="42:7",
    )


def lines(asked: Any) -> list[int]:
    return [note["start_line"] for note in asked.body["output"]["annotations"]]


def test_annotations_come_fifty_at_a_time(github: Scripted, session: Session) -> None:
    github.says(Say(status=201, body={"id": 9}), Say(body={"id": 9}), Say(body={"id": 9}))
    conclude(session, check(120), first=True)
    assert [f"{asked.method} {asked.path.rpartition('/')[2]}" for asked in github.asked] == [
        "POST check-runs",
        "PATCH 9",
        "PATCH 9",
    ]
    sent = [line for asked in github.asked for line in lines(asked)]
    assert sent == list(range(1, 121))
    assert all(len(lines(asked)) <= 50 for asked in github.asked)
    assert len(github.asked[0].body["output"]["annotations"][0]["title"]) == 255


@pytest.mark.parametrize("stood", [0, 50, 100, 120])
def test_an_attempt_that_broke_off_is_carried_on(
    github: Scripted, session: Session, stood: int
) -> None:
    run = {"id": 9, "external_id": "42:7", "output": {"annotations_count": stood}}
    other = {"id": 8, "external_id": "42:6", "output": {"annotations_count": 3}}
    github.says(Say(body={"total_count": 2, "check_runs": [other, run]}))
    github.says(*[Say(body={"id": 9})] * 3)
    conclude(session, check(120), first=False)
    assert github.asked[0].method == "GET"
    assert all(asked.method == "PATCH" for asked in github.asked[1:])
    sent = [line for asked in github.asked[1:] for line in lines(asked)]
    assert sent == list(range(stood + 1, 121))


def test_a_check_run_of_another_pull_request_on_the_same_head_is_left_alone(
    github: Scripted, session: Session
) -> None:
    other = {"id": 8, "external_id": "42:6", "output": {"annotations_count": 0}}
    github.says(Say(body={"total_count": 1, "check_runs": [other]}))
    github.says(Say(status=201, body={"id": 9}))
    conclude(session, check(1), first=False)
    assert github.asked[1].method == "POST"


def mark(*prints: str) -> str:
    return f"text\n\n<!-- podsec:v1 {' '.join(prints)} -->"


def node(body: str, *, own: bool = True) -> dict[str, Any]:
    return {"body": body, "viewerDidAuthor": own}


def thread_of(first: dict[str, Any], *rest: dict[str, Any], resolved: bool = False) -> Any:
    comments = {"totalCount": 1 + len(rest), "nodes": [first, *rest]}
    return {"id": "T_1", "isResolved": resolved, "path": "pod.yaml", "comments": comments}


def page(
    reviews: list[dict[str, Any]],
    threads: list[dict[str, Any]],
    ends: tuple[str | None, bool, str | None, bool],
) -> Say:
    pull = {
        "headRefOid": "a" * 40,
        "reviews": {"nodes": reviews, "pageInfo": {"endCursor": ends[0], "hasNextPage": ends[1]}},
        "reviewThreads": {
            "nodes": [thread_of(thread) for thread in threads],
            "pageInfo": {"endCursor": ends[2], "hasNextPage": ends[3]},
        },
    }
    return Say(body={"data": {"repository": {"pullRequest": pull}}})


def test_what_was_said_is_known_by_the_marker_that_ends_podsecs_own_words(
    github: Scripted, session: Session
) -> None:
    reviews = [node(mark("aa", "ab")), node(mark("ba"), own=False), node("no marker")]
    threads = [
        node(mark("ca")),
        node(mark("da"), own=False),
        node(f"`{mark('ea')}` in a name\n\n{mark('fa')}\n"),
        node(f"```suggestion\n# {mark('ga')}\n```\n\nand nothing at the end"),
    ]
    github.says(page(reviews, threads, ("1", False, "2", False)))
    found = standing(session, 7)
    assert found.listed == {"aa", "ab"}
    assert found.commented == {"ca", "fa"}


def test_two_lists_of_unequal_length_are_both_read_to_their_ends(
    github: Scripted, session: Session
) -> None:
    github.says(
        page([node(mark("a1"))], [node(mark("b1"))], ("r1", True, "t1", True)),
        page([node(mark("a2"))], [node(mark("b2"))], ("r2", False, "t2", True)),
        page([], [node(mark("b3"))], (None, False, "t3", True)),
        page([], [node(mark("b4"))], (None, False, "t4", False)),
    )
    found = standing(session, 7)
    assert found.listed == {"a1", "a2"}
    assert found.commented == {"b1", "b2", "b3", "b4"}
    sent = [(a.body["variables"]["reviews"], a.body["variables"]["threads"]) for a in github.asked]
    assert sent == [(None, None), ("r1", "t1"), ("r2", "t2"), ("r2", "t3")]


@pytest.mark.parametrize(("author", "again"), [("Bot", False), ("User", True)])
def test_a_reply_is_said_once_unless_somebody_else_pasted_its_marker(
    github: Scripted, session: Session, author: str, again: bool
) -> None:
    said = {"body": "words\n<!-- podsec:reply job-1 -->", "user": {"type": author}}
    github.says(Say(body=[said]), Say(status=201, body={"id": 1}))
    reply(session, 7, "job-1", "words")
    assert [asked.method for asked in github.asked] == (["GET", "POST"] if again else ["GET"])
