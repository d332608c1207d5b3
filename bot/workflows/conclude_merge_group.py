"""Conclude the check run of a merge group, which waits for it where the check is required."""

from __future__ import annotations

from bot.formats.check_run import to_queue_check
from bot.model.action import Conclude
from bot.model.delivery import Job
from bot.ports import Forge
from bot.workflows.apply import conclude
from bot.workflows.payload import queue_id


def conclude_merge_group(job: Job, forge: Forge) -> None:
    """One check run for the head of the group; nothing is judged, since each part of it was."""
    check = to_queue_check(job.head, queue_id(job.repository))
    conclude(forge, job.repository, Conclude(check=check, first=job.is_first_check))
