"""Which files a commit holds."""

from __future__ import annotations

from urllib.parse import quote

from bot.adapters.github.session import Session
from bot.errors import Gone

_LINK = "120000"


def root(session: Session, commit: str) -> frozenset[str] | None:
    """The names in the root of a commit or branch; None where GitHub lists only some of them."""
    try:
        listing = session.get(f"/git/trees/{quote(commit, safe='')}")
    except Gone:
        return frozenset()
    return None if listing["truncated"] else frozenset(row["path"] for row in listing["tree"])


def below(session: Session, commit: str, folder: str) -> tuple[str, ...]:
    """The files below a folder, by their paths from the root; no links, which lead elsewhere.

    The first part of the folder is asked for with all that is below it, since GitHub takes
    `COMMIT:NAME` for a tree: one call.
    """
    top = folder.partition("/")[0]
    try:
        listing = session.get(f"/git/trees/{quote(f'{commit}:{top}', safe='')}", recursive=1)
    except Gone:
        return ()
    files = (
        f"{top}/{row['path']}"
        for row in listing["tree"]
        if row["type"] == "blob" and row["mode"] != _LINK
    )
    return tuple(path for path in files if path.startswith(f"{folder}/"))
