"""GitHub for one who has no App: a personal token, or none. It is only read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bot.adapters.github.blobs import BlobMemory, Blobs, SingleBlobs
from bot.adapters.github.forge import GitHubForge, Memory
from bot.adapters.github.session import Session, call_once
from bot.adapters.github.shared import SharedFiles
from bot.errors import Gone, NotPermitted
from bot.model.delivery import PullRef, RepositoryRef, pull_ref

_TIMEOUT = 30
_NOBODY = 0
"""The installation of one who has none."""


class Reader:
    """Opens clients that nobody but podsec's own code keeps from writing: rehearse with them."""

    def __init__(self, url: str, token: str | None) -> None:
        self._url, self._token = url, token
        self._memory, self._blobs = Memory(), BlobMemory()
        self._shared = SharedFiles(self._locate, self._session)

    def repository(self, full_name: str) -> RepositoryRef:
        """A repository by its name. Raises Gone where this token sees none."""
        found = self._call(f"/repos/{full_name}")
        return RepositoryRef(id=found["id"], full_name=found["full_name"], installation=_NOBODY)

    def pull(self, repository: RepositoryRef, number: int) -> PullRef:
        """A pull request. Raises Gone where there is none."""
        return pull_ref(repository, self._call(f"/repos/{repository.full_name}/pulls/{number}"))

    def newest(self, repository: RepositoryRef, number: int) -> tuple[PullRef, ...]:
        """The last pull requests, at most 100, the newest first, closed ones too."""
        rows = self._call(
            f"/repos/{repository.full_name}/pulls", state="all", per_page=max(1, min(100, number))
        )
        return tuple(pull_ref(repository, row) for row in rows)

    @contextmanager
    def open(self, repository: RepositoryRef) -> Iterator[GitHubForge]:
        """A client for one repository."""
        session = self._session(self._token, repository)
        try:
            blobs = (Blobs if self._token else SingleBlobs)(session, self._blobs)
            yield GitHubForge(session, self._memory, blobs, self._shared, str)
        finally:
            session.close()

    def _session(self, token: str | None, repository: RepositoryRef) -> Session:
        return Session(self._url, token, repository, 0.0, _TIMEOUT)

    def _locate(self, repository: RepositoryRef, name: str) -> tuple[str | None, int] | None:
        try:
            found = self._call(f"/repos/{repository.owner}/{name}")
        except (Gone, NotPermitted):
            return None
        return self._token, found["id"]

    def _call(self, path: str, **query: Any) -> Any:
        return call_once(self._url, self._token, path, query)
