"""Within GitHub's limits, without waiting: what has no room is told when there will be some."""

from __future__ import annotations

import pytest

from bot.adapters.github.limiter import Limiter, Limits
from bot.errors import OutOfBudget, RateLimited


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiter(clock: Clock) -> Limiter:
    return Limiter(Limits(minute=80, hour=500), clock, clock)


def written(limiter: Limiter, count: int, installation: int = 1) -> None:
    for _ in range(count):
        limiter.write(installation)


def test_the_81st_write_of_a_minute_waits_for_the_first_to_be_a_minute_old(
    limiter: Limiter, clock: Clock
) -> None:
    written(limiter, 40)
    clock.now += 30
    written(limiter, 40)
    with pytest.raises(OutOfBudget) as refused:
        limiter.write(1)
    assert refused.value.retry_after == pytest.approx(30, abs=1)
    written(limiter, 80, installation=2)
    clock.now += 31
    written(limiter, 40)
    with pytest.raises(OutOfBudget):
        limiter.write(1)


def test_no_hour_holds_more_than_500_writes(limiter: Limiter, clock: Clock) -> None:
    done = 0
    began = clock.now
    while clock.now - began < 3600:
        try:
            limiter.write(1)
            done += 1
            clock.now += 1
        except OutOfBudget as error:
            clock.now += error.retry_after or 0
    assert done == 500


def test_a_job_begins_only_where_it_has_room_to_end(limiter: Limiter, clock: Clock) -> None:
    written(limiter, 74)
    limiter.demand(1)
    written(limiter, 1)
    with pytest.raises(OutOfBudget) as refused:
        limiter.demand(1)
    clock.now += refused.value.retry_after or 0
    limiter.demand(1)


def test_who_waits_does_not_come_back_all_at_once(limiter: Limiter) -> None:
    written(limiter, 80)
    waits = []
    for _ in range(100):
        with pytest.raises(OutOfBudget) as refused:
            limiter.demand(1)
        waits.append(refused.value.retry_after or 0.0)
    assert waits == sorted(set(waits))
    assert waits[-1] - waits[0] == pytest.approx(99 * 60 / 80)


def told(limit: int, left: int, reset: float) -> dict[str, str]:
    return {
        "x-ratelimit-limit": str(limit),
        "x-ratelimit-remaining": str(left),
        "x-ratelimit-reset": str(int(reset)),
    }


@pytest.mark.parametrize(
    ("left", "behind", "begins"),
    [
        (5000, True, True),
        (1000, True, True),
        (999, True, False),
        (999, False, True),
        (100, False, True),
        (99, False, False),
    ],
)
def test_what_nobody_waits_for_leaves_a_fifth_of_the_budget(
    limiter: Limiter, clock: Clock, left: int, behind: bool, begins: bool
) -> None:
    limiter.note(1, told(5000, left, clock.now + 600))
    if begins:
        limiter.demand(1, behind=behind)
        return
    with pytest.raises(OutOfBudget) as refused:
        limiter.demand(1, behind=behind)
    assert refused.value.retry_after == pytest.approx(600)
    clock.now += 600
    limiter.demand(1, behind=behind)


def test_what_says_nothing_of_a_budget_changes_none(limiter: Limiter) -> None:
    for headers in ({}, {"x-ratelimit-limit": "0"}, told(0, 0, 9e9), {**told(9, 0, 9e9), "x": "y"}):
        limiter.note(1, {key: value for key, value in headers.items() if "remaining" not in key})
    limiter.demand(1)


def test_a_pause_holds_its_time_and_a_shorter_one_does_not_shorten_it(
    limiter: Limiter, clock: Clock
) -> None:
    limiter.pause(1, 60)
    limiter.pause(1, 5)
    clock.now += 59
    with pytest.raises(RateLimited) as refused:
        limiter.demand(1)
    assert not isinstance(refused.value, OutOfBudget)
    limiter.demand(2)
    clock.now += 2
    limiter.demand(1)
