"""What would be written on GitHub, as text for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from bot.formats.markdown import unmarked
from bot.formats.plain import counted, visible
from bot.formats.pull_request import unified
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
from bot.model.review import CheckRun, Proposal, Review

Read = Callable[[str, str], "bytes | None"]
"""A file at a commit."""


def to_plan(actions: Sequence[Action]) -> str:
    """One line an action; or that there is none."""
    lines = [f"{number}. {_line(action)}" for number, action in enumerate(actions, 1)]
    return _shown("\n".join(lines)) or "Nothing would be written."


def _line(action: Action) -> str:
    match action:
        case PublishReview():
            return f"publish a review with {counted(len(action.review.comments), 'comment')}"
        case Conclude():
            check = action.check
            noted = counted(len(check.annotations), "annotation")
            return f"conclude the check run: {check.conclusion}, {check.title!r}, {noted}"
        case Propose():
            kind = "draft pull request" if action.proposal.draft else "pull request"
            files = counted(len(action.proposal.files), "file")
            return f"open or renew the {kind} {action.proposal.branch!r}, {files}"
        case Reply() | React() | Retire() | Resolve() | Label():
            return _aside(action)


def _aside(action: Reply | React | Retire | Resolve | Label) -> str:
    match action:
        case Reply():
            return f"reply: {action.body.splitlines()[0][:100] if action.body else ''}"
        case React():
            return f"react with {action.reaction}"
        case Retire():
            return f"close a pull request of podsec's own: {action.body.splitlines()[0][:100]}"
        case Resolve():
            return f"resolve {counted(len(action.threads), 'thread')} of podsec's own"
        case Label():
            return f"{'put on' if action.on else 'take off'} the label {action.name!r}"


def to_preview(actions: Sequence[Action], read: Read) -> str:
    """Every text in full, and the diff of every file; `read` gives files as they are."""
    parts = [part for action in actions for part in _parts(action, read)]
    return "\n\n".join(parts) or "Nothing would be written."


def _parts(action: Action, read: Read) -> Iterator[str]:
    match action:
        case PublishReview():
            yield from _review(action.review)
        case Conclude():
            yield _check(action.check)
        case Propose():
            yield from _proposal(action.proposal, read)
        case Reply():
            yield _titled("Reply", action.body)
        case React() | Label() | Retire() | Resolve():
            return


def _review(review: Review) -> Iterator[str]:
    body, _ = unmarked(review.body)
    yield _titled("Review", body)
    for comment in review.comments:
        first = comment.start_line or comment.line
        lines = f"{first}-{comment.line}" if first != comment.line else f"{first}"
        text, _ = unmarked(comment.body)
        yield _titled(f"Comment on {comment.path}:{lines}", text)


def _check(check: CheckRun) -> str:
    return _titled(f"Check run: {check.conclusion}, {check.title}", check.summary)


def _proposal(proposal: Proposal, read: Read) -> Iterator[str]:
    kind = "Draft pull request" if proposal.draft else "Pull request"
    place = f"{proposal.branch} into {proposal.base_ref}"
    yield _titled(f"{kind}: {proposal.title} ({place})", proposal.body)
    for path, data in sorted(proposal.files.items()):
        before = read(proposal.base_sha, path) or b""
        yield _shown(unified(path, before, data).rstrip("\n"))


def _titled(title: str, text: str) -> str:
    line = _shown(title).replace("\n", " ")
    return f"{line}\n{'=' * min(len(line), 100)}\n{_shown(text.rstrip())}"


def _shown(text: str) -> str:
    """Text that commands no terminal; line breaks stay."""
    return "\n".join(visible(line) for line in text.split("\n"))
