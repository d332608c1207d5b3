"""The files of a pull request, with as few calls as the answers allow."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

from bot.adapters.github.hunks import PatchError, added_text, before, hunks
from bot.adapters.github.session import Session
from bot.errors import Gone
from bot.model.change import ChangedFile, ChangeSet, FileStatus
from bot.model.delivery import PullRef

SUFFIXES = (".yaml", ".yml", ".json")
_LARGEST = 5_000_000
_STATUS: dict[str, FileStatus] = {
    "added": "added",
    "copied": "added",
    "removed": "removed",
    "renamed": "renamed",
    "unchanged": "unchanged",
}


def changes(session: Session, pull: PullRef) -> ChangeSet:
    """All changed files; manifests carry their data and what they were before."""
    rows = list(session.rows(f"/pulls/{pull.number}/files"))
    return ChangeSet(files=tuple(_file(session, pull, row) for row in rows))


def _file(session: Session, pull: PullRef, row: dict[str, Any]) -> ChangedFile:
    path, status = row["filename"], _STATUS.get(row["status"], "modified")
    if not path.endswith(SUFFIXES) or status in ("removed", "unchanged"):
        return ChangedFile(path=path, status=status, data=None)
    patch = row.get("patch")
    previous = row.get("previous_filename")
    data = _added(row, patch) if status == "added" else None
    if data is None:
        data = _blob(session, row["sha"])
    if data is None:
        return ChangedFile(path=path, status=status, data=None, unread="larger than 5 MB")
    try:
        places = hunks(patch) if patch is not None else ()
        base = _base(patch, data, status)
    except PatchError:
        places, base = (), None
    if patch is None and status == "modified":
        base = _content(session, previous or path, pull.base_sha)
    if status == "renamed" and patch is None:
        base = data
    return ChangedFile(
        path=path,
        status=status,
        data=data,
        base_data=base,
        previous_path=previous,
        hunks=places,
    )


def _added(row: dict[str, Any], patch: str | None) -> bytes | None:
    """An added file's bytes from its patch: no call is needed."""
    if patch is None or "\ufffd" in patch:
        return None
    try:
        text = added_text(patch)
    except PatchError:
        return None
    if text is None or text.count("\n") + (not text.endswith("\n")) != row["additions"]:
        return None
    return text.encode()


def _base(patch: str | None, data: bytes, status: FileStatus) -> bytes | None:
    if patch is None or status == "added":
        return None
    text = before(patch, data.decode("utf-8", "surrogateescape"))
    return None if text is None else text.encode("utf-8", "surrogateescape")


def _blob(session: Session, sha: str) -> bytes | None:
    found = session.get(f"/git/blobs/{quote(sha)}")
    return None if found["size"] > _LARGEST else base64.b64decode(found["content"])


def _content(session: Session, path: str, commit: str) -> bytes | None:
    try:
        found = session.get(f"/contents/{quote(path)}", ref=commit)
    except Gone:
        return None
    if not isinstance(found, dict) or found.get("encoding") != "base64":
        return None
    return base64.b64decode(found["content"])


def read(session: Session, path: str, commit: str) -> bytes | None:
    """A file at a commit, or None."""
    return _content(session, path, commit)
