"""The whole flow: a pull request is reviewed and hardened, with no call too many."""

from __future__ import annotations

import re

from tests.e2e.conftest import POD, Shop, World


def bare(calls: list[str]) -> list[str]:
    return [re.sub(r"\?.*", "", call) for call in calls]


def test_a_pull_request_gets_one_review_with_a_comment_a_container(shop: Shop) -> None:
    number = shop.open({"pod.yaml": POD.format(name="insecure-pod")})
    (review,) = shop.repository.reviews(number)
    assert review["state"] == "COMMENTED"
    (comment,) = shop.comments(number)
    assert comment["path"] == "pod.yaml"
    assert "```suggestion" in comment["body"]
    assert shop.check(number)["conclusion"] == "neutral"


def test_three_added_manifests_cost_three_calls(world: World) -> None:
    shop = world.shop()
    shop.open({"warm.yaml": POD.format(name="warm")})
    world.sandbox.requests.clear()
    number = shop.open({f"{name}.yaml": POD.format(name=name) for name in "abc"}, "three")
    home = f"/repos/{shop.repository.full_name}"
    assert bare(world.calls()) == [
        f"GET {home}/pulls/{number}/files",
        f"POST {home}/pulls/{number}/reviews",
        f"POST {home}/check-runs",
    ]


def test_a_push_with_nothing_new_costs_three_calls_and_says_nothing(world: World) -> None:
    shop = world.shop()
    number = shop.open({"pod.yaml": POD.format(name="pushed")})
    world.sandbox.requests.clear()
    shop.push({"pod.yaml": "# a remark\n" + POD.format(name="pushed")})
    home = f"/repos/{shop.repository.full_name}"
    assert bare(world.calls()) == [
        f"GET {home}/pulls/{number}/files",
        "POST /graphql",
        f"POST {home}/check-runs",
    ]
    assert len(shop.repository.reviews(number)) == 1
    assert len(shop.comments(number)) == 1


def test_a_pull_request_without_yaml_costs_two_calls_and_gets_a_green_check(world: World) -> None:
    shop = world.shop()
    shop.open({"warm.go": "package warm\n"}, "warm")
    world.sandbox.requests.clear()
    number = shop.open({"main.go": "package main\n"})
    home = f"/repos/{shop.repository.full_name}"
    assert bare(world.calls()) == [
        f"GET {home}/pulls/{number}/files",
        f"POST {home}/check-runs",
    ]
    check = shop.check(number)
    assert (check["conclusion"], check["title"]) == ("success", "No Kubernetes manifests changed")
    assert check["annotations"] == []
    assert shop.repository.reviews(number) == []
    assert shop.repository.comments(number) == []


def test_a_follow_up_pull_request_costs_six_calls(world: World) -> None:
    shop = world.shop()
    number = shop.open({"pod.yaml": POD.format(name="counted")})
    world.sandbox.requests.clear()
    shop.say(number, "/podsec fix safe")
    home = f"/repos/{shop.repository.full_name}"
    calls = bare(world.calls())
    start = calls.index(f"GET {home}/git/ref/heads/podsec/fix/{number}-safe")
    assert [re.sub(r"[0-9a-f]{40}", "SHA", call) for call in calls[start : start + 6]] == [
        f"GET {home}/git/ref/heads/podsec/fix/{number}-safe",
        f"GET {home}/git/trees/SHA",
        f"POST {home}/git/trees",
        f"POST {home}/git/commits",
        f"POST {home}/git/refs",
        f"POST {home}/pulls",
    ]


def test_a_delivery_sent_twice_is_done_once(world: World) -> None:
    shop = world.shop()
    number = shop.open({"pod.yaml": POD.format(name="twice")})
    shop.say(number, "/podsec fix")
    for delivery in list(world.sandbox.deliveries):
        world.sandbox.redeliver(delivery.id)
    world.settle()
    assert len(shop.repository.reviews(number)) == 1
    assert len(shop.followups(number)) == 2
    assert shop.check(number)["conclusion"] == "neutral"


def test_many_pushes_at_once_end_with_the_last_one_checked_and_one_comment(world: World) -> None:
    shop = world.shop()
    number = shop.open({"pod.yaml": POD.format(name="burst")}, wait=False)
    for turn in range(12):
        shop.repository.commit("feature", {"NOTES.md": f"{turn}\n"}, f"Push {turn}")
    world.settle()
    assert len(shop.comments(number)) == 1
    assert len(shop.repository.reviews(number)) == 1
    assert shop.check(number)["conclusion"] == "neutral"


def test_a_renamed_repository_is_still_served(world: World) -> None:
    shop = world.shop()
    number = shop.open({"pod.yaml": POD.format(name="renamed")})
    with world.sandbox.paused():
        shop.repository.comment(number, "/podsec fix")
        shop.repository.rename("boutique")
    world.settle()
    assert len(shop.followups(number)) == 2


def test_deliveries_in_the_wrong_order_end_as_those_in_the_right_one(world: World) -> None:
    shop = world.shop()
    with world.sandbox.paused(reverse=True):
        number = shop.open({"pod.yaml": POD.format(name="first")}, wait=False)
        shop.repository.commit("feature", {"other.yaml": POD.format(name="second")}, "More")
    world.settle()
    assert {comment["path"] for comment in shop.comments(number)} == {"pod.yaml", "other.yaml"}
    assert len(shop.repository.reviews(number)) == 1
    assert shop.check(number)["conclusion"] == "neutral"
