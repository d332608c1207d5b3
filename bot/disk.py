"""All files of a checkout, read when they are asked for; links are followed within it alone."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

PRUNED = frozenset({".git", "node_modules", ".venv", ".terraform", "__pycache__", ".podsec"})
"""Folders in which no manifest of a repository is looked for."""
_MOST_BYTES = 5_000_000
_MOST_FILES = 200_000
_LEAVES = "a link that leaves the repository: it is not read"


class DiskFiles:
    """The files below a folder; each is read once."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._paths: tuple[str, ...] | None = None
        self._refused: dict[str, str] = {}
        self._read: dict[str, bytes | None] = {}

    def paths(self) -> Sequence[str]:
        """All paths, sorted, those of links within the folder too."""
        if self._paths is None:
            self._paths = tuple(sorted(self._walk()))
        return self._paths

    def read(self, path: str) -> bytes | None:
        """The content of a file; None where there is none within the folder."""
        if path not in self._read:
            self._read[path] = self._content(path)
        return self._read[path]

    def refused(self, path: str) -> str | None:
        """Why a file is never read."""
        self.paths()
        return self._refused.get(path)

    def _content(self, path: str) -> bytes | None:
        try:
            real = (self._root / path).resolve()
            if not real.is_relative_to(self._root) or not real.is_file():
                return None
            with real.open("rb") as stream:
                data = stream.read(_MOST_BYTES + 1)
        except (OSError, RuntimeError, ValueError):
            return None
        return data if len(data) <= _MOST_BYTES else None

    def _walk(self) -> list[str]:
        """Files and links to files; what a linked folder holds is named by the link's path."""
        found: list[str] = []
        seen: set[str] = {str(self._root)}
        todo = [""]
        while todo and len(found) < _MOST_FILES:
            folder = todo.pop()
            for entry in self._entries(folder):
                shown = f"{folder}/{entry.name}" if folder else entry.name
                if entry.is_symlink() and not self._is_inside(entry.path):
                    self._refused[shown] = _LEAVES
                elif entry.is_dir():
                    real = os.path.realpath(entry.path) if entry.is_symlink() else entry.path
                    if entry.name not in PRUNED and not (entry.is_symlink() and real in seen):
                        seen.add(real)
                        todo.append(shown)
                elif entry.is_file():
                    found.append(shown)
        return found

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self._root / folder) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except OSError:
            return []

    def _is_inside(self, path: str) -> bool:
        try:
            return Path(path).resolve(strict=True).is_relative_to(self._root)
        except (OSError, RuntimeError):  # to nowhere, or to itself
            return False
