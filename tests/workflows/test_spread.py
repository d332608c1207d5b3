"""Work on several processes gives what work on one gives."""

from __future__ import annotations

import os

from bot.workflows.spread import spread


def test_results_come_in_the_order_of_the_work() -> None:
    work = list(range(500))
    assert list(spread(lambda number: number * 2, work, worth=2)) == [n * 2 for n in work]


def test_little_work_starts_no_process() -> None:
    here = os.getpid()
    assert set(spread(lambda _: os.getpid(), [1, 2, 3])) == {here}


def test_much_work_is_shared_where_there_are_processors() -> None:
    processes = set(spread(lambda _: os.getpid(), range(200), worth=2))
    assert (os.getpid() not in processes) == (len(os.sched_getaffinity(0)) > 1)
