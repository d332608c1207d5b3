"""The sandbox as its users hold it: repositories, pull requests, deliveries, faults."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import uvicorn

from bot.sandbox import events, pull_shapes, server
from bot.sandbox.access import Access, role
from bot.sandbox.faults import Fault, Recorder
from bot.sandbox.git_http import GitOverHttp
from bot.sandbox.repository_store import ZERO, Store
from bot.sandbox.webhooks import Webhooks
from bot.sandbox.world import CheckRun, Delivery, IssueComment, Pull, Refusal, Repository, World

Middleware = Callable[[Any], Any]


class Sandbox:
    """One GitHub with one App, installed everywhere.

    `root` is an empty folder for the git repositories; `webhook_url` is where deliveries go.
    """

    def __init__(
        self,
        root: Path,
        *,
        app_id: int = 1,
        private_key_pem: str | None = None,
        webhook_secret: str,
        webhook_url: str | None,
    ) -> None:
        self._world = World(root=root, app_id=app_id, installation=77)
        self._access = Access(app_id, private_key_pem)
        self._hooks = Webhooks(self._world, webhook_secret, webhook_url)
        self._faults: list[Fault] = []
        self.requests: list[tuple[str, str, int]] = []
        self.middleware: Middleware = lambda app: app

    @property
    def private_key_pem(self) -> str:
        """The App's private key."""
        return self._access.private_key_pem

    @property
    def deliveries(self) -> list[Delivery]:
        """All that was sent."""
        return self._world.deliveries

    @property
    def url(self) -> str:
        """Where it listens."""
        return self._world.url

    @contextlib.contextmanager
    def running(self, port: int = 0) -> Iterator[str]:
        """Serve on loopback until the block ends; yields the address."""
        listener = socket.create_server(("127.0.0.1", port))
        self._world.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(self._application(), log_level="error", lifespan="off")
        serving = uvicorn.Server(config)
        thread = threading.Thread(target=serving.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        self._hooks.start()
        while not serving.started and thread.is_alive():
            time.sleep(0.01)
        try:
            yield self._world.url
        finally:
            self._hooks.stop()
            serving.should_exit = True
            thread.join(10)
            listener.close()

    def _application(self) -> Any:
        api = server.application(self._world, self._access, self._hooks)
        checked = self.middleware(Recorder(api, self.requests, self._faults))
        return GitOverHttp(checked, self._world.root, self._may_clone, self._pushed)

    def _may_clone(self, token: str | None, owner: str, name: str) -> str | None:
        try:
            home = self._world.repository(owner, name)
            caller = self._access.holder(token) if token else self._access.caller("")
            level = role(home, caller)
        except Refusal as refusal:
            return None if refusal.status == 401 else "none"
        return "write" if level == "admin" else level

    def _pushed(self, owner: str, name: str, ref: str, before: str, after: str) -> None:
        with self._world.lock:
            home = self._world.repository(owner, name)
            events.pushed(self._world, self._hooks, home, ref, before, after, owner)

    def fail(
        self,
        method: str,
        path: str,
        *,
        status: int,
        times: int = 1,
        after: bool = False,
        headers: Mapping[str, str] | None = None,
        message: str = "Server Error",
    ) -> None:
        """Let the next `times` requests whose path matches fail; `after` the work was done."""
        fault = Fault(
            method=method,
            path=re.compile(path),
            status=status,
            times=times,
            after=after,
            headers=dict(headers or {}),
            message=message,
        )
        self._faults.append(fault)

    def redeliver(self, guid: str) -> None:
        """Send a delivery again under its GUID."""
        self._hooks.redeliver(guid)

    def ping(self) -> None:
        """Send the ping of a new hook."""
        self._hooks.ping()

    def delivered(self) -> bool:
        """Whether every delivery has its answer."""
        return self._hooks.idle()

    def expire_tokens(self) -> None:
        """Make every installation token bad, as after its hour."""
        self._access.revoke_all()

    def grant(self, **permissions: str) -> None:
        """Change what the App may do, as an owner who did not accept new permissions."""
        self._access.granted = {"metadata": "read", **permissions}

    def person(self, login: str) -> str:
        """A personal token."""
        self._world.account(login)
        return self._access.person(login)

    def create_repository(
        self, full_name: str, files: Mapping[str, str | bytes]
    ) -> SandboxRepository:
        """A repository whose `main` holds the files."""
        owner, _, name = full_name.partition("/")
        with self._world.lock:
            self._world.account(owner, "Organization")
            store = Store.create(self._world.root / owner / f"{name}.git")
            home = Repository(id=self._world.new_id(), owner=owner, name=name, store=store)
            self._world.repositories[full_name.lower()] = home
        made = SandboxRepository(self._world, self._hooks, home)
        made.commit("main", files, "First commit")
        return made


class SandboxRepository:
    """A repository of the sandbox, and what people do in it."""

    def __init__(self, world: World, hooks: Webhooks, home: Repository) -> None:
        self._world, self._hooks, self._home = world, hooks, home

    @property
    def full_name(self) -> str:
        """Owner and name."""
        return self._home.full_name

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
            pull.state = "closed"
            self._hooks.pull_request("closed", self._home, pull, sender)

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

    def reactions(self, comment: int) -> list[str]:
        """The emojis on a comment, in order."""
        found = next(c for c in self._home.comments if c.id == comment)
        return [reaction.content for reaction in found.reactions]

    def check_runs(self, sha: str) -> list[dict[str, Any]]:
        """The check runs of a commit."""
        return [_check(run) for run in self._home.checks if run.head == sha]

    def branches(self) -> dict[str, str]:
        """Branches and their commits."""
        refs = self._home.store.refs()
        return {ref.removeprefix("refs/heads/"): sha for ref, sha in refs.items()}

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
