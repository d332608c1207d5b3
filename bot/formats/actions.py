"""A plan's actions as lines that people read: what a dry run and a replay print."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.formats.plain import counted, visible
from bot.model.action import (
    Action,
    Conclude,
    Propose,
    PublishReview,
    React,
    Reply,
    Resolve,
    Retire,
)
from bot.model.review import Proposal, Review, ReviewComment


def describe(actions: Iterable[Action]) -> str:
    """One paragraph an action, in the order of their doing; ends with a newline.

    Names of strangers stand in it: no control character of theirs reaches a terminal.
    """
    lines = (visible(line) for action in actions for line in _lines(action))
    return "".join(f"{line}\n" for line in lines) or "nothing to do\n"


def _lines(action: Action) -> Iterator[str]:
    match action:
        case PublishReview():
            yield from _review(action.review)
        case Conclude():
            check = action.check
            notes = counted(len(check.annotations), "annotation")
            yield f"conclude the check run of {check.head[:7]}: {check.conclusion}, {notes}"
            yield f"  {check.title}"
        case Propose():
            yield from _proposal(action.proposal)
        case Reply():
            yield f"reply once ({action.key}): {_first(action.body)}"
        case React():
            where = "a button" if action.comment.is_button else f"comment {action.comment.id}"
            yield f"react to {where} with {action.reaction}"
        case Retire():
            yield f"close podsec's own pull request, delete its branch: {_first(action.body)}"
        case Resolve():
            yield f"resolve {counted(len(action.threads), 'thread')} of podsec's own"


def _review(review: Review) -> Iterator[str]:
    number = counted(len(review.comments), "comment")
    yield f"publish a review of {review.head[:7]} with {number}"
    for comment in review.comments:
        yield f"  {_place(comment)}: {_first(comment.body)}"
    if not review.comments:
        yield f"  {_first(review.body)}"


def _place(comment: ReviewComment) -> str:
    start = f"{comment.start_line}-" if comment.start_line is not None else ""
    suggests = " (suggestion)" if "```suggestion" in comment.body else ""
    return f"{comment.path}:{start}{comment.line}{suggests}"


def _proposal(proposal: Proposal) -> Iterator[str]:
    kind = "draft" if proposal.draft else "pull request"
    yield f"propose the {kind} {proposal.branch} into {proposal.base_ref}: {proposal.title}"
    for path, data in sorted(proposal.files.items()):
        yield f"  {path} ({counted(len(data), 'byte')})"


def _first(text: str) -> str:
    return next((line for line in text.splitlines() if line.strip()), "")
