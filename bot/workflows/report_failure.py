"""Say on the pull request that podsec gave a job up: a check concludes, a command is answered."""

from __future__ import annotations

from bot.formats.check_run import to_failed_check
from bot.model.action import Conclude
from bot.model.delivery import Job
from bot.ports import Forge
from bot.workflows.apply import apply
from bot.workflows.run_command import refuse


def report_failure(job: Job, forge: Forge, reason: str) -> None:
    """Once, however often it is called. `reason` is shown to everybody who reads there.

    Of what nobody asked for and nobody waits for, the log alone speaks.
    """
    if job.kind == "run_command":
        refuse(forge, job, f"podsec gave up: {reason}; comment again to try again")
    elif job.kind == "check_pull_request" and job.pull is not None:
        check = to_failed_check(job.pull, reason, job.id)
        apply(forge, job.pull, [Conclude(check=check, first=False)])
