"""Reviews and comments on lines: strict about what stands in the diff, all or nothing."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from bot.sandbox import pull_shapes
from bot.sandbox.diff_rows import excerpt, place, position
from bot.sandbox.http import Call, Page, route
from bot.sandbox.shapes import user
from bot.sandbox.world import Pull, Reaction, Refusal, Review, ReviewComment, World

_STATES = {
    "COMMENT": "COMMENTED",
    "APPROVE": "APPROVED",
    "REQUEST_CHANGES": "CHANGES_REQUESTED",
}
_LONGEST = 65536


def _pull(call: Call) -> Pull:
    return call.world.pull(call.repository, call.number("number"))


def _unprocessable(*reasons: str) -> Refusal:
    *most, last = reasons
    text = f"{', '.join(most)}, and {last}" if most else last
    return Refusal(422, "Unprocessable Entity", [text])


def _list(call: Call) -> tuple[int, Any]:
    pull = _pull(call)
    rows = [
        pull_shapes.review(call.world, call.repository, pull, found)
        for found in pull.reviews
        if found.state != "PENDING" or found.user == call.caller.login
    ]
    return 200, Page(rows=rows)


def _create(call: Call) -> tuple[int, Any]:
    pull = _pull(call)
    event = call.field("event", str)
    body = call.field("body", str, default="")
    comments = call.field("comments", list, default=[])
    if event is not None and event not in _STATES:
        raise Refusal(422, f"Variable $event of type PullRequestReviewEvent got {event}")
    if event in ("COMMENT", "REQUEST_CHANGES") and not body and not comments:
        raise _unprocessable("Review body can't be blank")
    if len(body) > _LONGEST or any(len(str(c.get("body", ""))) > _LONGEST for c in comments):
        raise _unprocessable("Body is too long (maximum is 65536 characters)")
    if any(r.state == "PENDING" and r.user == call.caller.login for r in pull.reviews):
        raise _unprocessable("User can only have one pending review per pull request")
    commit = _commit(call, pull)
    review = Review(
        id=call.world.new_id(),
        user=call.caller.login,
        body=body,
        state=_STATES.get(event or "", "PENDING"),
        commit=commit,
    )
    placed = _placed(call, pull, review, comments)
    pull.reviews.append(review)
    pull.comments.extend(placed)
    return 200, pull_shapes.review(call.world, call.repository, pull, review)


def _commit(call: Call, pull: Pull) -> str:
    commit: str = call.field("commit_id", str, default=pull.head_sha)
    store = call.repository.store
    if store.resolve(commit) is None or not store.is_ancestor(commit, pull.head_sha):
        raise _unprocessable("The commit_id is not part of the pull request")
    return commit


def _placed(
    call: Call, pull: Pull, review: Review, comments: list[dict[str, Any]]
) -> list[ReviewComment]:
    """The comments in their places. Raises Refusal for all if one has none."""
    changes = call.repository.store.changes(pull.base_sha, review.commit)
    patches = {change.path: change.patch or "" for change in changes}
    reasons: list[str] = []
    placed = []
    for row in comments:
        patch = patches.get(str(row.get("path")))
        reason = _misplaced(patch, row)
        if reason:
            reasons += [text for text in reason if text not in reasons]
        elif patch is not None:
            placed.append(_comment(call, pull, review, patch, row))
    if reasons:
        raise _unprocessable(*reasons)
    return placed


def _misplaced(patch: str | None, row: dict[str, Any]) -> list[str]:
    """Why a comment cannot stand where it asks to stand."""
    if patch is None:
        return ["Path could not be resolved"]
    line, side = row.get("line"), row.get("side", "RIGHT")
    start, start_side = row.get("start_line"), row.get("start_side", row.get("side", "RIGHT"))
    end = place(patch, line, side) if isinstance(line, int) else None
    if end is None:
        return ["Line could not be resolved"]
    if not row.get("body"):
        return ["Body can't be blank"]
    if start is None:
        return []
    if start >= line and start_side == side:
        return ["Pull request review thread start line must precede the end line."]
    first = place(patch, start, start_side)
    if first is None:
        return ["Start line could not be resolved"]
    if first.hunk != end.hunk:
        text = "Pull request review thread start line must be part of the same hunk as the line."
        return [text]
    return []


def _comment(
    call: Call, pull: Pull, review: Review, patch: str, row: dict[str, Any]
) -> ReviewComment:
    line, side = int(row["line"]), str(row.get("side", "RIGHT"))
    return ReviewComment(
        id=call.world.new_id(),
        user=call.caller.login,
        body=str(row["body"]),
        path=str(row["path"]),
        side=side,
        line=line,
        start_line=row.get("start_line"),
        original_line=line,
        original_start_line=row.get("start_line"),
        commit=review.commit,
        original_commit=review.commit,
        diff_hunk=excerpt(patch, line, side),
        position=position(patch, line, side),
        review=review.id,
    )


def _review(call: Call) -> tuple[Pull, Review]:
    pull = _pull(call)
    found = next((r for r in pull.reviews if r.id == call.number("review")), None)
    if found is None:
        raise Refusal(404, "Not Found")
    return pull, found


def _get(call: Call) -> tuple[int, Any]:
    pull, found = _review(call)
    return 200, pull_shapes.review(call.world, call.repository, pull, found)


def _delete(call: Call) -> tuple[int, Any]:
    pull, found = _review(call)
    if found.state != "PENDING":
        raise _unprocessable("Can not delete a non-pending pull request review")
    pull.reviews.remove(found)
    pull.comments[:] = [c for c in pull.comments if c.review != found.id]
    return 200, pull_shapes.review(call.world, call.repository, pull, found)


def _all_comments(call: Call) -> tuple[int, Any]:
    pull = _pull(call)
    return 200, Page(rows=[_row(call, pull, found) for found in _visible(pull)])


def _row(call: Call, pull: Pull, found: ReviewComment) -> dict[str, Any]:
    return pull_shapes.review_comment(call.world, call.repository, pull, found)


def _visible(pull: Pull) -> list[ReviewComment]:
    pending = {review.id for review in pull.reviews if review.state == "PENDING"}
    return [comment for comment in pull.comments if comment.review not in pending]


def _reply(call: Call) -> tuple[int, Any]:
    pull = _pull(call)
    target = call.field("in_reply_to", int)
    first = next((c for c in pull.comments if c.id == target), None)
    if first is None:
        raise Refusal(422, "Validation Failed", ["in_reply_to is not a comment of this thread"])
    body = call.field("body", str, needed=True)
    comment = reply(call.world, pull, first, body, call.caller.login)
    call.hooks.review_comment("created", call.repository, pull, comment)
    return 201, _row(call, pull, comment)


def reply(world: World, pull: Pull, first: ReviewComment, body: str, user: str) -> ReviewComment:
    """One more comment in the thread of `first`."""
    comment = replace(
        first,
        id=world.new_id(),
        user=user,
        body=body,
        reply_to=first.reply_to or first.id,
        reactions=[],
    )
    pull.comments.append(comment)
    return comment


def _found(call: Call) -> tuple[Pull, ReviewComment]:
    wanted = call.number("comment")
    for pull in call.repository.pulls.values():
        for comment in pull.comments:
            if comment.id == wanted:
                return pull, comment
    raise Refusal(404, "Not Found")


def _one_comment(call: Call) -> tuple[int, Any]:
    pull, found = _found(call)
    return 200, _row(call, pull, found)


def _edit_comment(call: Call) -> tuple[int, Any]:
    pull, found = _found(call)
    if found.user != call.caller.login:
        raise Refusal(403, "Resource not accessible by integration")
    found.body = call.field("body", str, needed=True)
    return 200, _row(call, pull, found)


def _delete_comment(call: Call) -> tuple[int, Any]:
    pull, found = _found(call)
    pull.comments.remove(found)
    return 204, None


def _react(call: Call) -> tuple[int, Any]:
    _, found = _found(call)
    return react(call, found.reactions)


def react(call: Call, reactions: list[Reaction]) -> tuple[int, Any]:
    """Put an emoji on a comment; the same twice answers 200 with the first."""
    content = call.field("content", str, needed=True)
    known = next(
        (r for r in reactions if (r.user, r.content) == (call.caller.login, content)), None
    )
    found = known or Reaction(id=call.world.new_id(), user=call.caller.login, content=content)
    if known is None:
        reactions.append(found)
    data = {
        "id": found.id,
        "node_id": f"REA_{found.id}",
        "user": user(call.world, found.user),
        "content": found.content,
        "created_at": found.at,
    }
    return (200 if known else 201), data


_route = partial(route, "/repos/{owner}/{repo}/pulls", "pull_requests")
ROUTES = [
    _route("GET", "/{number:int}/reviews", "read", _list),
    _route("POST", "/{number:int}/reviews", "write", _create),
    _route("GET", "/{number:int}/reviews/{review:int}", "read", _get),
    _route("DELETE", "/{number:int}/reviews/{review:int}", "write", _delete),
    _route("GET", "/{number:int}/comments", "read", _all_comments),
    _route("POST", "/{number:int}/comments", "write", _reply),
    _route("GET", "/comments/{comment:int}", "read", _one_comment),
    _route("PATCH", "/comments/{comment:int}", "write", _edit_comment),
    _route("DELETE", "/comments/{comment:int}", "write", _delete_comment),
    _route("POST", "/comments/{comment:int}/reactions", "write", _react),
]
