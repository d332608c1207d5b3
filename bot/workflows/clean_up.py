"""Take podsec out of a repository: close its pull requests, delete its branches."""

from __future__ import annotations

from bot.model.action import Retire
from bot.model.cleaned import Cleaned
from bot.model.delivery import RepositoryRef
from bot.ports import Forge
from bot.workflows.apply import apply

_BODY = "podsec was asked to leave this repository: its pull requests are closed."


def clean_up(repository: RepositoryRef, forge: Forge) -> Cleaned:
    """Close and delete; what holds commits of others stays. Raises PodsecError."""
    closed = []
    for pull in forge.own_pulls(repository):
        apply(forge, pull, [Retire(key=f"cleanup/{repository.id}/{pull.number}", body=_BODY)])
        closed.append(pull.number)
    deleted, left = forge.drop_branches(repository)
    return Cleaned(closed=tuple(closed), deleted=deleted, left=left)
