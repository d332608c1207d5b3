"""Which delivery makes which job; nothing that GitHub sends breaks the table."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from bot.model.delivery import Delivery
from bot.workflows.route import REVIEWED, route

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
    made = 0
    for event, payload in examples:
        for each in (payload, payload | INSTALLED):
            jobs = route(delivery(event, each))
            made += len(jobs)
            expected = event == "pull_request" and each.get("action") in REVIEWED
            assert len(jobs) == (expected and "installation" in each), (event, each.get("action"))
    assert made > 8


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
