"""YAML and JSON files below local paths; symbolic links that leave the tree are not followed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.errors import UserError
from bot.model.change import ChangedFile, ChangeSet

SUFFIXES = (".yaml", ".yml", ".json")
_PRUNED = frozenset({".git", "node_modules", ".venv", ".terraform", "__pycache__"})
_MAX_BYTES = 5_000_000


def collect(paths: Sequence[Path]) -> ChangeSet:
    """All manifests below `paths`; every line counts as new. Raises UserError for a bad path."""
    files: dict[str, ChangedFile] = {}
    for path in paths:
        if not path.exists():
            raise UserError(f"{path}: no such file or directory")
        for found in _walk(path):
            files[str(found)] = _read(found)
    return ChangeSet(files=tuple(files[name] for name in sorted(files)))


def _walk(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    root = path.resolve()
    for folder, below, names in os.walk(path):
        below[:] = sorted(name for name in below if name not in _PRUNED)
        for name in sorted(names):
            file = Path(folder) / name
            inside = not file.is_symlink() or file.resolve().is_relative_to(root)
            if name.endswith(SUFFIXES) and inside and file.is_file():
                yield file


def _read(path: Path) -> ChangedFile:
    with path.open("rb") as stream:
        data = stream.read(_MAX_BYTES + 1)
    return ChangedFile(path=str(path), status="added", data=data)
