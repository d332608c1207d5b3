"""The files of a pull request, with as few calls as the answers allow."""

from __future__ import annotations

import base64
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from bot.adapters.github.blobs import Blobs
from bot.adapters.github.hunks import PatchError, added_text, before, hunks
from bot.adapters.github.listing import listed
from bot.adapters.github.session import Session
from bot.errors import Gone, NotPermitted
from bot.kubernetes.build_file import is_dockerfile
from bot.model.change import ChangedFile, ChangeSet, FileStatus, Hunk
from bot.model.delivery import PullRef

SUFFIXES = (".yaml", ".yml", ".json")
_MOST_FILES = 3_000  # of a pull request, GitHub lists no more
_MOST_BUILDS = 20
_STATUS: dict[str, FileStatus] = {
    "added": "added",
    "copied": "added",
    "removed": "removed",
    "renamed": "renamed",
    "unchanged": "unchanged",
}


def changes(session: Session, pull: PullRef, blobs: Blobs) -> ChangeSet:
    """All changed files; manifests carry their data and what they were before."""
    rows = listed(session, pull.number, SUFFIXES)
    head = _head(rows, pull)
    if head not in (None, pull.head_sha):
        return ChangeSet(head=head)  # not what was asked for: the rest is not worth its calls
    blobs.expect(row["sha"] for row in rows if _wants_blob(row))
    files = tuple(_file(session, pull, row, blobs) for row in rows)
    is_cut = len(rows) >= _MOST_FILES
    return ChangeSet(files=files, builds=_builds(rows, files, blobs), head=head, is_cut=is_cut)


def _head(rows: list[dict[str, Any]], pull: PullRef) -> str | None:
    """The commit that the rows are of, which stands in their addresses; the asked one, or another.

    The list has no other word of it, and is of whatever head the pull request has by now.
    """
    heads = {parse_qs(urlsplit(row["contents_url"]).query).get("ref", [""])[0] for row in rows}
    return next((head for head in heads if head != pull.head_sha), pull.head_sha if heads else None)


def _wants_blob(row: dict[str, Any]) -> bool:
    """Whether a file has to be read: the patch of an added one may hold it all."""
    if not row["filename"].endswith(SUFFIXES) or row["status"] in ("removed", "unchanged"):
        return False
    return _STATUS.get(row["status"]) != "added" or _added(row, row.get("patch")) is None


def _builds(
    rows: list[dict[str, Any]], files: tuple[ChangedFile, ...], blobs: Blobs
) -> tuple[ChangedFile, ...]:
    """The Dockerfiles that come with manifests: they tell who the images run as."""
    if all(file.data is None for file in files):
        return ()
    wanted = [
        row
        for row in rows
        if is_dockerfile(row["filename"].rpartition("/")[2])
        and row["status"] not in ("removed", "unchanged")
    ][:_MOST_BUILDS]
    blobs.expect(row["sha"] for row in wanted)
    found: list[ChangedFile] = []
    for row in wanted:
        with suppress(Gone, NotPermitted):  # what is not shown is no evidence
            path, status = row["filename"], _STATUS.get(row["status"], "modified")
            found.append(ChangedFile(path=path, status=status, data=blobs.read(row["sha"])))
    return tuple(found)


def _file(session: Session, pull: PullRef, row: dict[str, Any], blobs: Blobs) -> ChangedFile:
    path, status = row["filename"], _STATUS.get(row["status"], "modified")
    file = ChangedFile(
        path=path, status=status, data=None, previous_path=row.get("previous_filename")
    )
    patch = row.get("patch")
    if not path.endswith(SUFFIXES) or status == "unchanged":
        return file
    if status == "removed":
        return _removed(file, row, patch)
    try:
        data = _added(row, patch) if status == "added" else None
        data = data if data is not None else blobs.read(row["sha"])
    except (Gone, NotPermitted) as error:
        return replace(file, unread=f"GitHub does not show it: {error}")
    if data is None:
        return replace(file, unread="larger than 5 MB")
    base = None if status == "added" else _base(session, pull, file, row, data, blobs)
    return replace(file, data=data, base_data=base, hunks=_hunks(patch))


def _removed(file: ChangedFile, row: dict[str, Any], patch: str | None) -> ChangedFile:
    """A removed file with what it held, as far as its patch shows that: no call is worth it."""
    text = before(patch, "") if patch is not None else None
    if text is None or _lines(text) != row["deletions"]:
        return replace(file, unread="removed, and GitHub does not show what it held")
    return replace(file, base_data=text.encode())


def _hunks(patch: str | None) -> tuple[Hunk, ...]:
    try:
        return hunks(patch) if patch is not None else ()
    except PatchError:
        return ()


def _added(row: dict[str, Any], patch: str | None) -> bytes | None:
    """An added file's bytes from its patch: no call is needed."""
    if patch is None or "\ufffd" in patch:
        return None
    try:
        text = added_text(patch)
    except PatchError:
        return None
    if text is None or _lines(text) != row["additions"]:
        return None
    return text.encode()


def _lines(text: str) -> int:
    return text.count("\n") + (text != "" and not text.endswith("\n"))


def _base(
    session: Session,
    pull: PullRef,
    file: ChangedFile,
    row: dict[str, Any],
    data: bytes,
    blobs: Blobs,
) -> bytes | None:
    """What stood there before: the patch says it, or no change did, or the base is asked."""
    patch = row.get("patch")
    if patch is not None:
        text = before(patch, data.decode("utf-8", "surrogateescape"))
        if text is not None:
            return text.encode("utf-8", "surrogateescape")
    elif file.status == "renamed" and not row["changes"]:
        return data
    return _content(session, file.previous_path or file.path, pull.base_sha, blobs)


def _content(session: Session, path: str, commit: str, blobs: Blobs) -> bytes | None:
    try:
        found = session.get(f"/contents/{quote(path)}", ref=commit)
    except Gone:
        return None
    if not isinstance(found, dict) or found["type"] != "file":
        return None
    if found["encoding"] == "none":  # between 1 and 100 MB
        return blobs.read(found["sha"])
    return base64.b64decode(found["content"])


def read(session: Session, path: str, commit: str, blobs: Blobs) -> bytes | None:
    """A file at a commit, or None."""
    return _content(session, path, commit, blobs)
