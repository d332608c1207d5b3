"""What podsec would say and propose on a pull request, had it just been opened."""

from __future__ import annotations

from dataclasses import replace

from bot.errors import Edited, UserError
from bot.model.action import Action, Reply
from bot.model.delivery import Job, PullRef, RepositoryRef
from bot.ports import Forge
from bot.workflows.check_pull_request import check_pull_request
from bot.workflows.fix_pull_request import Followups, fix_pull_request
from bot.workflows.operator import Operator
from bot.workflows.rehearsal import Rehearsal
from bot.workflows.review_images import ImageScans


def preview_pull_request(
    pull: PullRef, forge: Forge, operator: Operator, scans: ImageScans
) -> tuple[Action, ...]:
    """The review, the check run and the follow-up pull requests; nothing is written."""
    pull = replace(pull, state="open", draft=False)
    rehearsal = _AsIfOpened(forge, pull)
    job = Job(
        id=f"preview/{pull.repository.full_name}/{pull.number}",
        kind="check_pull_request",
        key="preview",
        repository=pull.repository,
        number=pull.number,
        at="",
        opened=True,
        new_head=True,
        pull=pull,
    )
    check_pull_request(job, rehearsal, operator, scans)
    try:
        fix_pull_request(job, rehearsal, operator, Followups(asked_by="preview"))
    except (UserError, Edited) as error:
        rehearsal.actions.append(Reply(key=job.id, body=f"`/podsec fix`: {error}."))
    return tuple(rehearsal.actions)


class _AsIfOpened(Rehearsal):
    """A closed pull request is shown as it was when it was open."""

    def __init__(self, forge: Forge, pull: PullRef) -> None:
        super().__init__(forge)
        self._shown = pull

    def pull(self, repository: RepositoryRef, number: int) -> PullRef:
        """The pull request that is shown; any other as it is."""
        if number == self._shown.number:
            return self._shown
        return super().pull(repository, number)
