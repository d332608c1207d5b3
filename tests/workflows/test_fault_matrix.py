"""GitHub fails once, in each way, on each call of each scenario: the end is that of a good day.

A failure that may pass is overcome by the job itself. One that GitHub means (404, 422) ends the
job, which says so; when somebody asks again, nothing stands twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.model.delivery import Outcome
from bot.sandbox import Sandbox
from tests.workflows.desk import POD, Desk, Shop

TWO = POD.format(name="one") + "---\n" + POD.format(name="two")
OTHER = POD.format(name="one") + "---\n" + POD.format(name="three")
Act = Callable[[Shop], list[Outcome]]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What is there, what happens, and what somebody does where podsec has given up."""

    name: str
    prepare: Callable[[Shop], None]
    act: Act
    again: Act


@dataclass(frozen=True, kw_only=True)
class Failure:
    """How GitHub fails; `after`: when the work was done."""

    name: str
    status: int
    after: bool = False
    message: str = "Server Error"
    headers: dict[str, str] = field(default_factory=dict)

    def fits(self, call: str) -> bool:
        """Whether it makes a difference for a call: a read does no work."""
        return not (self.after and call.startswith("GET"))


FAILURES = (
    Failure(name="500", status=500),
    Failure(name="502 when it was done", status=502, after=True),
    Failure(name="broken off when it was done", status=0, after=True),
    Failure(
        name="403 with Retry-After",
        status=403,
        message="You have exceeded a secondary rate limit",
        headers={"Retry-After": "60"},
    ),
    Failure(name="404", status=404, message="Not Found"),
    Failure(name="422", status=422, message="Validation Failed"),
)


def nothing(_shop: Shop) -> None:
    return


def opened(shop: Shop) -> list[Outcome]:
    shop.home.commit("feature", {"pods.yaml": TWO}, "Add pods")
    shop.home.open_pull(head="feature", base="main", title="Add pods")
    return shop.desk.settle()


def pushed(shop: Shop) -> list[Outcome]:
    shop.home.commit("feature", {"pods.yaml": OTHER}, "Change pods")
    return shop.desk.settle()


def declined(shop: Shop) -> list[Outcome]:
    shop.home.reply(1, shop.comments(1)[0]["id"], "won't fix: a toy", "octo-dev")
    return shop.desk.settle()


def rerun(shop: Shop) -> list[Outcome]:
    shop.home.buttons.rerun(shop.check(1)["id"])
    return shop.desk.settle()


def fix(shop: Shop) -> list[Outcome]:
    shop.home.comment(1, "/podsec fix safe")
    ended = shop.desk.settle()
    for pull in shop.home.pulls()[1:]:  # its own check may have been given up
        for run in shop.home.check_runs(pull["head"]["sha"]):
            if "could not" in run["title"] or "not judged" in run["title"]:
                shop.home.buttons.rerun(run["id"])
                shop.desk.settle()
    return ended


def closed(shop: Shop) -> list[Outcome]:
    shop.home.close(1)
    return shop.desk.settle()


def redelivered(shop: Shop) -> list[Outcome]:
    sent = [d for d in shop.desk.sandbox.deliveries if d.payload.get("action") == "closed"]
    first = next(d for d in sent if d.payload["repository"]["name"] == shop.home._home.name)
    shop.desk.sandbox.redeliver(first.id)
    return shop.desk.settle()


SCENARIOS = (
    Scenario(name="opened", prepare=nothing, act=opened, again=rerun),
    Scenario(name="pushed", prepare=lambda shop: done(opened(shop)), act=pushed, again=rerun),
    Scenario(name="declined", prepare=lambda shop: done(opened(shop)), act=declined, again=rerun),
    Scenario(name="fix", prepare=lambda shop: done(opened(shop)), act=fix, again=fix),
    Scenario(
        name="closed",
        prepare=lambda shop: done([*opened(shop), *fix(shop)]),
        act=closed,
        again=redelivered,
    ),
)


def done(outcomes: list[Outcome]) -> None:
    assert {outcome.state for outcome in outcomes} == {"done"}


