"""The whole flow: a pull request is reviewed and hardened."""

from __future__ import annotations

import re
from typing import Any

from tests.e2e.conftest import POD, World, eventually

README = {"README.md": "# shop\n"}


def opened(world: World, files: dict[str, Any], branch: str = "feature") -> tuple[Any, int]:
    repository = world.sandbox.create_repository("acme/shop", README)
    repository.set_permission("octo-dev", "write")
    repository.commit(branch, files, "Add manifests")
    number = repository.open_pull(head=branch, base="main", title="Add manifests")
    eventually(lambda: world.sandbox.deliveries, "a delivery")
    return repository, number


def head_of(repository: Any, number: int) -> str:
    return str(repository.pull(number)["head"]["sha"])


def test_a_pull_request_gets_one_review_with_a_comment_a_container(world: World) -> None:
    repository, number = opened(world, {"pod.yaml": POD.format(name="insecure-pod")})
    eventually(lambda: repository.check_runs(head_of(repository, number)), "a check run")
    world.settle()
    (review,) = repository.reviews(number)
    assert review["state"] == "COMMENTED"
    (comment,) = repository.review_comments(number)
    assert comment["path"] == "pod.yaml"
    assert "```suggestion" in comment["body"]
    (check,) = repository.check_runs(head_of(repository, number))
    assert (check["status"], check["conclusion"]) == ("completed", "neutral")


def test_three_added_manifests_cost_three_calls(world: World) -> None:
    repository, first = opened(world, {"warm.yaml": POD.format(name="warm")})
    eventually(lambda: repository.check_runs(head_of(repository, first)), "a check run")
    world.settle()
    repository.commit("three", {f"{n}.yaml": POD.format(name=n) for n in "abc"}, "Three")
    world.sandbox.requests.clear()
    number = repository.open_pull(head="three", base="main", title="Three manifests")
    eventually(lambda: repository.check_runs(head_of(repository, number)), "a check run")
    world.settle()
    assert [re.sub(r"\?.*", "", call) for call in world.calls()] == [
        f"GET /repos/acme/shop/pulls/{number}/files",
        f"POST /repos/acme/shop/pulls/{number}/reviews",
        "POST /repos/acme/shop/check-runs",
    ]


def test_a_delivery_sent_twice_is_done_once(world: World) -> None:
    repository, number = opened(world, {"pod.yaml": POD.format(name="twice")})
    eventually(lambda: repository.check_runs(head_of(repository, number)), "a check run")
    world.settle()
    for delivery in list(world.sandbox.deliveries):
        world.sandbox.redeliver(delivery.id)
    world.settle()
    assert len(repository.reviews(number)) == 1
    assert len(repository.check_runs(head_of(repository, number))) == 1


def test_a_push_without_new_findings_says_nothing_new(world: World) -> None:
    repository, number = opened(world, {"pod.yaml": POD.format(name="pushed")})
    eventually(lambda: repository.check_runs(head_of(repository, number)), "a check run")
    world.settle()
    repository.commit("feature", {"pod.yaml": "# a remark\n" + POD.format(name="pushed")}, "More")
    eventually(lambda: repository.check_runs(head_of(repository, number)), "a second check run")
    world.settle()
    assert len(repository.reviews(number)) == 1
    assert len(repository.review_comments(number)) == 1


def test_a_pull_request_without_yaml_gets_a_green_check_and_nothing_else(world: World) -> None:
    repository, number = opened(world, {"main.go": "package main\n"})
    eventually(lambda: repository.check_runs(head_of(repository, number)), "a check run")
    world.settle()
    (check,) = repository.check_runs(head_of(repository, number))
    assert check["conclusion"] == "success"
    assert repository.reviews(number) == []


def test_fix_opens_a_ready_and_a_draft_pull_request_and_runs_twice_as_once(world: World) -> None:
    repository, number = opened(world, {"pod.yaml": POD.format(name="fixed")})
    eventually(lambda: repository.check_runs(head_of(repository, number)), "a check run")
    world.settle()
    repository.comment(number, "/podsec fix")
    eventually(lambda: len(repository.pulls()) == 3, "two follow-up pull requests")
    world.settle()
    own = [pull for pull in repository.pulls() if pull["number"] != number]
    assert sorted(pull["draft"] for pull in own) == [False, True]
    assert {pull["base"]["ref"] for pull in own} == {"feature"}
    branches = sorted(repository.branches())
    repository.comment(number, "/podsec fix")
    world.settle()
    world.settle()
    assert len(repository.pulls()) == 3
    assert sorted(repository.branches()) == branches


def test_fix_needs_write_permission(world: World) -> None:
    repository, number = opened(world, {"pod.yaml": POD.format(name="refused")})
    eventually(lambda: repository.check_runs(head_of(repository, number)), "a check run")
    repository.set_permission("stranger", "read")
    repository.comment(number, "/podsec fix", author="stranger")
    eventually(lambda: len(repository.comments(number)) == 2, "one reply")
    world.settle()
    assert len(repository.pulls()) == 1
    assert "write" in repository.comments(number)[1]["body"]


def test_an_unknown_verb_gets_one_reply_with_a_guess(world: World) -> None:
    repository, number = opened(world, {"pod.yaml": POD.format(name="verb")})
    repository.comment(number, "/podsec fixx")
    eventually(lambda: len(repository.comments(number)) == 2, "one reply")
    world.settle()
    assert "`/podsec fix`" in repository.comments(number)[1]["body"]


def test_a_lost_answer_to_the_review_makes_no_second_review(world: World) -> None:
    world.sandbox.fail("POST", r"/reviews$", status=502, times=1, after=True)
    repository, number = opened(world, {"pod.yaml": POD.format(name="lost")})
    eventually(lambda: repository.check_runs(head_of(repository, number)), "a check run", 60)
    world.settle()
    assert len(repository.reviews(number)) == 1
