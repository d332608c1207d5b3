"""Files of the owner's repository `.github`, asked for once in some minutes an installation."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from bot.adapters.github import changes, trees
from bot.adapters.github.blobs import BlobMemory, Blobs
from bot.adapters.github.session import Session
from bot.model.delivery import RepositoryRef

_SECONDS = 600.0
_HEAD = "HEAD"
_Found = tuple[str, bytes] | None
Open = Callable[["str | None", RepositoryRef], Session]
"""A session for a token and a repository."""
Locate = Callable[[RepositoryRef, str], "tuple[str | None, int] | None"]
"""A token for another repository of the owner's, by name, and its id; None where it is not seen."""


class SharedFiles:
    """What was found, by installation, owner, repository and paths; absence is remembered too."""

    def __init__(self, locate: Locate, open_session: Open, seconds: float = _SECONDS) -> None:
        self._locate, self._open, self._seconds = locate, open_session, seconds
        self._known: dict[tuple[object, ...], tuple[float, _Found]] = {}
        self._guard = threading.Lock()

    def first(self, repository: RepositoryRef, name: str, paths: Sequence[str]) -> _Found:
        """The first of the files that is there, with its path. Raises PodsecError."""
        key = (repository.installation, repository.owner, name, tuple(paths))
        with self._guard:
            until, found = self._known.get(key, (0.0, None))
        if time.monotonic() < until:
            return found
        found = self._look(repository, name, paths)
        with self._guard:
            self._known[key] = time.monotonic() + self._seconds, found
        return found

    def forget(self, installation: int) -> None:
        """Look again when it is next asked for: the repository was pushed to."""
        with self._guard:
            for key in [key for key in self._known if key[0] == installation]:
                del self._known[key]

    def _look(self, repository: RepositoryRef, name: str, paths: Sequence[str]) -> _Found:
        granted = self._locate(repository, name)
        if granted is None:
            return None
        token, number = granted
        full_name = f"{repository.owner}/{name}"
        home = RepositoryRef(id=number, full_name=full_name, installation=repository.installation)
        session = self._open(token, home)
        try:
            root = trees.listing(session, _HEAD).names
            blobs = Blobs(session, BlobMemory())
            for path in paths:
                if root is not None and path.partition("/")[0] not in root:
                    continue
                data = changes.read(session, path, _HEAD, blobs)
                if data is not None:
                    return path, data
            return None
        finally:
            session.close()
