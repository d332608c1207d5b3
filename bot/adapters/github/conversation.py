"""What is said on a pull request: reviews, check runs, replies, reactions."""

from __future__ import annotations

from typing import Any

from bot.adapters.github.session import Session
from bot.model.action import Reaction
from bot.model.delivery import CommentRef, PullRef
from bot.model.review import Annotation, CheckRun, Review, ReviewComment

CHECK = "podsec"
_ANNOTATIONS = 50
# label 20, description 40, identifier 20 characters at most
FIX_BUTTON = {
    "label": "Fix",
    "description": "Open pull requests with the fixes",
    "identifier": "fix",
}


def publish_review(session: Session, pull: PullRef, review: Review) -> None:
    """Post the review in one request: all of it, or nothing."""
    body = {
        "commit_id": review.head,
        "event": "COMMENT",
        "body": review.body,
        "comments": [_comment(comment) for comment in review.comments],
    }
    session.post(f"/pulls/{pull.number}/reviews", body)


def _comment(comment: ReviewComment) -> dict[str, Any]:
    place: dict[str, Any] = {"path": comment.path, "line": comment.line, "side": "RIGHT"}
    if comment.start_line is not None:
        place |= {"start_line": comment.start_line, "start_side": "RIGHT"}
    return place | {"body": comment.body}


def conclude(session: Session, check: CheckRun, *, first: bool) -> None:
    """Complete the check run, 50 annotations at a time.

    Annotations are only ever added: those of an earlier attempt are not said again.
    """
    found = None if first else _standing_run(session, check)
    notes = [_annotation(note) for note in check.annotations]
    if found is not None:
        notes = notes[found["output"]["annotations_count"] :]
    body: dict[str, Any] = {
        "status": "completed",
        "conclusion": check.conclusion,
        "external_id": check.external_id,
        "output": _output(check, notes[:_ANNOTATIONS]),
        "actions": [FIX_BUTTON] if check.fixable else [],
    }
    if found is None:
        found = session.post("/check-runs", {"name": CHECK, "head_sha": check.head, **body})
    else:
        session.patch(f"/check-runs/{found['id']}", body)
    for start in range(_ANNOTATIONS, len(notes), _ANNOTATIONS):
        output = _output(check, notes[start : start + _ANNOTATIONS])
        session.patch(f"/check-runs/{found['id']}", {"output": output})


def checked(session: Session, repository: int, head: str) -> tuple[int, ...]:
    """The pull requests of podsec's check runs on a commit, which stand in their ids."""
    rows = session.rows(f"/commits/{head}/check-runs", "check_runs", check_name=CHECK)
    ids = (run["external_id"].partition(":") for run in rows)
    numbers = {int(n) for home, _, n in ids if home == str(repository) and n.isdigit()}
    return tuple(sorted(numbers))


def _standing_run(session: Session, check: CheckRun) -> dict[str, Any] | None:
    rows = session.rows(f"/commits/{check.head}/check-runs", "check_runs", check_name=CHECK)
    return next((run for run in rows if run["external_id"] == check.external_id), None)


def _output(check: CheckRun, notes: list[dict[str, Any]]) -> dict[str, Any]:
    return {"title": check.title, "summary": check.summary, "annotations": notes}


def _annotation(note: Annotation) -> dict[str, Any]:
    return {
        "path": note.path,
        "start_line": note.start_line,
        "end_line": note.end_line,
        "annotation_level": note.level,
        "title": note.title[:255],
        "message": note.message,
    }


def reply(session: Session, number: int, key: str, body: str) -> None:
    """Say something once: the key in its marker is looked for before."""
    marker = f"<!-- podsec:reply {key} -->"
    for comment in session.rows(f"/issues/{number}/comments"):
        if marker in comment["body"] and comment["user"]["type"] == "Bot":
            return
    session.post(f"/issues/{number}/comments", {"body": f"{body}\n{marker}"})


def react(session: Session, comment: CommentRef, reaction: Reaction) -> None:
    """Put a reaction on a comment; GitHub keeps one of a kind. A button has no place for one."""
    if comment.is_button:
        return
    if comment.is_inline:
        session.post(f"/pulls/comments/{comment.id}/reactions", {"content": reaction})
    else:
        session.post(f"/issues/comments/{comment.id}/reactions", {"content": reaction})
