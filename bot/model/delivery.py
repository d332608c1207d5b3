"""What GitHub sent, and the durable unit of work that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from bot.frozen import frozen

OWN_BRANCHES = "podsec/fix/"
JobKind = Literal[
    "check_pull_request",
    "run_command",
    "close_pull_request",
    "recheck_commit",
    "conclude_merge_group",
    "refresh_repository",
    "sweep_repository",
]


@frozen
class Delivery:
    """One webhook delivery, kept before anything else; `id` (the GUID) is its idempotency key."""

    id: str
    event: str
    payload: Mapping[str, Any]


@frozen
class RepositoryRef:
    """A repository by id, which survives renames, and by its present name."""

    id: int
    full_name: str
    installation: int

    @property
    def owner(self) -> str:
        """The account part of the name."""
        return self.full_name.partition("/")[0]


@frozen
class PullRef:
    """A pull request as the payload describes it: no call is needed to review it.

    `discussed`: there are comments on its lines, as far as the payload tells.
    """

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
    discussed: bool = False

    @property
    def is_own(self) -> bool:
        """Whether it is one of podsec's own follow-up pull requests: a bot's, on its branch."""
        own_branch = self.head_ref.startswith(OWN_BRANCHES) and not self.fork
        return own_branch and self.author.endswith("[bot]")


def pull_ref(repository: RepositoryRef, data: Mapping[str, Any]) -> PullRef:
    """A pull request from GitHub's object, which REST and webhooks share."""
    head, base = data["head"], data["base"]
    home = head["repo"]
    return PullRef(
        repository=repository,
        number=data["number"],
        head_sha=head["sha"],
        head_ref=head["ref"],
        base_sha=base["sha"],
        base_ref=base["ref"],
        fork=home is None or home["id"] != base["repo"]["id"],
        draft=bool(data.get("draft")),
        state=data["state"],
        author=(data["user"] or {}).get("login", ""),
        discussed=bool(data.get("review_comments")),
    )


@frozen
class CommentRef:
    """The comment that gave a command.

    One on a line has the `path` that it stands in, the `lines` (first, last) unless they are gone,
    and in `reply_to` the comment that opened its thread. A button of a check run has the id 0.
    """

    id: int
    author: str
    body: str
    path: str | None = None
    lines: tuple[int, int] | None = None
    reply_to: int | None = None

    @property
    def is_inline(self) -> bool:
        """Whether it stands on a line, and not in the conversation."""
        return self.path is not None

    @property
    def is_button(self) -> bool:
        """Whether somebody pressed a button: there is no comment to react to."""
        return self.id == 0


SUPERSEDED: frozenset[JobKind] = frozenset(
    ("check_pull_request", "close_pull_request", "refresh_repository")
)


@frozen
class Job:
    """Work to do.

    A newer job of the same `key` supersedes an older one where both are of `SUPERSEDED`; `at`
    (GitHub's time of the last change, ISO 8601) says which is newer, since deliveries come out of
    order. `opened`: nothing can stand on the pull request yet. `new_head`: no check run can stand
    on the head yet. From the second `attempt` on, neither is trusted. `head` is the commit of a job
    that has no pull request, and `reason` why there is something to do.
    """

    id: str
    kind: JobKind
    key: str
    repository: RepositoryRef
    number: int = 0
    at: str = ""
    head: str = ""
    reason: str = ""
    opened: bool = False
    new_head: bool = False
    attempt: int = 1
    waits: int = 0
    pull: PullRef | None = None
    comment: CommentRef | None = None

    @property
    def is_first_word(self) -> bool:
        """Whether podsec cannot have said anything on the pull request yet."""
        return self.opened and self.attempt == 1

    @property
    def is_first_check(self) -> bool:
        """Whether podsec cannot have concluded a check run on the head yet."""
        return self.new_head and self.attempt == 1


@frozen
class Outcome:
    """How a job ended: done, again after `retry_after` seconds, or given up with a reason.

    `waited`: it ended because GitHub, or podsec's own limit, wants a pause.
    """

    state: Literal["done", "again", "given up"]
    reason: str = ""
    retry_after: float = 0.0
    waited: bool = False
