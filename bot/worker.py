"""Run a job: done, again later, or given up. The only place that catches everything."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable

from bot.errors import PermanentError, PodsecError, RateLimited, TransientError, UserError
from bot.model.delivery import Job, Outcome

ATTEMPTS = 12
_log = logging.getLogger("podsec.jobs")
_FIRST_PAUSE = 2.0
_LONGEST_PAUSE = 900.0
_LONGEST_ASKED = 3600.0


def run(job: Job, work: Callable[[Job], None], report: Callable[[Job, str], None]) -> Outcome:
    """Do the work and say how it ended; one log line a job.

    What is given up is told to `report`, so that nobody waits for it: after `ATTEMPTS` attempts
    in any case, those counted that took the worker down with them, but not those that ended in a
    pause which GitHub asked for.
    """
    began = time.monotonic()
    outcome = _outcome(job, work)
    if outcome.state == "given up":
        _report(job, outcome.reason, report)
    _note(job, outcome, time.monotonic() - began)
    return outcome


def _outcome(job: Job, work: Callable[[Job], None]) -> Outcome:
    if job.attempt - job.waits > ATTEMPTS:
        return _given_up(f"{ATTEMPTS} attempts ended without an answer")
    try:
        work(job)
    except RateLimited as error:
        pause = _pause(job, error)
        return Outcome(state="again", reason=str(error), retry_after=pause, waited=True)
    except TransientError as error:
        if job.attempt - job.waits == ATTEMPTS:
            return _given_up(f"{error}, {ATTEMPTS} times")
        return Outcome(state="again", reason=str(error), retry_after=_pause(job, error))
    except (UserError, PermanentError) as error:
        return _given_up(str(error))
    except Exception:  # noqa: BLE001  # a bug must not end the worker
        return _given_up(f"a bug in podsec, error {_bug(job)}")
    return Outcome(state="done")


def _given_up(reason: str) -> Outcome:
    return Outcome(state="given up", reason=reason)


def _bug(job: Job) -> str:
    """Log the exception at hand; returns the number by which it is found again."""
    number = uuid.uuid4().hex[:8]
    _log.exception("job_failed", extra={"job": job.id, "error": number})
    return number


def _report(job: Job, reason: str, report: Callable[[Job, str], None]) -> None:
    try:
        report(job, reason)
    except PodsecError as error:
        _log.warning("failure_not_reported", extra={"job": job.id, "reason": str(error)})
    except Exception:  # noqa: BLE001  # a bug must not end the worker
        _bug(job)


def _pause(job: Job, error: TransientError) -> float:
    """What GitHub asked for; otherwise longer after each failure."""
    if error.retry_after is not None:
        return min(_LONGEST_ASKED, error.retry_after)
    return min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(job.attempt - 1, ATTEMPTS))


def _note(job: Job, outcome: Outcome, seconds: float) -> None:
    level = logging.ERROR if outcome.state == "given up" else logging.INFO
    fields = {
        "job": job.id,
        "kind": job.kind,
        "repository": job.repository.full_name,
        "number": job.number,
        "head": job.pull.head_sha if job.pull else None,
        "attempt": job.attempt,
        "outcome": outcome.state,
        "reason": outcome.reason,
        "seconds": round(seconds, 3),
    }
    _log.log(level, "job_ended", extra=fields)
