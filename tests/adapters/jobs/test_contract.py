"""What every Jobs keeps, in memory and in both databases."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.jobs import DurableJobs
from bot.errors import Unavailable
from bot.model.delivery import Delivery, Job, Outcome
from bot.ports import Jobs
from tests.adapters.jobs.conftest import Postgres
from tests.adapters.jobs.process import asked, route
from tests.fakes.jobs import FakeJobs

Handle = Callable[[Job], Outcome]
DONE = Outcome(state="done")


def delivery(payload: dict[str, Any]) -> Delivery:
    return Delivery(id=payload.get("id", payload["name"]), event="test", payload=payload)


@contextmanager
def working(url: str, handle: Handle) -> Iterator[DurableJobs]:
    jobs = DurableJobs(url, route, handle, 3.0)
    jobs.start()
    try:
        yield jobs
    finally:
        jobs.stop(10)


class Log:
    """What was handled, in order; `answer` says how a job ends."""

    def __init__(self, answer: Handle = lambda _job: DONE) -> None:
        self.answer = answer
        self.begun: list[tuple[str, int]] = []
        self.running: set[str] = set()
        self.overlaps = 0
        self.most = 0

    def __call__(self, job: Job) -> Outcome:
        self.begun.append((job.id, job.attempt))
        self.overlaps += job.key in self.running
        self.running.add(job.key)
        self.most = max(self.most, len(self.running))
        time.sleep(float(job.repository.full_name.partition("/")[2]))
        self.running.discard(job.key)
        return self.answer(job)

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.begun]


def assert_a_delivery_counts_once(jobs: Jobs) -> None:
    one = delivery(asked("one"))
    assert jobs.accept(one)
    assert not jobs.accept(one)
    assert jobs.accept(delivery(asked("other")))
    assert jobs.ready()
    assert jobs.drain_until_idle(30)


def test_a_delivery_that_comes_twice_counts_once(url: str) -> None:
    log = Log()
    with working(url, log) as jobs:
        assert_a_delivery_counts_once(jobs)
    assert sorted(log.names) == ["one", "other"]


def test_the_fake_counts_as_the_real_ones_do() -> None:
    assert_a_delivery_counts_once(FakeJobs())
    with pytest.raises(Unavailable):
        FakeJobs(down=True).accept(delivery(asked("one")))


def test_a_delivery_that_was_done_stays_done_after_a_restart(url: str) -> None:
    log = Log()
    for _ in range(2):
        with working(url, log) as jobs:
            jobs.accept(delivery(asked("one")))
            assert jobs.drain_until_idle(30)
    assert log.names == ["one"]


def test_a_newer_push_supersedes_those_that_wait(url: str) -> None:
    log = Log()
    with working(url, log) as jobs:
        for second, name in enumerate(("first", "second", "third", "fourth")):
            seconds = 1.5 if name == "first" else 0
            at = f"2026-01-01T00:00:0{second}Z"
            jobs.accept(delivery(asked(name, at=at, seconds=seconds)))
            if name == "first":
                wait(lambda: log.names == ["first"])
        assert jobs.drain_until_idle(30)
    assert log.names == ["first", "fourth"]


def test_of_deliveries_in_the_wrong_order_the_newer_wins(url: str) -> None:
    log = Log()
    with working(url, log) as jobs:
        jobs.accept(delivery(asked("newer", at="2026-01-01T00:00:09Z")))
        assert jobs.drain_until_idle(30)
        jobs.accept(delivery(asked("older", at="2026-01-01T00:00:01Z")))
        assert jobs.drain_until_idle(30)
    assert log.names == ["newer"]


def test_within_one_second_nobody_can_tell_so_both_are_done(url: str) -> None:
    log = Log()
    with working(url, log) as jobs:
        jobs.accept(delivery(asked("one")))
        jobs.accept(delivery(asked("other")))
        assert jobs.drain_until_idle(30)
    assert sorted(log.names) == ["one", "other"]


def test_commands_are_not_superseded(url: str) -> None:
    log = Log()
    with working(url, log) as jobs:
        for second in range(3):
            at = f"2026-01-01T00:00:0{9 - second}Z"
            jobs.accept(delivery(asked(f"c{second}", at=at, kind="run_command")))
        assert jobs.drain_until_idle(30)
    assert sorted(log.names) == ["c0", "c1", "c2"]


def test_one_pull_request_is_worked_on_by_one_job_and_several_at_a_time(url: str) -> None:
    log = Log()
    with working(url, log) as jobs:
        for key in ("1/1", "1/2", "1/3"):
            for turn in range(3):
                name = f"{key}-{turn}"
                jobs.accept(delivery(asked(name, key=key, kind="run_command", seconds=0.3)))
        assert jobs.drain_until_idle(60)
    assert len(log.names) == 9
    assert log.overlaps == 0
    assert log.most > 1


def test_a_failure_that_passes_comes_again_after_its_pause(url: str) -> None:
    times: list[float] = []

    def answer(job: Job) -> Outcome:
        times.append(time.monotonic())
        if job.attempt < 3:
            return Outcome(state="again", reason="502", retry_after=0.5 * job.attempt)
        return DONE

    log = Log(answer)
    with working(url, log) as jobs:
        jobs.accept(delivery(asked("one")))
        assert jobs.drain_until_idle(60)
    assert log.begun == [("one", 1), ("one", 2), ("one", 3)]
    pauses = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert pauses[0] >= 0.5
    assert pauses[1] >= 1.0


def test_a_job_that_waits_for_its_next_attempt_holds_up_nobody(url: str) -> None:
    def answer(job: Job) -> Outcome:
        again = job.id == "slow" and job.attempt == 1
        return Outcome(state="again", retry_after=3.0) if again else DONE

    log = Log(answer)
    with working(url, log) as jobs:
        jobs.accept(delivery(asked("slow", kind="run_command")))
        wait(lambda: log.names == ["slow"])
        jobs.accept(delivery(asked("quick", kind="run_command")))
        assert jobs.drain_until_idle(60)
    assert log.names == ["slow", "quick", "slow"]


def test_what_is_given_up_does_not_come_again(url: str) -> None:
    log = Log(lambda _job: Outcome(state="given up", reason="404"))
    with working(url, log) as jobs:
        jobs.accept(delivery(asked("one")))
        assert jobs.drain_until_idle(30)
    with working(url, log) as jobs:
        assert jobs.drain_until_idle(30)
    assert log.begun == [("one", 1)]


def test_a_delivery_that_breaks_the_table_is_logged_and_holds_up_nobody(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    log = Log()
    with working(url, log) as jobs:
        jobs.accept(delivery(asked("bad") | {"broken": True}))
        jobs.accept(delivery(asked("good")))
        assert jobs.drain_until_idle(30)
    assert log.names == ["good"]
    assert "delivery_not_routed" in [record.getMessage() for record in caplog.records]


def test_a_drain_lets_the_running_job_end_and_keeps_the_waiting_one(url: str) -> None:
    log = Log()
    ended: list[str] = []
    log.answer = lambda job: ended.append(job.id) or DONE  # type: ignore[func-returns-value]
    with working(url, log) as jobs:
        jobs.accept(delivery(asked("running", kind="run_command", seconds=2)))
        wait(lambda: log.names == ["running"])
        jobs.accept(delivery(asked("waiting", kind="run_command")))
    assert (log.names, ended) == (["running"], ["running"])
    with working(url, log) as jobs:
        assert jobs.drain_until_idle(30)
    assert log.names == ["running", "waiting"]


def test_before_the_start_nothing_is_taken(url: str) -> None:
    jobs = DurableJobs(url, route, Log())
    with pytest.raises(Unavailable):
        jobs.accept(delivery(asked("early")))


def test_a_database_that_goes_away_refuses_and_loses_nothing(postgres: Postgres) -> None:
    log = Log()
    with working(postgres.database(), log) as jobs:
        jobs.accept(delivery(asked("before", kind="run_command", seconds=1)))
        wait(lambda: log.names == ["before"])
        postgres.stop()
        try:
            began = time.monotonic()
            with pytest.raises(Unavailable):
                jobs.accept(delivery(asked("meanwhile", kind="run_command")))
            assert not jobs.ready()
            assert time.monotonic() - began < 10  # which is what GitHub waits
        finally:
            postgres.start()
        wait(jobs.ready)
        assert jobs.accept(delivery(asked("meanwhile", kind="run_command")))
        assert jobs.drain_until_idle(90)
    assert set(log.names) == {"before", "meanwhile"}


def test_an_sqlite_file_that_cannot_be_opened_refuses(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    jobs = DurableJobs(f"sqlite:///{folder / 'jobs.db'}", route, Log())
    folder.rmdir()
    assert not jobs.ready()


def wait(fact: Callable[[], Any], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_payloads_are_cleared_after_their_time_and_the_ids_stay(url: str) -> None:
    log = Log()
    with working(url, log) as jobs:
        jobs.accept(delivery(asked("one")))
        assert jobs.drain_until_idle(30)
        jobs.clear()
        assert jobs._store.delivery("one").payload != {}
        jobs._keep_days = -1.0
        jobs.clear()
        assert jobs._store.delivery("one").payload == {}
        assert not jobs.accept(delivery(asked("one")))
        assert jobs.drain_until_idle(30)
    assert log.names == ["one"]


def test_pauses_are_told_apart_from_failures(url: str) -> None:
    seen: list[tuple[int, int]] = []

    def answer(job: Job) -> Outcome:
        seen.append((job.attempt, job.waits))
        if job.attempt < 3:
            return Outcome(state="again", waited=job.attempt == 1)
        return DONE

    with working(url, answer) as jobs:
        jobs.accept(delivery(asked("one")))
        assert jobs.drain_until_idle(30)
    assert seen == [(1, 0), (2, 1), (3, 1)]


def test_a_job_asks_while_it_runs_whether_a_newer_one_has_come(url: str) -> None:
    seen: list[bool] = []

    def answer(job: Job) -> Outcome:
        seen.append(jobs.is_current(job))
        if job.id == "old":
            jobs.accept(delivery(asked("new", at="2026-01-01T00:00:09Z")))
            deadline = time.monotonic() + 30
            while jobs.is_current(job) and time.monotonic() < deadline:
                time.sleep(0.05)
            seen.append(jobs.is_current(job))
        return DONE

    with working(url, answer) as jobs:
        jobs.accept(delivery(asked("old")))
        assert jobs.drain_until_idle(60)
        command = replace(asked_job(), kind="run_command", at="")
        assert jobs.is_current(command)
    assert seen == [True, False, True]


def asked_job() -> Job:
    (job,) = route(delivery(asked("any")))
    return job
