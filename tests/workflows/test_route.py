"""Which delivery makes which job; nothing that GitHub sends breaks the table."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from bot.model.delivery import Delivery
from bot.workflows.decline import declines
from bot.workflows.route import EVENTS, Heard, route

INSTALLED = {"installation": {"id": 77, "node_id": "I_77"}}


@pytest.fixture(scope="session")
def examples(shared: Path) -> list[tuple[str, dict[str, Any]]]:
    data = json.loads((shared / "contract" / "webhooks-examples.json").read_text())
    return [(event["name"], payload) for event in data for payload in event["examples"]]


def delivery(event: str, payload: dict[str, Any]) -> Delivery:
    return Delivery(id="guid-1", event=event, payload=payload)


def named(examples: list[tuple[str, dict[str, Any]]], event: str, action: str) -> dict[str, Any]:
    found = next(p for name, p in examples if name == event and p.get("action") == action)
    return copy.deepcopy(found) | INSTALLED


def test_githubs_own_examples_of_all_events_are_routed_without_a_crash(
    examples: list[tuple[str, dict[str, Any]]],
) -> None:
    assert len({name for name, _ in examples}) == 58
    heard = {(row.event, action) for row in EVENTS if row.make for action in row.actions}
    made: set[str] = set()
    for event, payload in examples:
        assert route(delivery(event, {**payload, "installation": None})) == ()
        jobs = route(delivery(event, payload | INSTALLED))
        made |= {f"{event} {payload.get('action', '')}".strip() for _ in jobs}
        assert not jobs or (event, payload.get("action", "")) in heard
    assert made == {
        "check_suite rerequested",
        "installation created",
        "installation_repositories added",
        "merge_group checks_requested",
        "pull_request closed",
        "pull_request converted_to_draft",
        "pull_request opened",
        "pull_request ready_for_review",
        "pull_request reopened",
        "pull_request synchronize",
        "push",
    }


@pytest.mark.parametrize("row", EVENTS, ids=lambda row: f"{row.event}-{row.actions[0]}")
def test_each_heard_event_is_one_of_githubs(
    row: Heard, examples: list[tuple[str, dict[str, Any]]]
) -> None:
    known = {(name, payload.get("action", "")) for name, payload in examples}
    missing = {action for action in row.actions if (row.event, action) not in known}
    assert missing <= {"edited"}  # of an edited pull request there is no example


def test_a_hook_that_is_not_the_apps_makes_no_job(
    examples: list[tuple[str, dict[str, Any]]],
) -> None:
    payload = named(examples, "pull_request", "opened")
    assert len(route(delivery("pull_request", payload))) == 1
    del payload["installation"]
    assert route(delivery("pull_request", payload)) == ()


def test_a_new_pull_request_can_hold_nothing_of_podsecs_yet(
    examples: list[tuple[str, dict[str, Any]]],
) -> None:
    (opened,) = route(delivery("pull_request", named(examples, "pull_request", "opened")))
    (pushed,) = route(delivery("pull_request", named(examples, "pull_request", "synchronize")))
    (ready,) = route(delivery("pull_request", named(examples, "pull_request", "ready_for_review")))
    assert (opened.is_first_word, opened.is_first_check) == (True, True)
    assert (pushed.is_first_word, pushed.is_first_check) == (False, True)
    assert (ready.is_first_word, ready.is_first_check) == (False, False)
    assert opened.key == f"{opened.repository.id}/{opened.number}"


def test_a_head_whose_repository_is_gone_counts_as_a_fork(
    examples: list[tuple[str, dict[str, Any]]],
) -> None:
    payload = named(examples, "pull_request", "opened")
    payload["pull_request"]["head"]["repo"] = None
    (job,) = route(delivery("pull_request", payload))
    assert job.pull is not None
    assert job.pull.fork


def comment(
    examples: list[tuple[str, dict[str, Any]]], body: str | None, **changed: Any
) -> dict[str, Any]:
    payload = named(examples, "issue_comment", "created")
    payload["issue"]["pull_request"] = {"url": "https://api.github.com/repos/o/r/pulls/1"}
    payload["comment"]["body"] = body
    payload["comment"] |= changed
    return payload


@pytest.mark.parametrize("event", ["created", "edited", "deleted"])
def test_a_command_counts_when_it_is_new(
    examples: list[tuple[str, dict[str, Any]]], event: str
) -> None:
    payload = comment(examples, "/podsec fix") | {"action": event}
    jobs = route(delivery("issue_comment", payload))
    assert [job.kind for job in jobs] == (["run_command"] if event == "created" else [])


def test_bots_ghosts_and_plain_issues_give_no_commands(
    examples: list[tuple[str, dict[str, Any]]],
) -> None:
    bot = comment(examples, "/podsec fix", user={"login": "podsec[bot]", "type": "Bot"})
    ghost = comment(examples, "/podsec fix", user=None)
    silent = comment(examples, None)
    issue = comment(examples, "/podsec fix")
    del issue["issue"]["pull_request"]
    for payload in (bot, ghost, silent, issue):
        assert route(delivery("issue_comment", payload)) == ()


def of_run(
    examples: list[tuple[str, dict[str, Any]]], action: str, external_id: str
) -> dict[str, Any]:
    payload = named(examples, "check_run", action)
    payload["repository"]["id"] = 42
    payload["check_run"]["external_id"] = external_id
    return payload


def test_a_rerun_finds_its_pull_request_by_the_id_that_podsec_gave(
    examples: list[tuple[str, dict[str, Any]]],
) -> None:
    (job,) = route(delivery("check_run", of_run(examples, "rerequested", "42:7")))
    assert (job.kind, job.number, job.pull, job.key) == ("check_pull_request", 7, None, "42/7")
    assert (job.is_first_word, job.is_first_check) == (False, False)
    (queued,) = route(delivery("check_run", of_run(examples, "rerequested", "42:queue")))
    assert queued.kind == "conclude_merge_group"
    for foreign in ("", "43:7", "42:", "42:²", "ci"):
        assert route(delivery("check_run", of_run(examples, "rerequested", foreign))) == ()


def test_the_fix_button_is_the_command_of_who_pressed_it(
    examples: list[tuple[str, dict[str, Any]]],
) -> None:
    payload = of_run(examples, "requested_action", "42:7")
    payload["requested_action"] = {"identifier": "fix"}
    payload["sender"] |= {"login": "octo-dev", "type": "User"}
    (job,) = route(delivery("check_run", payload))
    assert job.comment is not None
    assert (job.kind, job.number, job.comment.author) == ("run_command", 7, "octo-dev")
    assert (job.comment.body, job.comment.is_button) == ("/podsec fix", True)
    assert route(delivery("check_run", payload | {"requested_action": {"identifier": "x"}})) == ()
    bot = payload["sender"] | {"type": "Bot"}
    assert route(delivery("check_run", payload | {"sender": bot})) == ()


def test_a_push_counts_on_the_default_branch_alone(
    examples: list[tuple[str, dict[str, Any]]],
) -> None:
    payload = copy.deepcopy(next(p for name, p in examples if name == "push")) | INSTALLED
    payload["repository"] |= {"default_branch": "main", "pushed_at": 1_700_000_000}
    (job,) = route(delivery("push", payload | {"ref": "refs/heads/main", "deleted": False}))
    assert (job.kind, job.head, job.reason) == ("refresh_repository", payload["after"], "push")
    assert job.at == "2023-11-14T22:13:20Z"
    for ref, deleted in (("refs/heads/other", False), ("refs/tags/main", False)):
        assert route(delivery("push", payload | {"ref": ref, "deleted": deleted})) == ()
    assert route(delivery("push", payload | {"ref": "refs/heads/main", "deleted": True})) == ()


@pytest.mark.parametrize(
    ("changes", "jobs"),
    [({"base": {"ref": {"from": "old"}, "sha": {"from": "0"}}}, 1), ({"title": {"from": "x"}}, 0)],
)
def test_an_edit_counts_where_it_gives_another_base(
    changes: dict[str, Any], jobs: int, examples: list[tuple[str, dict[str, Any]]]
) -> None:
    payload = named(examples, "pull_request", "reopened")
    found = route(delivery("pull_request", payload | {"action": "edited", "changes": changes}))
    assert len(found) == jobs


def test_a_closed_pull_request_of_podsecs_own_is_the_repositorys_business(
    examples: list[tuple[str, dict[str, Any]]],
) -> None:
    payload = named(examples, "pull_request", "closed")
    (job,) = route(delivery("pull_request", payload))
    assert job.kind == "close_pull_request"
    pull = payload["pull_request"]
    pull["head"] |= {"ref": "podsec/fix/1-safe", "repo": pull["base"]["repo"]}
    pull["user"] |= {"login": "podsec[bot]", "type": "Bot"}
    (own,) = route(delivery("pull_request", payload))
    assert (own.kind, own.reason) == ("refresh_repository", f"closed #{pull['number']}")


def answer(examples: list[tuple[str, dict[str, Any]]], body: str, **changed: Any) -> dict[str, Any]:
    payload = named(examples, "pull_request_review_comment", "created")
    payload["comment"] |= {"body": body, "in_reply_to_id": 5, **changed}
    return payload


def test_a_reply_on_a_line_is_a_command_a_refusal_or_nothing(
    examples: list[tuple[str, dict[str, Any]]],
) -> None:
    event = "pull_request_review_comment"
    (asked,) = route(delivery(event, answer(examples, "/podsec fix here", line=3, side="RIGHT")))
    assert asked.comment is not None
    assert (asked.comment.reply_to, asked.comment.lines) == (5, (3, 3))
    (declined,) = route(delivery(event, answer(examples, "Won't fix: a test fixture")))
    assert (declined.kind, declined.pull) == ("check_pull_request", None)
    assert route(delivery(event, answer(examples, "Thank you"))) == ()
    assert route(delivery(event, answer(examples, "Won't fix", in_reply_to_id=None))) == ()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("won't fix", True),
        ("> container 'a' runs as root\n\nWontfix, it is a toy", True),
        ("**We won\u2019t fix** this", True),
        ("by design", True),
        ("False positive: the image is distroless", True),
        ("> won't fix", False),
        ("They said that they won't fix it", False),
        ("Fixed", False),
        ("", False),
    ],
)
def test_a_reply_declines_by_its_first_words(body: str, expected: bool) -> None:
    assert declines(body) is expected


def test_ticks_count_in_podsecs_own_issue_by_people(
    examples: list[tuple[str, dict[str, Any]]],
) -> None:
    payload = named(examples, "issues", "edited")
    assert route(delivery("issues", payload)) == ()
    payload["issue"] |= {"body": "<!-- podsec:dashboard -->\n- [x] open"}
    payload["issue"]["user"] |= {"login": "podsec[bot]", "type": "Bot"}
    payload["sender"] |= {"type": "User"}
    (job,) = route(delivery("issues", payload))
    assert (job.kind, job.reason) == ("refresh_repository", "dashboard")
    own = payload["sender"] | {"type": "Bot"}
    assert route(delivery("issues", payload | {"sender": own})) == ()
