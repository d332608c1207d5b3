"""The only writer: carries out a plan's actions, each of which may safely be carried out again.

Every action has a key by which GitHub is asked whether it was done: the marks of a review, the id
of a check run, a branch, the mark of a reply. An answer that is lost leaves open whether the work
was done, so GitHub is asked, and only what does not stand is done again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bot.errors import NotPermitted, Rejected, Unavailable
from bot.formats.markdown import unmarked
from bot.model.action import (
    Action,
    Conclude,
    Label,
    Propose,
    PublishReview,
    React,
    Reply,
    Resolve,
    Retire,
)
from bot.model.delivery import PullRef, RepositoryRef
from bot.model.review import Review
from bot.ports import Forge


def apply(
    forge: Forge,
    pull: PullRef,
    actions: Iterable[Action],
    is_current: Callable[[], bool] = lambda: True,
) -> tuple[str, ...]:
    """Do what the plan asks, in order; returns the addresses of proposed pull requests.

    What speaks of lines is only done while `is_current` says that no newer push is known; then all
    that is left is left to the job of that push. Raises PodsecError.
    """
    urls: list[str] = []
    for action in actions:
        if isinstance(action, PublishReview | Resolve) and not is_current():
            break
        url = _apply(forge, pull, action)
        urls += [url] if url is not None else []
    return tuple(urls)


def conclude(forge: Forge, repository: RepositoryRef, action: Conclude) -> None:
    """Complete a check run of a commit, which may belong to no pull request."""
    try:
        forge.conclude(repository, action.check, first=action.first)
    except Unavailable:
        if not action.first:
            raise
        forge.conclude(repository, action.check, first=False)  # looks for it before it writes


def _apply(forge: Forge, pull: PullRef, action: Action) -> str | None:
    match action:
        case PublishReview():
            _publish(forge, pull, action)
        case Conclude():
            conclude(forge, pull.repository, action)
        case Propose():
            return forge.propose(pull.repository, action.proposal)
        case Resolve():
            _resolve(forge, pull, action)
        case Reply() | React() | Retire() | Label():
            _aside(forge, pull, action)
    return None


def _aside(forge: Forge, pull: PullRef, action: Reply | React | Retire | Label) -> None:
    """What is done beside the review and its fixes."""
    match action:
        case Reply():
            forge.reply(pull.repository, pull.number, action.key, action.body)
        case React():
            forge.react(pull.repository, action.comment, action.reaction)
        case Retire():
            forge.retire(pull, action.key, action.body)
        case Label():
            put = forge.label if action.on else forge.unlabel
            put(pull.number, action.name)


def _publish(forge: Forge, pull: PullRef, action: PublishReview) -> None:
    """One bad line makes GitHub refuse the whole review, and not say which: use the body."""
    try:
        _publish_once(forge, pull, action.review)
    except Rejected:
        if not action.review.comments:
            raise
        _publish_once(forge, pull, action.fallback)


def _publish_once(forge: Forge, pull: PullRef, review: Review) -> None:
    try:
        forge.publish_review(pull, review)
    except Unavailable:
        if not _stands(forge, pull, review):
            raise


def _stands(forge: Forge, pull: PullRef, review: Review) -> bool:
    """Whether all that a review says was said by now."""
    said = {print_ for comment in review.comments for print_ in comment.fingerprints}
    said |= set(unmarked(review.body)[1])
    return bool(said) and said <= forge.standing(pull).fingerprints


def _resolve(forge: Forge, pull: PullRef, action: Resolve) -> None:
    """Without `contents: write` no App may resolve: the thread stays, and nothing is lost."""
    try:
        forge.resolve(pull.repository, action.threads)
    except NotPermitted:
        return
