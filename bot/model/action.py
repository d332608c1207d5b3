"""What a plan asks the outside to do; `workflows/apply.py` alone carries it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.model.delivery import CommentRef
from bot.model.review import CheckRun, Proposal, Review

Reaction = Literal["eyes", "rocket", "confused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishReview:
    """Post a review; `fallback` says the same without inline comments, should GitHub refuse one."""

    review: Review
    fallback: Review


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclude:
    """Create the completed check run; `first` where none can stand there yet."""

    check: CheckRun
    first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Propose:
    """Create or renew a follow-up pull request."""

    proposal: Proposal


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Say something in the conversation, once per key."""

    key: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class React:
    """Put a reaction on the comment that gave the command."""

    comment: CommentRef
    reaction: Reaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Retire:
    """Close a pull request of podsec's own, with a reason said once per key.

    Its branch goes, too, unless somebody else has pushed to it.
    """

    key: str
    body: str


Action = PublishReview | Conclude | Propose | Reply | React | Retire
