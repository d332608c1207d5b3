"""What is said on a pull request: reviews, check runs, replies, reactions.

Everything that podsec writes carries a hidden marker; a marker counts only in podsec's own words,
since anyone can paste one.
"""

from __future__ import annotations

import re
from typing import Any

from bot.adapters.github.session import Session
from bot.model.action import Reaction
from bot.model.delivery import PullRef
from bot.model.review import Annotation, CheckRun, Review, ReviewComment, Standing

CHECK = "podsec"
_MARKER = re.compile(r"<!-- podsec:v1 ([0-9a-f ]+) -->")
_ANNOTATIONS = 50
_SAID = """
query($owner: String!, $name: String!, $number: Int!, $reviews: String, $threads: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviews(first: 100, after: $reviews) {
        nodes { body viewerDidAuthor } pageInfo { hasNextPage endCursor }
      }
      reviewThreads(first: 100, after: $threads) {
        nodes { comments(first: 1) { nodes { body viewerDidAuthor } } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}
"""


def standing(session: Session, number: int) -> Standing:
    """The fingerprints in podsec's own reviews and threads, resolved ones too."""
    owner, _, name = session.repository.full_name.partition("/")
    known: set[str] = set()
    places: dict[str, str | None] = {"reviews": None, "threads": None}
    while True:
        data = session.graphql(_SAID, {"owner": owner, "name": name, "number": number, **places})
        pull = data["repository"]["pullRequest"]
        for node in _nodes(pull):
            if node["viewerDidAuthor"]:
                for found in _MARKER.findall(node["body"]):
                    known.update(found.split())
        ends = {"reviews": pull["reviews"], "threads": pull["reviewThreads"]}
        if not any(end["pageInfo"]["hasNextPage"] for end in ends.values()):
            return Standing(fingerprints=frozenset(known))
        places = {key: end["pageInfo"]["endCursor"] for key, end in ends.items()}


def _nodes(pull: dict[str, Any]) -> list[dict[str, Any]]:
    threads = (thread["comments"]["nodes"] for thread in pull["reviewThreads"]["nodes"])
    return [*pull["reviews"]["nodes"], *(node for nodes in threads for node in nodes)]


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
    """Complete the check run, 50 annotations at a time."""
    standing_run = None if first else _standing_run(session, check)
    notes = [_annotation(note) for note in check.annotations]
    body: dict[str, Any] = {
        "status": "completed",
        "conclusion": check.conclusion,
        "external_id": check.external_id,
        "output": _output(check, notes[:_ANNOTATIONS]),
    }
    if standing_run is None:
        made = session.post("/check-runs", {"name": CHECK, "head_sha": check.head, **body})
    elif standing_run["output"]["annotations_count"] and notes:
        # annotations are only ever added: saying them again would double them
        body["output"] = _output(check, [])
        session.patch(f"/check-runs/{standing_run['id']}", body)
        return
    else:
        made = session.patch(f"/check-runs/{standing_run['id']}", body)
    for start in range(_ANNOTATIONS, len(notes), _ANNOTATIONS):
        output = _output(check, notes[start : start + _ANNOTATIONS])
        session.patch(f"/check-runs/{made['id']}", {"output": output})


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


def react(session: Session, comment: int, reaction: Reaction) -> None:
    """Put a reaction on an issue comment; GitHub keeps one of a kind."""
    session.post(f"/issues/comments/{comment}/reactions", {"content": reaction})
