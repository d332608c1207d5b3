"""Files at a head commit, and which of their lines a change brought."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from bot.frozen import frozen

FileStatus = Literal["added", "modified", "renamed", "removed", "unchanged"]


@frozen
class Hunk:
    """The head side of one diff hunk: lines `start`..`end` (1-based, inclusive) are shown."""

    start: int
    end: int
    added: frozenset[int]

    def holds(self, start: int, end: int) -> bool:
        """Whether a review comment may span lines `start` to `end`."""
        return self.start <= start <= end <= self.end


@frozen
class ChangedFile:
    """One file of a change. `hunks` is None where every line counts as new (a local path).

    `unread` says why a manifest has no data.
    """

    path: str
    status: FileStatus
    data: bytes | None
    base_data: bytes | None = None
    """The file before the change; None where it was not there."""
    previous_path: str | None = None
    hunks: tuple[Hunk, ...] | None = None
    unread: str | None = None

    def touches(self, start: int, end: int) -> bool:
        """Whether any line from `start` to `end` is new."""
        if self.hunks is None:
            return True
        return any(start <= line <= end for hunk in self.hunks for line in hunk.added)

    def hunk_of(self, start: int, end: int) -> Hunk | None:
        """The hunk that shows lines `start` to `end` as a whole, if one does."""
        return next((hunk for hunk in self.hunks or () if hunk.holds(start, end)), None)


@frozen
class ChangeSet:
    """All files of a change.

    `head` is the commit that they were read at, where the source says so; `is_cut` says that
    there are more files than the source lists.
    """

    files: tuple[ChangedFile, ...] = field(default_factory=tuple)
    head: str | None = None
    is_cut: bool = False
    builds: tuple[ChangedFile, ...] = ()
    """Files that no rule judges, but that tell how images are built: Dockerfiles."""
    _by_path: dict[str, ChangedFile] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def file(self, path: str) -> ChangedFile | None:
        """The file at `path`, if the change holds it."""
        if not self._by_path:
            self._by_path.update({file.path: file for file in self.files})
        return self._by_path.get(path)
