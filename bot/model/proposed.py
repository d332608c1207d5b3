"""A commit and a pull request that are to be made."""

from __future__ import annotations

from collections.abc import Mapping

from bot.frozen import frozen


@frozen
class NewCommit:
    """Whole new texts of files on a base commit; `modes` are those of files that are there."""

    base: str
    message: str
    files: Mapping[str, bytes]
    modes: Mapping[str, str]


@frozen
class NewPull:
    """A pull request from a branch of podsec's own."""

    branch: str
    base: str
    title: str
    body: str
    draft: bool