def requests(desk: Desk) -> list[str]:
    """Method and path of each request but those for tokens, repository names taken out."""
    found = [f"{method} {path.partition('?')[0]}" for method, path, _ in desk.sandbox.requests]
    return [re.sub(r"shop-\d+", "SHOP", call) for call in found if "access_tokens" not in call]


def cases(calls: list[str]) -> Iterator[tuple[str, int]]:
    """Each call, and how many of its kind pass before it."""
    shapes = [shape(call) for call in calls]
    for index, one in enumerate(shapes):
        yield one, shapes[:index].count(one)


def shape(call: str) -> str:
    """A call as a pattern that fits it in another repository, too."""
    method, _, path = call.partition(" ")
    text = re.escape(path).replace("SHOP", r"shop-\d+")
    text = re.sub(r"[0-9a-f]{40}", "[0-9a-f]{40}", text)
    return f"{method} {re.sub(r'(?<=/)[0-9]+', r'[0-9]+', text)}" + r"(\?|$)"


@pytest.fixture(scope="module")
def good_days(shared_desk: Desk) -> dict[str, tuple[list[str], dict[str, Any]]]:
    """By scenario: its calls and its end, where nothing fails."""
    found = {}
    for scenario in SCENARIOS:
        shop = shared_desk.shop()
        scenario.prepare(shop)
        shared_desk.sandbox.requests.clear()
        done(scenario.act(shop))
        found[scenario.name] = (requests(shared_desk), shop.state())
    return found


@pytest.mark.parametrize(
    ("scenario", "failure"),
    [
        pytest.param(scenario, failure, id=f"{scenario.name} {failure.name}")
        for scenario in SCENARIOS
        for failure in FAILURES
        # many calls, and tests/e2e/test_faults.py plays the other two
        if not (scenario.name == "fix" and failure.status in (0, 500))
    ],
)
def test_a_failure_on_any_call_changes_nothing_in_the_end(
    desk: Desk,
    good_days: dict[str, tuple[list[str], dict[str, Any]]],
    scenario: Scenario,
    failure: Failure,
) -> None:
    calls, expected = good_days[scenario.name]
    assert len(calls) > 2
    for call, skip in cases(calls):
        if failure.fits(call):
            where = f"{failure.name} on {call}, after {skip}"
            shop, gave_up = played(desk, scenario, failure, call, skip, where)
            if not another_end(call, failure):
                assert shop.state() == expected, where
            if failure.status not in (404, 422):
                assert not gave_up, where


def played(
    desk: Desk, scenario: Scenario, failure: Failure, call: str, skip: int, where: str
) -> tuple[Shop, bool]:
    shop = desk.shop()
    scenario.prepare(shop)
    method, _, pattern = call.partition(" ")
    fault = desk.sandbox.fail(
        method,
        f"^{pattern}",
        status=failure.status,
        after=failure.after,
        message=failure.message,
        headers=failure.headers,
        skip=skip,
    )
    outcomes = scenario.act(shop)
    assert fault.times == 0, f"never came: {where}"
    desk.sandbox.forgive()
    gave_up = any(outcome.state == "given up" for outcome in outcomes)
    if gave_up or failure.status == 404:  # podsec may have taken it for an answer
        done(scenario.again(shop))
    return shop, gave_up


def another_end(call: str, failure: Failure) -> bool:
    """Whether GitHub means something by it that podsec heeds.

    Of lines that it refuses, the body of the review says all; a branch that it keeps, stays.
    """
    is_kept = call.startswith("DELETE") and failure.status in (404, 422)
    return is_kept or (failure.status == 422 and call.startswith("POST") and "/reviews" in call)


def test_an_answer_that_comes_too_late_changes_nothing_in_the_end(
    tmp_path: Path, good_days: dict[str, tuple[list[str], dict[str, Any]]]
) -> None:
    sandbox = Sandbox(tmp_path / "github", webhook_secret="unused", webhook_url=None)
    with sandbox.running() as url:
        desk = Desk(sandbox, url, timeout=2)
        for path in ("/reviews$", "/check-runs$"):
            shop = desk.shop()
            fault = sandbox.fail("POST", path, status=500, after=True, seconds=3.0)
            done(opened(shop))
            assert fault.times == 0
            assert shop.state() == good_days["opened"][1]
