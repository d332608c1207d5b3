"""Git data: refs, commits, trees, blobs, comparison."""

from __future__ import annotations

import base64
import binascii
from functools import partial
from typing import Any

from bot.sandbox import events
from bot.sandbox.http import Call, Page, route
from bot.sandbox.repository_store import ZERO, Entry
from bot.sandbox.shapes import node_id
from bot.sandbox.world import Refusal

_MODES = ("100644", "100755", "120000", "040000", "160000")


def _api(call: Call) -> str:
    return f"{call.world.url}/repos/{call.repository.full_name}"


def _ref_row(call: Call, ref: str, sha: str) -> dict[str, Any]:
    return {
        "ref": ref,
        "node_id": node_id("REF", abs(hash(ref)) % 10**6),
        "url": f"{_api(call)}/git/{ref}",
        "object": {"type": "commit", "sha": sha, "url": f"{_api(call)}/git/commits/{sha}"},
    }


def _get_ref(call: Call) -> tuple[int, Any]:
    ref = f"refs/{call.params['ref']}"
    sha = call.repository.store.refs("refs").get(ref)
    if sha is None:
        raise Refusal(404, "Not Found")
    return 200, _ref_row(call, ref, sha)


def _matching(call: Call) -> tuple[int, Any]:
    prefix = f"refs/{call.params['ref']}"
    refs = call.repository.store.refs("refs")
    return 200, [_ref_row(call, ref, sha) for ref, sha in refs.items() if ref.startswith(prefix)]


def _create_ref(call: Call) -> tuple[int, Any]:
    store = call.repository.store
    ref, sha = call.field("ref", str, needed=True), call.field("sha", str, needed=True)
    if not ref.startswith("refs/heads/") or ref.count("/") < 2:
        raise Refusal(422, "Reference name must start with 'refs/' and have at least two slashes.")
    if ref in store.refs():
        raise Refusal(422, "Reference already exists")
    if store.resolve(sha) is None:
        raise Refusal(422, "Object does not exist")
    store.set_ref(ref, sha)
    events.pushed(call.world, call.hooks, call.repository, ref, ZERO, sha, call.caller.login)
    return 201, _ref_row(call, ref, sha)


def _update_ref(call: Call) -> tuple[int, Any]:
    store = call.repository.store
    ref, sha = f"refs/{call.params['ref']}", call.field("sha", str, needed=True)
    old = store.refs().get(ref)
    if old is None:
        raise Refusal(422, "Reference does not exist")
    if store.resolve(sha) is None:
        raise Refusal(422, "Object does not exist")
    if not call.field("force", bool, default=False) and not store.is_ancestor(old, sha):
        raise Refusal(422, "Update is not a fast forward")
    store.set_ref(ref, sha)
    events.pushed(call.world, call.hooks, call.repository, ref, old, sha, call.caller.login)
    return 200, _ref_row(call, ref, sha)


def _delete_ref(call: Call) -> tuple[int, Any]:
    store = call.repository.store
    ref = f"refs/{call.params['ref']}"
    old = store.refs().get(ref)
    if old is None:
        raise Refusal(422, "Reference does not exist")
    store.delete_ref(ref)
    events.pushed(call.world, call.hooks, call.repository, ref, old, ZERO, call.caller.login)
    return 204, None


def _commit_row(call: Call, sha: str) -> dict[str, Any]:
    tree, author, date, parents, message = call.repository.store.message_of(sha)
    html = f"{call.world.url}/{call.repository.full_name}/commit"
    who = {"name": author, "email": f"{author}@users.noreply.github.com", "date": date}
    return {
        "sha": sha,
        "node_id": f"C_{sha[:12]}",
        "url": f"{_api(call)}/git/commits/{sha}",
        "html_url": f"{html}/{sha}",
        "author": who,
        "committer": who,
        "tree": {"sha": tree, "url": f"{_api(call)}/git/trees/{tree}"},
        "message": message,
        "parents": [
            {"sha": p, "url": f"{_api(call)}/git/commits/{p}", "html_url": f"{html}/{p}"}
            for p in parents
        ],
        "verification": {
            "verified": author.endswith("[bot]"),
            "reason": "valid" if author.endswith("[bot]") else "unsigned",
            "signature": None,
            "payload": None,
            "verified_at": None,
        },
    }


def _get_commit(call: Call) -> tuple[int, Any]:
    sha = call.repository.store.resolve(call.params["sha"])
    if sha is None:
        raise Refusal(404, "Not Found")
    return 200, _commit_row(call, sha)


def _create_commit(call: Call) -> tuple[int, Any]:
    store = call.repository.store
    tree, message = call.field("tree", str, needed=True), call.field("message", str, needed=True)
    parents = call.field("parents", list, default=[])
    if not store.exists(tree):
        raise Refusal(422, "Tree SHA does not exist")
    if any(store.resolve(parent) is None for parent in parents):
        raise Refusal(422, "Parent SHA does not exist or is not a commit object")
    author = (call.body.get("author") or {}).get("name") or call.caller.login
    return 201, _commit_row(call, store.write_commit(tree, parents, message, author))


