"""The only writer: carries out a plan's actions, each of which may safely be carried out again."""

from __future__ import annotations

from collections.abc import Iterable

from bot.errors import Rejected
from bot.model.action import Action, Conclude, Propose, PublishReview, React, Reply, Retire
from bot.model.delivery import PullRef, RepositoryRef
from bot.ports import Forge


def apply(forge: Forge, pull: PullRef, actions: Iterable[Action]) -> tuple[str, ...]:
    """Do what the plan asks, in order; returns the addresses of proposed pull requests."""
    return tuple(url for action in actions if (url := _apply(forge, pull, action)) is not None)


def _apply(forge: Forge, pull: PullRef, action: Action) -> str | None:
    match action:
        case PublishReview():
            _publish(forge, pull, action)
        case Conclude():
            conclude(forge, pull.repository, action)
        case Propose():
            return forge.propose(pull.repository, action.proposal)
        case Reply():
            forge.reply(pull.repository, pull.number, action.key, action.body)
        case React():
            forge.react(pull.repository, action.comment, action.reaction)
        case Retire():
            forge.retire(pull, action.key, action.body)
    return None


def conclude(forge: Forge, repository: RepositoryRef, action: Conclude) -> None:
    """Complete a check run of a commit, which may belong to no pull request."""
    forge.conclude(repository, action.check, first=action.first)


def _publish(forge: Forge, pull: PullRef, action: PublishReview) -> None:
    """One bad line makes GitHub refuse the whole review, and not say which: use the body."""
    try:
        forge.publish_review(pull, action.review)
    except Rejected:
        if not action.review.comments:
            raise
        forge.publish_review(pull, action.fallback)
