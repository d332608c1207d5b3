"""Files and folders at a commit."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

from bot.sandbox.http import Call, Route
from bot.sandbox.repository_store import Entry, GitFailed
from bot.sandbox.world import Refusal

_LARGEST = 1 << 20


def _contents(call: Call) -> tuple[int, Any]:
    store = call.repository.store
    revision = store.resolve(call.query.get("ref") or call.repository.default_branch)
    if revision is None:
        raise Refusal(404, f"No commit found for the ref {call.query.get('ref')}")
    path = call.params["path"].strip("/")
    if ".." in path.split("/"):
        raise Refusal(404, "Not Found")
    folder, _, name = path.rpartition("/")
    try:
        rows = store.tree(revision, recursive=False, path=folder)
    except GitFailed as error:
        raise Refusal(404, "Not Found") from error
    entry = next((row for row in rows if row.path == name), None)
    if entry is None:
        raise Refusal(404, "Not Found")
    if entry.type == "tree":
        rows = store.tree(revision, recursive=False, path=path)
        return 200, [_row(call, row, f"{path}/{row.path}", revision) for row in rows]
    return 200, _file(call, entry, path, revision)


def _file(call: Call, entry: Entry, path: str, revision: str) -> dict[str, Any]:
    data = call.repository.store.blob(entry.sha)
    small = len(data) <= _LARGEST
    return _row(call, entry, path, revision) | {
        "content": base64.encodebytes(data).decode() if small else "",
        "encoding": "base64" if small else "none",
    }


def _row(call: Call, entry: Entry, path: str, revision: str) -> dict[str, Any]:
    api = f"{call.world.url}/repos/{call.repository.full_name}"
    html = f"{call.world.url}/{call.repository.full_name}"
    place = quote(path)
    url = f"{api}/contents/{place}?ref={revision}"
    git = f"{api}/git/{'trees' if entry.type == 'tree' else 'blobs'}/{entry.sha}"
    view = f"{html}/blob/{revision}/{place}"
    return {
        "type": "dir" if entry.type == "tree" else "file",
        "size": entry.size or 0,
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": entry.sha,
        "url": url,
        "git_url": git,
        "html_url": view,
        "download_url": None if entry.type == "tree" else f"{html}/raw/{revision}/{place}",
        "_links": {"self": url, "git": git, "html": view},
    }


ROUTES = [
    Route(
        method="GET",
        path="/repos/{owner}/{repo}/contents/{path:path}",
        needs="contents:read",
        handler=_contents,
    ),
]
