"""What follows from a push or a new pull request: heads move, comments age, hooks fire."""

from __future__ import annotations

from difflib import SequenceMatcher

from bot.sandbox import rare_webhooks
from bot.sandbox.diff_rows import place
from bot.sandbox.repository_store import ZERO
from bot.sandbox.webhooks import Webhooks
from bot.sandbox.world import Pull, Refusal, Repository, ReviewComment, World, now


def pushed(
    world: World,
    hooks: Webhooks,
    home: Repository,
    ref: str,
    before: str,
    after: str,
    sender: str,
) -> None:
    """Carry a moved ref to the pull requests of its branch. The App hears of it."""
    branch = ref.removeprefix("refs/heads/")
    rare_webhooks.push(hooks, home, ref, before, after, sender)
    if after == ZERO:
        _close_all(world, hooks, home, branch, sender)
        return
    for place_ in world.repositories.values():
        for pull in place_.pulls.values():
            if pull.state != "open":
                continue
            if (pull.head_repository, pull.head_ref) == (home.full_name, branch):
                _move_head(hooks, place_, home, pull, (before, after), sender)
            elif place_ is home and pull.base_ref == branch:
                pull.base_sha = after


def _close_all(world: World, hooks: Webhooks, home: Repository, branch: str, sender: str) -> None:
    """A branch that goes away closes the pull requests from it and into it."""
    for place_ in world.repositories.values():
        for pull in place_.pulls.values():
            from_it = (pull.head_repository, pull.head_ref) == (home.full_name, branch)
            into_it = place_ is home and pull.base_ref == branch
            if pull.state == "open" and (from_it or into_it):
                pull.state, pull.closed = "closed", now()
                hooks.pull_request("closed", place_, pull, sender)


def _move_head(
    hooks: Webhooks,
    base: Repository,
    head: Repository,
    pull: Pull,
    step: tuple[str, str],
    sender: str,
) -> None:
    before, after = step
    keep_head(base, head, pull.number, after)
    pull.head_sha, pull.updated = after, now()
    patches = {c.path: c.patch for c in base.store.changes(pull.base_sha, after)}
    for comment in pull.comments:
        _follow(base, comment, after, patches.get(comment.path))
    hooks.pull_request("synchronize", base, pull, sender, before=before, after=after)


def keep_head(base: Repository, head: Repository, number: int, sha: str) -> None:
    """Make the head's objects readable through the base repository."""
    if base is not head:
        base.store.git("fetch", "-q", str(head.store.path), sha)
    base.store.set_ref(f"refs/pull/{number}/head", sha)


def _follow(base: Repository, comment: ReviewComment, after: str, patch: str | None) -> None:
    """Move a comment with its line, or leave it outdated: without a line."""
    if comment.line is None or comment.side != "RIGHT":
        return
    old = (base.store.read(comment.commit, comment.path) or b"").split(b"\n")
    new = (base.store.read(after, comment.path) or b"").split(b"\n")
    moved = _moved(old, new, comment.line)
    length = comment.line - (comment.start_line or comment.line)
    if moved is None or patch is None or place(patch, moved, "RIGHT") is None:
        comment.line = comment.start_line = comment.position = None
        return
    comment.line, comment.commit = moved, after
    if comment.start_line is not None:
        comment.start_line = moved - length


def _moved(old: list[bytes], new: list[bytes], line: int) -> int | None:
    for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        if block.a < line <= block.a + block.size:
            return line - block.a + block.b
    return None


def open_pull(
    world: World,
    hooks: Webhooks,
    home: Repository,
    *,
    head: str,
    base: str,
    title: str,
    body: str | None,
    author: str,
    draft: bool,
) -> Pull:
    """Open a pull request; `head` is `branch` or `owner:branch`. Raises Refusal 422."""
    owner, _, branch = head.rpartition(":")
    source = _source(world, home, owner or home.owner)
    tip = source.store.refs().get(f"refs/heads/{branch}") if source is not None else None
    start = home.store.refs().get(f"refs/heads/{base}")
    if source is None or tip is None:
        raise _invalid(field="head", code="invalid")
    if start is None:
        raise _invalid(field="base", code="invalid")
    if home.default_branch not in {r.removeprefix("refs/heads/") for r in home.store.refs()}:
        raise _invalid(field="base", code="invalid")
    same = (source.full_name, branch, base)
    for pull in home.pulls.values():
        found = (pull.head_repository, pull.head_ref, pull.base_ref)
        if found == same and pull.state == "open":
            raise _invalid(message=f"A pull request already exists for {source.owner}:{branch}.")
    number = home.next_number
    keep_head(home, source, number, tip)
    if home.store.count(start, tip) == 0:
        raise _invalid(message=f"No commits between {base} and {branch}")
    pull = Pull(
        id=world.new_id(),
        number=number,
        title=title,
        body=body,
        author=author,
        base_ref=base,
        base_sha=start,
        head_repository=source.full_name,
        head_ref=branch,
        head_sha=tip,
        draft=draft,
    )
    home.pulls[number] = pull
    hooks.pull_request("opened", home, pull, author)
    return pull


def _source(world: World, home: Repository, owner: str) -> Repository | None:
    if owner == home.owner:
        return home
    forks = (r for r in world.repositories.values() if r.parent == home.full_name)
    return next((fork for fork in forks if fork.owner == owner), None)


def _invalid(*, message: str = "", field: str = "", code: str = "custom") -> Refusal:
    error = {"resource": "PullRequest", "code": code}
    error |= {"message": message} if message else {"field": field}
    return Refusal(422, "Validation Failed", [error])
