"""The copy that a renderer works on: the files that it may read, and nothing else."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from pathlib import Path

from bot.model.files import Files

MOST_BYTES = 50_000_000
MOST_FILES = 10_000


def write_copy(folder: Path, reads: Sequence[str], files: Files) -> str | None:
    """Write the files at `reads` below `folder`, read-only; returns why not, where that is so."""
    if len(reads) > MOST_FILES:
        return f"it reads more than {MOST_FILES:,} files"
    left = MOST_BYTES
    for path in sorted(set(reads)):
        data = files.read(path)
        if data is None:
            continue
        if path.startswith("/") or ".." in path.split("/"):
            return f"it reads {path!r}, outside of the repository"
        left -= len(data)
        if left < 0:
            return f"it reads more than {MOST_BYTES // 1_000_000} MB"
        target = folder / posixpath.normpath(path)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            target.chmod(0o400)
        except (OSError, ValueError) as error:
            return f"it reads {path!r}, which cannot be copied: {error}"
    return None
