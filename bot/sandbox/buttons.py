"""What people press on GitHub's pages beside a repository's own files."""

from __future__ import annotations

from typing import Any

from bot.sandbox import rare_webhooks
from bot.sandbox.access import GRANTED
from bot.sandbox.pull_shapes import changed_base
from bot.sandbox.rest.checks import shape
from bot.sandbox.webhooks import Webhooks
from bot.sandbox.world import CheckRun, Refusal, Repository, World, later


class Buttons:
    """The buttons of one repository."""

    def __init__(self, world: World, hooks: Webhooks, home: Repository) -> None:
        self._world, self._hooks, self._home = world, hooks, home

    def press(self, run: int, identifier: str, sender: str = "octo-dev") -> None:
        """Press a button of a check run. Raises Refusal where it has none such."""
        with self._world.lock:
            found = self._run(run)
            if identifier not in {button["identifier"] for button in found.actions}:
                raise Refusal(422, f"the check run has no button {identifier}")
            more = {"requested_action": {"identifier": identifier}}
            self._check_run("requested_action", found, sender, **more)

    def rerun(self, run: int, sender: str = "octo-dev") -> None:
        """Press "Re-run" beside a check run."""
        with self._world.lock:
            self._check_run("rerequested", self._run(run), sender)

    def rerun_all(self, sha: str, sender: str = "octo-dev") -> None:
        """Press "Re-run all checks" of a commit."""
        with self._world.lock:
            app = self._shape(next(run for run in self._home.checks if run.head == sha))["app"]
            rare_webhooks.check_suite(self._hooks, self._home, sha, app, sender)

    def queue(self, number: int, sender: str = "octo-dev") -> str:
        """Put a pull request into the merge queue; returns the head of its group."""
        with self._world.lock:
            pull, store = self._world.pull(self._home, number), self._home.store
            base = store.refs()[f"refs/heads/{self._home.default_branch}"]
            tree, *_ = store.message_of(pull.head_sha)
            head = store.write_commit(tree, [base, pull.head_sha], f"Merge #{number}", sender)
            store.set_ref(f"refs/heads/gh-readonly-queue/main/pr-{number}", head)
            rare_webhooks.merge_group(self._hooks, self._home, head, base, sender)
            return head

    def draft(self, number: int, sender: str = "octo-dev") -> None:
        """Press "Convert to draft"."""
        with self._world.lock:
            pull = self._world.pull(self._home, number)
            pull.draft, pull.updated = True, later(pull.updated)
            self._hooks.pull_request("converted_to_draft", self._home, pull, sender)

    def change_base(self, number: int, base: str, sender: str = "octo-dev") -> None:
        """Choose another base branch for a pull request."""
        with self._world.lock:
            pull = self._world.pull(self._home, number)
            changes = changed_base(pull)
            pull.base_ref, pull.updated = base, later(pull.updated)
            pull.base_sha = self._home.store.refs()[f"refs/heads/{base}"]
            self._hooks.pull_request("edited", self._home, pull, sender, changes=changes)

    def change_title(self, number: int, title: str, sender: str = "octo-dev") -> None:
        """Edit the title of a pull request."""
        with self._world.lock:
            pull = self._world.pull(self._home, number)
            changes = {"title": {"from": pull.title}}
            pull.title, pull.updated = title, later(pull.updated)
            self._hooks.pull_request("edited", self._home, pull, sender, changes=changes)

    def resolve(self, number: int, comment: int, sender: str = "octo-dev") -> None:
        """Press "Resolve conversation" on a comment."""
        with self._world.lock:
            pull = self._world.pull(self._home, number)
            found = next(c for c in pull.comments if c.id == comment)
            found.resolved = True
            said = [c for c in pull.comments if found.id in (c.id, c.reply_to)]
            rare_webhooks.thread(self._hooks, "resolved", self._home, pull, said, sender)

    def _run(self, number: int) -> CheckRun:
        return next(run for run in self._home.checks if run.id == number)

    def _shape(self, run: CheckRun) -> dict[str, Any]:
        return shape(self._world, self._home, run, GRANTED)

    def _check_run(self, action: str, run: CheckRun, sender: str, **more: Any) -> None:
        rare_webhooks.check_run(self._hooks, action, self._home, self._shape(run), sender, **more)
