"""Comments on lines: what podsec's own speak of, and answers in their threads."""

from __future__ import annotations

from typing import Any

from bot.adapters.github.session import Session
from bot.adapters.github.threads import marked
from bot.errors import Gone
from bot.model.delivery import CommentRef


def spoken_of(session: Session, comment: int) -> frozenset[str]:
    """The fingerprints in the marker of a comment, if podsec wrote it; none where it is gone."""
    try:
        found = session.get(f"/pulls/comments/{comment}")
    except Gone:
        return frozenset()
    own = (found["user"] or {}).get("type") == "Bot"
    return marked({"body": found["body"], "viewerDidAuthor": own})


def answer(session: Session, number: int, comment: CommentRef, key: str, body: str) -> None:
    """Say something once in a thread: the key in its marker is looked for before.

    GitHub wants the place of the thread too, and ignores it (REST, "Create a review comment for a
    pull request"); the endpoint made for replies takes no token of an installation.
    """
    marker = f"<!-- podsec:reply {key} -->"
    thread = comment.reply_to or comment.id
    first: dict[str, Any] = {}
    for said in session.rows(f"/pulls/{number}/comments"):
        if marker in said["body"] and (said["user"] or {}).get("type") == "Bot":
            return
        first = said if said["id"] == thread else first
    place = {"path": comment.path, "commit_id": first.get("commit_id", "")}
    answered = {"body": f"{body}\n{marker}", "in_reply_to": thread, **place}
    session.post(f"/pulls/{number}/comments", answered)
