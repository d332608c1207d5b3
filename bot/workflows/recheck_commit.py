"""Check again every pull request of which podsec concluded a check run on a commit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.model.delivery import Job
from bot.ports import Forge


def recheck_commit(job: Job, forge: Forge, check: Callable[[Job, Forge], object]) -> None:
    """The pull requests stand in the ids of the check runs: for a fork's, no event names them."""
    for number in forge.checked(job.repository, job.head):
        check(replace(job, kind="check_pull_request", number=number), forge)
