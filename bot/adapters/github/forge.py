"""The port Forge on PyGithub."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from bot.adapters.github import changes, conversation, pull_requests
from bot.adapters.github.session import Session
from bot.adapters.github.tokens import Tokens
from bot.errors import Gone, RateLimited, StaleToken
from bot.model.action import Reaction
from bot.model.change import ChangeSet
from bot.model.delivery import PullRef, RepositoryRef, pull_ref
from bot.model.review import CheckRun, Proposal, Review, Standing
from bot.ports import Permission

_CACHED = 512
_Files = dict[tuple[int, int, str, str], bytes | None]


class GitHubForges:
    """Opens clients; keeps tokens, pauses, and files at commits, which never change.

    `pause` is the seconds between two writes of one job, `timeout` the seconds for one answer.
    """

    def __init__(
        self, app_id: int, private_key: str, url: str, pause: float = 1.0, timeout: int = 20
    ) -> None:
        self._tokens = Tokens(app_id, private_key, url)
        self._url, self._pause, self._timeout = url, pause, timeout
        self._files: _Files = {}
        self._pauses = _Pauses()

    @contextmanager
    def open(self, repository: RepositoryRef) -> Iterator[GitHubForge]:
        """A client for one job.

        Raises PodsecError where no token is given, and RateLimited, without asking GitHub, while
        a pause lasts that GitHub asked this installation for.
        """
        self._pauses.demand_over(repository.installation)
        try:
            token = self._tokens.token(repository.installation, repository.id)
            session = Session(self._url, token, repository, self._pause, self._timeout)
            try:
                yield GitHubForge(session, self._files)
            finally:
                session.close()
        except StaleToken:
            self._tokens.forget(repository.installation, repository.id)
            raise
        except RateLimited as error:
            self._pauses.begin(repository.installation, error.retry_after or 0.0)
            raise


class _Pauses:
    """Until when GitHub wants no request of an installation."""

    def __init__(self) -> None:
        self._until: dict[int, float] = {}
        self._guard = threading.Lock()

    def begin(self, installation: int, seconds: float) -> None:
        """Remember a pause; a shorter one does not shorten it."""
        with self._guard:
            until = time.monotonic() + seconds
            self._until[installation] = max(until, self._until.get(installation, 0.0))

    def demand_over(self, installation: int) -> None:
        """Raise RateLimited while a pause lasts."""
        with self._guard:
            left = self._until.get(installation, 0.0) - time.monotonic()
        if left > 0:
            raise RateLimited("GitHub asked this installation for a pause", left)


class GitHubForge:
    """One repository, for one job."""

    def __init__(self, session: Session, files: _Files) -> None:
        self._session, self._files = session, files

    def changes(self, pull: PullRef) -> ChangeSet:
        """The changed files of a pull request; only manifests carry data."""
        return changes.changes(self._session, pull)

    def read(self, repository: RepositoryRef, commit: str, path: str) -> bytes | None:
        """A file at a commit, or None; asked once a commit."""
        key = (repository.installation, repository.id, commit, path)
        if key not in self._files:
            if len(self._files) >= _CACHED:
                self._files.clear()
            self._files[key] = changes.read(self._session, path, commit)
        return self._files[key]

    def pull(self, repository: RepositoryRef, number: int) -> PullRef:
        """A pull request as it stands now."""
        return pull_ref(repository, self._session.get(f"/pulls/{number}"))

    def standing(self, pull: PullRef) -> Standing:
        """What podsec already said there."""
        return conversation.standing(self._session, pull.number)

    def publish_review(self, pull: PullRef, review: Review) -> None:
        """Post one COMMENT review. Raises Rejected where GitHub refuses a line."""
        conversation.publish_review(self._session, pull, review)

    def conclude(self, pull: PullRef, check: CheckRun, *, first: bool) -> None:
        """Complete the check run of a head."""
        del pull
        conversation.conclude(self._session, check, first=first)

    def permission(self, repository: RepositoryRef, login: str) -> Permission:
        """What a person may do; `author_association` would say less than the truth."""
        del repository
        try:
            found = self._session.get(f"/collaborators/{quote(login)}/permission")
        except Gone:
            return "none"
        level: Permission = found["permission"]
        return level

    def react(self, repository: RepositoryRef, comment: int, reaction: Reaction) -> None:
        """Put a reaction on an issue comment."""
        del repository
        conversation.react(self._session, comment, reaction)

    def reply(self, repository: RepositoryRef, number: int, key: str, body: str) -> None:
        """Say something in the conversation once per key."""
        del repository
        conversation.reply(self._session, number, key, body)

    def propose(self, repository: RepositoryRef, proposal: Proposal) -> str:
        """Create or renew podsec's branch and pull request."""
        del repository
        return pull_requests.propose(self._session, proposal)
