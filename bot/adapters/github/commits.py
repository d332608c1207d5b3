"""Commits of podsec's own, made through the git data API.

A commit by an App is shown as verified when it names no author. Its message ends with the tree
that podsec wrote: one of somebody else's on top, or an amended one, does not.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from bot.adapters.github.session import Session
from bot.model.proposed import NewCommit

_WROTE = re.compile(r"^Podsec-Tree: ([0-9a-f]{40})\s*\Z", re.MULTILINE)
_FILE = "100644"


def new_commit(session: Session, new: NewCommit) -> str:
    """Make the commit; no branch has it yet. Returns its SHA."""
    return written(session, new.message, new.base, new_tree(session, new))


def new_tree(session: Session, new: NewCommit) -> str:
    """The tree of the base with the new texts; text goes inline, other bytes as blobs."""
    rows = [_row(session, path, data, new.modes) for path, data in sorted(new.files.items())]
    sha: str = session.post("/git/trees", {"base_tree": new.base, "tree": rows})["sha"]
    return sha


def written(session: Session, message: str, base: str, tree: str) -> str:
    """A commit of a tree on a base."""
    body = {"message": f"{message}\n\nPodsec-Tree: {tree}", "tree": tree, "parents": [base]}
    sha: str = session.post("/git/commits", body)["sha"]
    return sha


def is_own(commit: dict[str, Any]) -> bool:
    """Whether podsec wrote the commit, and nobody has changed it since."""
    wrote = _WROTE.search(commit["message"])
    is_single = len(commit["parents"]) == 1
    return wrote is not None and wrote[1] == commit["tree"]["sha"] and is_single


def _row(session: Session, path: str, data: bytes, modes: Mapping[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = {"path": path, "mode": modes.get(path, _FILE), "type": "blob"}
    try:
        return row | {"content": data.decode()}
    except UnicodeDecodeError:
        coded = base64.b64encode(data).decode()
        blob = session.post("/git/blobs", {"content": coded, "encoding": "base64"})
        return row | {"sha": blob["sha"]}
