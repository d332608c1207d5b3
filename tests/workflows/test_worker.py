"""How a job ends: done, again later and ever later, or given up and said."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot import worker
from bot.errors import (
    CommandError,
    Edited,
    Gone,
    NotPermitted,
    PodsecError,
    RateLimited,
    Rejected,
    StaleToken,
    Unavailable,
)
from bot.model.delivery import Job, Outcome, RepositoryRef

JOB = Job(
    id="check/1/2/guid",
    kind="check_pull_request",
    key="1/2",
    repository=RepositoryRef(id=1, full_name="acme/shop", installation=77),
    number=2,
    at="2026-01-01T00:00:00Z",
)


def raising(error: Exception) -> Callable[[Job], None]:
    def work(_job: Job) -> None:
        raise error

    return work


def ended(work: Callable[[Job], None], job: Job = JOB) -> tuple[Outcome, list[str]]:
    told: list[str] = []
    outcome = worker.run(job, work, lambda _job, reason: told.append(reason))
    return outcome, told


def test_work_that_returns_is_done_and_nothing_is_said() -> None:
    assert ended(lambda _job: None) == (Outcome(state="done"), [])


@pytest.mark.parametrize("error", [RateLimited("wait", 7.0), Unavailable("502"), StaleToken("401")])
def test_what_may_pass_comes_again(error: PodsecError) -> None:
    outcome, told = ended(raising(error))
    assert (outcome.state, told) == ("again", [])
    assert outcome.retry_after == (7.0 if isinstance(error, RateLimited) else 2.0)


@pytest.mark.parametrize(
    "error",
    [NotPermitted("403"), Gone("404"), Rejected("422"), Edited("theirs"), CommandError("no")],
)
def test_what_stays_is_given_up_and_said(error: PodsecError) -> None:
    outcome, told = ended(raising(error))
    assert (outcome.state, outcome.reason) == ("given up", str(error))
    assert told == [str(error)]


def test_a_bug_is_given_up_and_said_by_a_number_that_the_log_explains(
    caplog: pytest.LogCaptureFixture,
) -> None:
    outcome, (told,) = ended(raising(ZeroDivisionError("a secret detail")))
    assert outcome.state == "given up"
    assert "a secret detail" not in told
    number = told.rpartition(" ")[2]
    (record,) = [r for r in caplog.records if getattr(r, "error", None) == number]
    assert record.exc_info is not None


def test_pauses_grow_to_a_quarter_of_an_hour() -> None:
    pauses = [
        ended(raising(Unavailable("502")), replace(JOB, attempt=n))[0].retry_after
        for n in range(1, worker.ATTEMPTS)
    ]
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


def test_a_pause_that_github_asks_for_is_kept_up_to_an_hour() -> None:
    for asked, kept in ((30.0, 30.0), (90_000.0, 3_600.0)):
        outcome, _ = ended(raising(RateLimited("wait", asked)), replace(JOB, attempt=9))
        assert outcome.retry_after == kept


def test_the_last_attempt_is_given_up_and_said() -> None:
    outcome, (told,) = ended(raising(Unavailable("502")), replace(JOB, attempt=worker.ATTEMPTS))
    assert outcome.state == "given up"
    assert told == f"502, {worker.ATTEMPTS} times"


def test_a_job_that_keeps_killing_its_worker_is_not_tried_again() -> None:
    def deadly(_job: Job) -> None:
        raise AssertionError("it was tried")

    outcome, (told,) = ended(deadly, replace(JOB, attempt=worker.ATTEMPTS + 1))
    assert outcome.state == "given up"
    assert "without an answer" in told


@pytest.mark.parametrize("error", [Unavailable("502"), ZeroDivisionError()])
def test_a_failure_that_cannot_be_said_is_logged(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    def report(_job: Job, _reason: str) -> None:
        raise error

    outcome = worker.run(JOB, raising(Gone("404")), report)
    assert (outcome.state, outcome.reason) == ("given up", "404")
    assert {"failure_not_reported", "job_failed"} & {r.getMessage() for r in caplog.records}


def test_each_job_leaves_one_structured_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "podsec.jobs"):
        ended(lambda _job: None)
    (record,) = [r for r in caplog.records if r.getMessage() == "job_ended"]
    fields = vars(record)
    assert (fields["job"], fields["repository"]) == (JOB.id, "acme/shop")
    assert (fields["outcome"], fields["attempt"]) == ("done", 1)
    assert fields["seconds"] >= 0


def test_pauses_that_github_asks_for_never_make_podsec_give_up() -> None:
    late = replace(JOB, attempt=300, waits=299)
    outcome, told = ended(raising(RateLimited("wait", 60.0)), late)
    assert (outcome.state, outcome.waited, told) == ("again", True, [])
    outcome, _ = ended(raising(Unavailable("502")), late)
    assert (outcome.state, outcome.waited) == ("again", False)
    outcome, told = ended(raising(Unavailable("502")), replace(late, waits=288))
    assert (outcome.state, len(told)) == ("given up", 1)
