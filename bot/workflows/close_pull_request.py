"""What follows from a closed pull request: podsec's own into its branch have no use any more."""

from __future__ import annotations

from bot.model.action import Retire
from bot.model.delivery import Job
from bot.ports import Forge
from bot.workflows.apply import apply


def close_pull_request(job: Job, forge: Forge) -> None:
    """Close them with the reason. After a merge they stay: GitHub gives them the merge's base."""
    if job.pull is None or job.pull.fork or job.reason == "merged":
        return
    body = f"#{job.number} was closed without a merge, so these fixes have no branch to go to."
    for found in forge.into(job.repository, job.pull.head_ref):
        if found.is_own:
            apply(forge, found, [Retire(key=f"retire/{job.id}/{found.number}", body=body)])
