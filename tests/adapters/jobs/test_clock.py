"""The store's clock: it makes jobs by itself, and the same job once, in both databases."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from bot.adapters.jobs import DurableJobs
from bot.model.delivery import Job, Outcome, RepositoryRef
from tests.adapters.jobs.process import route

REPOSITORY = RepositoryRef(id=1, full_name="acme/shop", installation=1)


def due(name: str) -> Job:
    return Job(
        id=name, kind="sweep_repository", key="1/repository", repository=REPOSITORY, number=0, at=""
    )


def test_the_clock_adds_what_is_due_and_a_job_of_the_same_id_runs_once(url: str) -> None:
    moments: list[datetime] = []
    ran: list[str] = []

    def tick(now: datetime, add: Callable[[Job], None]) -> None:
        moments.append(now)
        add(due("first"))
        add(due("second"))

    def handle(job: Job) -> Outcome:
        ran.append(job.id)
        return Outcome(state="done")

    jobs = DurableJobs(url, route, handle, 3.0, tick=tick, every="* * * * * *")
    jobs.start()
    try:
        deadline = time.monotonic() + 60
        while len(moments) < 3:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert jobs.drain_until_idle(30)
    finally:
        jobs.stop(10)
    assert sorted(ran) == ["first", "second"]
    assert all(moment.tzinfo is not None for moment in moments)
    assert abs((moments[0] - datetime.now(UTC)).total_seconds()) < 120
