"""A worker in a process of its own, which tests may kill: `python -m … URL LOG DEAD`.

Deliveries come as JSON lines on stdin; what happens is written to the log, line by line.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from bot.adapters.jobs import DurableJobs
from bot.model.delivery import Delivery, Job, Outcome, RepositoryRef


def asked(
    name: str,
    *,
    key: str = "1/1",
    at: str = "2026-01-01T00:00:00Z",
    kind: str = "check_pull_request",
    seconds: float = 0.0,
) -> dict[str, Any]:
    """A payload that is routed to one job, which takes that long."""
    return {"name": name, "key": key, "at": at, "kind": kind, "seconds": seconds}


def route(delivery: Delivery) -> tuple[Job, ...]:
    """The job that the payload asks for; `broken` ones break the table."""
    wanted = delivery.payload
    if "broken" in wanted:
        raise KeyError("broken")
    job = Job(
        id=wanted["name"],
        kind=wanted["kind"],
        key=wanted["key"],
        repository=RepositoryRef(id=1, full_name=f"sleep/{wanted['seconds']}", installation=1),
        number=1,
        at=wanted["at"],
    )
    return (job,)


def main(url: str, log: Path, dead: float) -> None:
    def note(*words: object) -> None:
        with log.open("a") as file:
            file.write(" ".join(map(str, words)) + "\n")

    def handle(job: Job) -> Outcome:
        note("begin", job.id, job.attempt, os.getpid())
        time.sleep(float(job.repository.full_name.partition("/")[2]))
        note("end", job.id, job.attempt, os.getpid())
        return Outcome(state="done")

    jobs = DurableJobs(url, route, handle, dead)
    jobs.start()
    note("started", os.getpid())
    for line in sys.stdin:
        wanted = json.loads(line)
        jobs.accept(Delivery(id=wanted["name"], event="test", payload=wanted))
        note("accepted", wanted["name"])
    jobs.stop(20)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]))
