"""Which files a commit holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from bot.adapters.github.session import Session
from bot.errors import Gone
from bot.frozen import frozen

_LINK = "120000"
_RENDERED = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization", "Chart.yaml"})
"""The names of files that say how others are rendered."""


@frozen
class Listing:
    """What one listing of a commit tells: the names in its root, and how it is rendered.

    `names` is None where GitHub lists only some of them.
    """

    names: frozenset[str] | None
    rendered: frozenset[str] = frozenset()


def listing(session: Session, commit: str) -> Listing:
    """The whole tree of a commit or branch; of one that GitHub cuts, its root: a second call."""
    try:
        found = session.get(f"/git/trees/{quote(commit, safe='')}", recursive=1)
        if found["truncated"]:
            found = session.get(f"/git/trees/{quote(commit, safe='')}")
    except Gone:
        return Listing(names=frozenset())
    if found["truncated"]:
        return Listing(names=None)
    return _listing(found)


def _listing(found: Mapping[str, Any]) -> Listing:
    paths = [str(row["path"]) for row in found["tree"]]
    names = (path.rpartition("/")[2] for path in paths)
    return Listing(
        names=frozenset(path.partition("/")[0] for path in paths),
        rendered=_RENDERED.intersection(names),
    )


def below(session: Session, commit: str, folder: str) -> tuple[str, ...]:
    """The files below a folder, by their paths from the root; no links, which lead elsewhere.

    The first part of the folder is asked for with all that is below it, since GitHub takes
    `COMMIT:NAME` for a tree: one call.
    """
    top = folder.partition("/")[0]
    try:
        found = session.get(f"/git/trees/{quote(f'{commit}:{top}', safe='')}", recursive=1)
    except Gone:
        return ()
    files = (
        f"{top}/{row['path']}"
        for row in found["tree"]
        if row["type"] == "blob" and row["mode"] != _LINK
    )
    return tuple(path for path in files if path.startswith(f"{folder}/"))
