"""A commit's files, as a sweep reads them."""

from __future__ import annotations

from bot.frozen import frozen


@frozen
class FileEntry:
    """How a file is stored: its mode (100644, or 100755), and the name of its content."""

    mode: str
    blob: str
