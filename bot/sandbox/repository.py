"""A repository of the sandbox, and what people do in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.sandbox import events, pull_shapes
from bot.sandbox.buttons import Buttons
from bot.sandbox.repository_store import ZERO, Store
from bot.sandbox.rest.reviews import reply
from bot.sandbox.suggestion import replaced
from bot.sandbox.webhooks import Webhooks
from bot.sandbox.world import (
    CheckRun,
    IssueComment,
    Pull,
    Reaction,
    Refusal,
    Repository,
    World,
    later,
    now,
)


class SandboxRepository:
    """A repository of the sandbox, and what people do in it."""

    def __init__(self, world: World, hooks: Webhooks, home: Repository) -> None:
        self._world, self._hooks, self._home = world, hooks, home
        self.buttons = Buttons(world, hooks, home)

    @property
    def full_name(self) -> str:
        """Owner and name."""
        return self._home.full_name

    @property
    def id(self) -> int:
        """Its number, which no renaming changes."""
        return self._home.id

    def commit(
        self,
        branch: str,
        files: Mapping[str, str | bytes | None],
        message: str,
        author: str = "octo-dev",
    ) -> str:
        """Commit files (None deletes) to a branch, which starts at main; returns the SHA."""
        with self._world.lock:
            store = self._home.store
            refs = store.refs()
            ref = f"refs/heads/{branch}"
            parent = refs.get(ref) or refs.get(f"refs/heads/{self._home.default_branch}")
            rows = [_row(store, path, data) for path, data in files.items()]
            tree = store.write_tree(parent, rows)
            sha = store.write_commit(tree, [parent] if parent else [], message, author)
            store.set_ref(ref, sha)
            before = refs.get(ref, ZERO)
            events.pushed(self._world, self._hooks, self._home, ref, before, sha, author)
            return sha

    def chmod(self, branch: str, path: str, mode: str, author: str = "octo-dev") -> str:
        """Commit another mode of a file, such as 100755; returns the SHA."""
        with self._world.lock:
            store, ref = self._home.store, f"refs/heads/{branch}"
            tip = store.refs()[ref]
            sha = store.write_blob(store.read(tip, path) or b"")
            tree = store.write_tree(tip, [(mode, path, sha)])
            commit = store.write_commit(tree, [tip], f"Make {path} {mode}", author)
            store.set_ref(ref, commit)
            events.pushed(self._world, self._hooks, self._home, ref, tip, commit, author)
            return commit

    def mode(self, branch: str, path: str) -> str:
        """The mode of a file on a branch."""
        rows = self._home.store.tree(branch, recursive=True)
        return next(row.mode for row in rows if row.path == path)

    def open_pull(
        self,
        *,
        head: str,
        base: str,
        title: str,
        author: str = "octo-dev",
        body: str | None = None,
        draft: bool = False,
    ) -> int:
        """Open a pull request; returns its number."""
        with self._world.lock:
            pull = events.open_pull(
                self._world,
                self._hooks,
                self._home,
                head=head,
                base=base,
                title=title,
                body=body,
                author=author,
                draft=draft,
            )
            return pull.number

    def fork(self, owner: str) -> SandboxRepository:
        """A copy under another account."""
        with self._world.lock:
            self._world.account(owner)
            store = Store.create(self._world.root / owner / f"{self._home.name}.git")
            store.git("fetch", "-q", str(self._home.store.path), "refs/heads/*:refs/heads/*")
            home = Repository(
                id=self._world.new_id(),
                owner=owner,
                name=self._home.name,
                store=store,
                parent=self._home.full_name,
            )
            self._world.repositories[home.full_name.lower()] = home
        return SandboxRepository(self._world, self._hooks, home)

    def comment(self, number: int, body: str, author: str = "octo-dev") -> int:
        """Say something in a conversation; returns the comment's id."""
        with self._world.lock:
            self._world.account(author)
            pull = self._world.pull(self._home, number)
            comment = IssueComment(id=self._world.new_id(), user=author, body=body, number=number)
            self._home.comments.append(comment)
            self._hooks.issue_comment("created", self._home, pull, comment)
            return comment.id

    def reply(self, number: int, comment: int, body: str, author: str = "octo-dev") -> int:
        """Answer a comment on a line; returns the new comment's id."""
        with self._world.lock:
            self._world.account(author)
            pull = self._world.pull(self._home, number)
            first = next(found for found in pull.comments if found.id == comment)
            made = reply(self._world, pull, first, body, author)
            self._hooks.review_comment("created", self._home, pull, made)
            return made.id

    def ready(self, number: int, sender: str = "octo-dev") -> None:
        """Take a pull request out of draft."""
        with self._world.lock:
            pull = self._world.pull(self._home, number)
            pull.draft = False
            self._hooks.pull_request("ready_for_review", self._home, pull, sender)

    def close(self, number: int, sender: str = "octo-dev") -> None:
        """Close a pull request."""
        with self._world.lock:
            pull = self._world.pull(self._home, number)
            pull.state, pull.closed, pull.updated = "closed", now(), later(pull.updated)
            self._hooks.pull_request("closed", self._home, pull, sender)

    def reopen(self, number: int, sender: str = "octo-dev") -> None:
        """Open a closed pull request again."""
        with self._world.lock:
            pull = self._world.pull(self._home, number)
            pull.state, pull.closed, pull.updated = "open", None, later(pull.updated)
            self._hooks.pull_request("reopened", self._home, pull, sender)

    def merge(self, number: int, sender: str = "octo-dev") -> str:
        """Merge a pull request whose base did not move on; returns the merge commit's SHA."""
        with self._world.lock:
            pull, store = self._world.pull(self._home, number), self._home.store
            ref = f"refs/heads/{pull.base_ref}"
            tip = store.refs()[ref]
            if not store.is_ancestor(tip, pull.head_sha):
                raise Refusal(405, "Pull Request is not mergeable")
            tree, *_ = store.message_of(pull.head_sha)
            message = f"Merge pull request #{number}"
            sha = store.write_commit(tree, [tip, pull.head_sha], message, sender)
            store.set_ref(ref, sha)
            pull.merged, pull.state, pull.closed = True, "closed", now()
            events.pushed(self._world, self._hooks, self._home, ref, tip, sha, sender)
            self._hooks.pull_request("closed", self._home, pull, sender)
            return sha

    def apply_suggestion(self, number: int, comment: int, author: str = "octo-dev") -> str:
        """Press "Commit suggestion" on a comment; returns the commit's SHA.

        Raises Refusal 422 where GitHub shows no such button.
        """
        with self._world.lock:
            pull = self._world.pull(self._home, number)
            found = next(c for c in pull.comments if c.id == comment)
            old = self._home.store.read(pull.head_sha, found.path) or b""
            if pull.state != "open" or found.line is None or found.side != "RIGHT":
                raise Refusal(422, "Applying suggestions is not possible on outdated comments")
            new = replaced(old, found.start_line or found.line, found.line, found.body)
            if pull.head_repository != self._home.full_name:
                raise Refusal(422, "The head is a fork: only its owner can press the button")
        return self.commit(pull.head_ref, {found.path: new}, "Apply suggestion", author)

    def resolve(self, number: int, comment: int) -> None:
        """Press "Resolve conversation" on a comment."""
        self.buttons.resolve(number, comment)

    def rename(self, name: str) -> None:
        """Give the repository another name: the former one redirects."""
        with self._world.lock:
            self._world.rename(self._home, name)

    def set_permission(self, login: str, level: str) -> None:
        """Give a person read, write or admin."""
        self._world.account(login)
        self._home.permissions[login] = level

    def pull(self, number: int) -> dict[str, Any]:
        """A pull request as REST shows it."""
        with self._world.lock:
            return pull_shapes.full_pull(self._world, self._home, self._home.pulls[number])

    def pulls(self) -> list[dict[str, Any]]:
        """All pull requests."""
        with self._world.lock:
            found = self._home.pulls.values()
            return [pull_shapes.simple_pull(self._world, self._home, pull) for pull in found]

    def reviews(self, number: int) -> list[dict[str, Any]]:
        """The reviews of a pull request."""
        pull = self._home.pulls[number]
        return [pull_shapes.review(self._world, self._home, pull, r) for r in pull.reviews]

    def review_comments(self, number: int) -> list[dict[str, Any]]:
        """The comments on its lines."""
        pull: Pull = self._home.pulls[number]
        return [pull_shapes.review_comment(self._world, self._home, pull, c) for c in pull.comments]

    def comments(self, number: int) -> list[dict[str, Any]]:
        """Its conversation."""
        found = [c for c in self._home.comments if c.number == number]
        return [pull_shapes.issue_comment(self._world, self._home, c) for c in found]

    def issues(self) -> list[dict[str, Any]]:
        """The issues that are no pull requests."""
        with self._world.lock:
            found = self._home.issues.values()
            return [pull_shapes.issue(self._world, self._home, issue) for issue in found]

    def edit_issue(self, number: int, body: str, sender: str = "octo-dev") -> None:
        """Change an issue's text, as who ticks a box in it does."""
        with self._world.lock:
            issue = self._home.issues[number]
            before, issue.body, issue.updated = issue.body, body, now()
            changes = {"body": {"from": before or ""}}
            self._hooks.issues("edited", self._home, issue, sender, changes=changes)

    def edit_pull(self, number: int, body: str, sender: str = "octo-dev") -> None:
        """Change a pull request's text."""
        with self._world.lock:
            pull = self._home.pulls[number]
            before, pull.body, pull.updated = pull.body, body, now()
            changes = {"body": {"from": before or ""}}
            self._hooks.pull_request("edited", self._home, pull, sender, changes=changes)

    def reactions(self, comment: int) -> list[str]:
        """The emojis on a comment, in order."""
        said: dict[int, list[Reaction]] = {c.id: c.reactions for c in self._home.comments}
        said |= {c.id: c.reactions for pull in self._home.pulls.values() for c in pull.comments}
        return [reaction.content for reaction in said[comment]]

    def check_runs(self, sha: str) -> list[dict[str, Any]]:
        """The check runs of a commit."""
        return [_check(run) for run in self._home.checks if run.head == sha]

    def branches(self) -> dict[str, str]:
        """Branches and their commits."""
        refs = self._home.store.refs()
        return {ref.removeprefix("refs/heads/"): sha for ref, sha in refs.items()}

    def message(self, branch: str) -> str:
        """The message of a branch's last commit."""
        return self._home.store.message_of(branch)[4]

    def read(self, branch: str, path: str) -> bytes | None:
        """A file on a branch."""
        return self._home.store.read(branch, path)

    def diff(self, base: str, head: str) -> str:
        """The three-dot diff of two branches."""
        return self._home.store.diff(base, head)


def _row(store: Store, path: str, data: str | bytes | None) -> tuple[str, str, str | None]:
    if data is None:
        return "100644", path, None
    return "100644", path, store.write_blob(data.encode() if isinstance(data, str) else data)


def _check(run: CheckRun) -> dict[str, Any]:
    return {
        "id": run.id,
        "name": run.name,
        "status": run.status,
        "conclusion": run.conclusion,
        "title": run.title,
        "summary": run.summary,
        "annotations": list(run.annotations),
        "external_id": run.external_id,
    }
