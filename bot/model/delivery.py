"""What GitHub sent, and the durable unit of work that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

JobKind = Literal["check_pull_request", "run_command"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One webhook delivery, kept before anything else; `id` (the GUID) is its idempotency key."""

    id: str
    event: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryRef:
    """A repository by id, which survives renames, and by its present name."""

    id: int
    full_name: str
    installation: int

    @property
    def owner(self) -> str:
        """The account part of the name."""
        return self.full_name.partition("/")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRef:
    """A pull request as the payload describes it: no call is needed to review it."""

    repository: RepositoryRef
    number: int
    head_sha: str
    head_ref: str
    base_sha: str
    base_ref: str
    fork: bool
    draft: bool
    state: str = "open"
    author: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentRef:
    """The comment that gave a command."""

    id: int
    author: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work to do; a newer `check_pull_request` of the same `key` supersedes an older one."""

    id: str
    kind: JobKind
    key: str
    repository: RepositoryRef
    number: int
    fresh: bool = False
    pull: PullRef | None = None
    comment: CommentRef | None = None
