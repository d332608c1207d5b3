"""What the sandbox knows: accounts, repositories, pull requests, what was said, what was sent."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.sandbox.repository_store import Store

BOT_LOGIN = "podsec[bot]"


def now() -> str:
    """The time as GitHub writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def later(than: str) -> str:
    """The time, at least a second after another: GitHub tells two events of a second not apart."""
    least = datetime.fromisoformat(than) + timedelta(seconds=1)
    return max(now(), least.strftime("%Y-%m-%dT%H:%M:%SZ"))


class Refusal(Exception):
    """GitHub's answer to a request that it does not carry out."""

    def __init__(self, status: int, message: str, errors: list[Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors


@dataclass(slots=True, kw_only=True)
class Account:
    """A person, an organization or a bot."""

    id: int
    login: str
    type: str = "User"


@dataclass(slots=True, kw_only=True)
class Reaction:
    """An emoji on a comment."""

    id: int
    user: str
    content: str
    at: str = field(default_factory=now)


@dataclass(slots=True, kw_only=True)
class IssueComment:
    """Something said in the conversation."""

    id: int
    user: str
    body: str
    number: int
    at: str = field(default_factory=now)
    updated: str = field(default_factory=now)
    reactions: list[Reaction] = field(default_factory=list)
    minimized: str | None = None


@dataclass(slots=True, kw_only=True)
class ReviewComment:
    """Something said on a line."""

    id: int
    user: str
    body: str
    path: str
    side: str
    line: int | None
    start_line: int | None
    original_line: int
    original_start_line: int | None
    commit: str
    original_commit: str
    diff_hunk: str
    position: int | None
    review: int
    reply_to: int | None = None
    resolved: bool = False
    at: str = field(default_factory=now)
    reactions: list[Reaction] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Review:
    """One review; PENDING ones are seen by their author alone."""

    id: int
    user: str
    body: str
    state: str
    commit: str
    at: str = field(default_factory=now)


@dataclass(slots=True, kw_only=True)
class CheckRun:
    """The result of a check on a commit."""

    id: int
    name: str
    head: str
    status: str
    conclusion: str | None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    external_id: str = ""
    details_url: str | None = None
    annotations: list[dict[str, Any]] = field(default_factory=list)
    actions: list[dict[str, Any]] = field(default_factory=list)
    at: str = field(default_factory=now)
    completed: str | None = None


@dataclass(slots=True, kw_only=True)
class Pull:
    """A pull request. `head_repository` is a name; a fork's differs from the base's."""

    id: int
    number: int
    title: str
    body: str | None
    author: str
    base_ref: str
    base_sha: str
    head_repository: str
    head_ref: str
    head_sha: str
    draft: bool = False
    state: str = "open"
    merged: bool = False
    at: str = field(default_factory=now)
    updated: str = field(default_factory=now)
    closed: str | None = None
    labels: list[str] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    reviewers: list[str] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    comments: list[ReviewComment] = field(default_factory=list)
    asked: bool = False
    """Whether it was read before: GitHub computes `mergeable` after the first read."""


@dataclass(slots=True, kw_only=True)
class Issue:
    """An issue that is no pull request; both share their numbers."""

    id: int
    number: int
    title: str
    body: str | None
    author: str
    state: str = "open"
    at: str = field(default_factory=now)
    updated: str = field(default_factory=now)
    closed: str | None = None
    labels: list[str] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Repository:
    """A repository and what happens in it."""

    id: int
    owner: str
    name: str
    store: Store
    default_branch: str = "main"
    private: bool = True
    parent: str | None = None
    permissions: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    pulls: dict[int, Pull] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    comments: list[IssueComment] = field(default_factory=list)
    checks: list[CheckRun] = field(default_factory=list)
    at: str = field(default_factory=now)

    @property
    def full_name(self) -> str:
        """Owner and name."""
        return f"{self.owner}/{self.name}"

    @property
    def next_number(self) -> int:
        """The number of the next issue or pull request."""
        return max([0, *self.pulls, *self.issues]) + 1


@dataclass(slots=True, kw_only=True)
class Delivery:
    """One webhook delivery and how the receiver answered."""

    id: str
    number: int
    event: str
    payload: dict[str, Any]
    at: str = field(default_factory=now)
    status: int | None = None
    redelivery: bool = False


@dataclass(slots=True, kw_only=True)
class World:
    """Everything, behind one lock."""

    root: Path
    app_id: int
    installation: int
    url: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock)
    accounts: dict[str, Account] = field(default_factory=dict)
    repositories: dict[str, Repository] = field(default_factory=dict)
    deliveries: list[Delivery] = field(default_factory=list)
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(1001))
    suspended: bool = False
    exhausted_until: float = 0.0
    former: dict[str, Repository] = field(default_factory=dict)
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The manifests of Apps in the making, by the code that GitHub gave back."""

    def new_id(self) -> int:
        """A number that nothing else has."""
        return next(self.ids)

    def account(self, login: str, kind: str | None = None) -> Account:
        """The account of a login, made when first named."""
        if login not in self.accounts:
            guess = kind or ("Bot" if login.endswith("[bot]") else "User")
            self.accounts[login] = Account(id=self.new_id(), login=login, type=guess)
        return self.accounts[login]

    def repository(self, owner: str, name: str) -> Repository:
        """A repository by its name. Raises Refusal 404."""
        found = self.repositories.get(f"{owner}/{name}".lower())
        if found is None:
            raise Refusal(404, "Not Found")
        return found

    def by_id(self, number: int) -> Repository | None:
        """A repository by its id."""
        with self.lock:
            return next((r for r in self.repositories.values() if r.id == number), None)

    def rename(self, repository: Repository, name: str) -> None:
        """Give a repository another name."""
        old = repository.full_name
        self.former[old.lower()] = self.repositories.pop(old.lower())
        repository.name = name
        self.repositories[repository.full_name.lower()] = repository
        repository.store.move(repository.store.path.with_name(f"{name}.git"))
        for other in self.repositories.values():
            for pull in other.pulls.values():
                if pull.head_repository == old:
                    pull.head_repository = repository.full_name

    def thread(self, repository: Repository, number: int) -> Pull | Issue:
        """A pull request or an issue. Raises Refusal 404."""
        return repository.issues.get(number) or self.pull(repository, number)

    def pull(self, repository: Repository, number: int) -> Pull:
        """A pull request. Raises Refusal 404."""
        found = repository.pulls.get(number)
        if found is None:
            raise Refusal(404, "Not Found")
        return found
