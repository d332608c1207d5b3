"""What a plan asks the outside to do; `workflows/apply.py` alone carries it out."""

from __future__ import annotations

from typing import Literal

from bot.frozen import frozen
from bot.model.delivery import CommentRef
from bot.model.review import CheckRun, Proposal, Review

Reaction = Literal["eyes", "rocket", "confused"]


@frozen
class PublishReview:
    """Post a review; `fallback` says the same without inline comments, should GitHub refuse one."""

    review: Review
    fallback: Review


@frozen
class Conclude:
    """Create the completed check run; `first` where none can stand there yet."""

    check: CheckRun
    first: bool


@frozen
class Propose:
    """Create or renew a follow-up pull request."""

    proposal: Proposal


@frozen
class Reply:
    """Say something in the conversation, once per key."""

    key: str
    body: str


@frozen
class React:
    """Put a reaction on the comment that gave the command."""

    comment: CommentRef
    reaction: Reaction


@frozen
class Retire:
    """Close a pull request of podsec's own, with a reason said once per key.

    Its branch goes, too, unless somebody else has pushed to it.
    """

    key: str
    body: str


@frozen
class Resolve:
    """Resolve podsec's own threads: what they speak of is gone, and nobody has answered."""

    threads: tuple[str, ...]


@frozen
class Label:
    """Put a label on the pull request, or take it off."""

    name: str
    on: bool


Action = PublishReview | Conclude | Propose | Reply | React | Retire | Resolve | Label
