"""Run a job: done, again later, or given up. The only place that catches everything."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable

from bot.errors import PermanentError, TransientError, UserError
from bot.model.delivery import Job, Outcome

_log = logging.getLogger("podsec.jobs")
_FIRST_PAUSE = 2.0
_LONGEST_PAUSE = 900.0
_LONGEST_ASKED = 3600.0


def run(job: Job, work: Callable[[Job], None]) -> Outcome:
    """Do the work and say how it ended; one log line a job."""
    began = time.monotonic()
    try:
        work(job)
    except TransientError as error:
        outcome = Outcome(state="again", reason=str(error), retry_after=_pause(job, error))
    except (UserError, PermanentError) as error:
        outcome = Outcome(state="given up", reason=str(error))
    except Exception:  # noqa: BLE001  # a bug must not end the worker
        number = uuid.uuid4().hex[:8]
        _log.exception("job_failed", extra={"job": job.id, "error": number})
        outcome = Outcome(state="given up", reason=f"a bug in podsec, error {number}")
    else:
        outcome = Outcome(state="done")
    _note(job, outcome, time.monotonic() - began)
    return outcome


def _pause(job: Job, error: TransientError) -> float:
    """What GitHub asked for; otherwise longer after each failure."""
    if error.retry_after is not None:
        return min(_LONGEST_ASKED, error.retry_after)
    return min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (job.attempt - 1))


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
