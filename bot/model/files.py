"""The files of a tree, read one by one: a checkout, a commit, or what a fix makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Protocol

from bot.frozen import frozen


class Files(Protocol):
    """Files by their paths from the root of a repository, with slashes."""

    def paths(self) -> Sequence[str]:
        """All paths, sorted."""

    def read(self, path: str) -> bytes | None:
        """The content of a file, a link's target's within the tree; None where there is none."""

    def refused(self, path: str) -> str | None:
        """Why what stands at a path is never read, such as a link that leaves the tree."""


@frozen
class Tree:
    """Files held in memory; `refusals` say why some are not among them."""

    content: Mapping[str, bytes]
    refusals: Mapping[str, str] = field(default_factory=dict)

    def paths(self) -> Sequence[str]:
        """All paths, sorted."""
        return sorted(self.content)

    def read(self, path: str) -> bytes | None:
        """The content of a file."""
        return self.content.get(path)

    def refused(self, path: str) -> str | None:
        """Why a file is not among them."""
        return self.refusals.get(path)


class Edited:
    """Files of which some are new or have other content: a tree after a fix."""

    def __init__(self, files: Files, changed: Mapping[str, bytes]) -> None:
        self._files, self._changed = files, dict(changed)

    def paths(self) -> Sequence[str]:
        """All paths, sorted."""
        new: Iterable[str] = self._changed.keys() - set(self._files.paths())
        return sorted((*self._files.paths(), *new))

    def read(self, path: str) -> bytes | None:
        """The content of a file after the change."""
        return self._changed[path] if path in self._changed else self._files.read(path)

    def refused(self, path: str) -> str | None:
        """Why a file is never read."""
        return self._files.refused(path)