def _tree_rows(call: Call, entries: list[Entry]) -> list[dict[str, Any]]:
    rows = []
    for entry in entries:
        kind = {"blob": "blobs", "tree": "trees"}.get(entry.type, "commits")
        row: dict[str, Any] = {
            "path": entry.path,
            "mode": entry.mode,
            "type": entry.type,
            "sha": entry.sha,
            "url": f"{_api(call)}/git/{kind}/{entry.sha}",
        }
        if entry.size is not None:
            row["size"] = entry.size
        rows.append(row)
    return rows


def _tree_answer(call: Call, sha: str, *, recursive: bool) -> dict[str, Any]:
    entries = call.repository.store.tree(sha, recursive=recursive)
    return {
        "sha": sha,
        "url": f"{_api(call)}/git/trees/{sha}",
        "tree": _tree_rows(call, entries),
        "truncated": False,
    }


def _get_tree(call: Call) -> tuple[int, Any]:
    name = call.params["sha"]  # of a tree or a commit, or COMMIT:FOLDER
    name = name if ":" in name else f"{name}^{{tree}}"
    sha = call.repository.store.git("rev-parse", "--verify", name).decode().strip()
    return 200, _tree_answer(call, sha, recursive="recursive" in call.query)


def _create_tree(call: Call) -> tuple[int, Any]:
    store = call.repository.store
    base = call.field("base_tree", str)
    if base is not None and not store.exists(base):
        raise Refusal(422, "base_tree is not a valid tree")
    rows = [_wanted(call, row) for row in call.field("tree", list, needed=True)]
    sha = store.write_tree(base, rows)
    return 201, _tree_answer(call, sha, recursive=False)


def _wanted(call: Call, row: dict[str, Any]) -> tuple[str, str, str | None]:
    store = call.repository.store
    mode, path = str(row.get("mode")), str(row.get("path"))
    if mode not in _MODES:
        raise Refusal(422, "Must supply a valid tree.mode")
    if path.startswith("/") or ".." in path.split("/") or ".git" in path.split("/"):
        raise Refusal(422, "tree.path contains a malformed path component")
    if "content" in row:
        return mode, path, store.write_blob(str(row["content"]).encode())
    sha = row.get("sha")
    if sha is not None and not store.exists(str(sha)):
        raise Refusal(422, f"tree.sha {sha} is not a valid blob")
    return mode, path, None if sha is None else str(sha)


def _get_blob(call: Call) -> tuple[int, Any]:
    sha = call.params["sha"]
    if not sha.isalnum() or not call.repository.store.exists(sha):
        raise Refusal(404, "Not Found")
    data = call.repository.store.blob(sha)
    return 200, {
        "sha": sha,
        "node_id": f"B_{sha[:12]}",
        "size": len(data),
        "url": f"{_api(call)}/git/blobs/{sha}",
        "content": base64.encodebytes(data).decode(),
        "encoding": "base64",
    }


def _create_blob(call: Call) -> tuple[int, Any]:
    content = call.field("content", str, needed=True)
    try:
        coded = call.body.get("encoding") == "base64"
        data = base64.b64decode(content, validate=False) if coded else content.encode()
    except binascii.Error as error:
        raise Refusal(422, "content is not valid Base64") from error
    sha = call.repository.store.write_blob(data)
    return 201, {"sha": sha, "url": f"{_api(call)}/git/blobs/{sha}"}


def _branch_commits(call: Call) -> tuple[int, Any]:
    name = call.query.get("sha") or call.repository.default_branch
    start = call.repository.store.resolve(name)
    if start is None:
        raise Refusal(404, "Not Found")
    shas = call.repository.store.git("rev-list", "--max-count=250", start).decode().split()
    rows = []
    for sha in shas:
        commit = _commit_row(call, sha)
        rows.append(
            {
                "sha": sha,
                "node_id": commit["node_id"],
                "commit": {
                    "author": commit["author"],
                    "committer": commit["committer"],
                    "message": commit["message"],
                    "tree": commit["tree"],
                    "url": commit["url"],
                    "comment_count": 0,
                    "verification": commit["verification"],
                },
                "url": f"{_api(call)}/commits/{sha}",
                "html_url": commit["html_url"],
                "comments_url": f"{_api(call)}/commits/{sha}/comments",
                "author": None,
                "committer": None,
                "parents": commit["parents"],
            }
        )
    return 200, Page(rows=rows)


_route = partial(route, "/repos/{owner}/{repo}", "contents")
ROUTES = [
    _route("GET", "/git/ref/{ref:path}", "read", _get_ref),
    _route("GET", "/git/matching-refs/{ref:path}", "read", _matching),
    _route("POST", "/git/refs", "write", _create_ref),
    _route("PATCH", "/git/refs/{ref:path}", "write", _update_ref),
    _route("DELETE", "/git/refs/{ref:path}", "write", _delete_ref),
    _route("GET", "/git/commits/{sha}", "read", _get_commit),
    _route("POST", "/git/commits", "write", _create_commit),
    _route("GET", "/git/trees/{sha}", "read", _get_tree),
    _route("POST", "/git/trees", "write", _create_tree),
    _route("GET", "/git/blobs/{sha}", "read", _get_blob),
    _route("POST", "/git/blobs", "write", _create_blob),
    _route("GET", "/commits", "read", _branch_commits),
]
