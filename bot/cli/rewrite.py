"""Files on disk, replaced in one step, and only if they are still what was read."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path


class Changed(Exception):
    """The file is no longer what was read: somebody else is writing to it."""


def rewrite(path: Path, before: bytes, after: bytes) -> None:
    """Replace the file; its mode stays, and a link goes on leading to it.

    Raises Changed where it no longer holds `before`, and OSError.
    """
    target = path.resolve() if path.is_symlink() else path
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".podsec-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(after)
        Path(name).chmod(target.stat().st_mode & 0o7777)
        _demand_same(target, before)  # as late as can be
        Path(name).replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _demand_same(path: Path, before: bytes) -> None:
    if path.read_bytes() != before:
        raise Changed
