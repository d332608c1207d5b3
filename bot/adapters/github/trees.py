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
    """The files below a folder, by their paths from the root; no links, which lead elsewhere."""
    name = quote(f"{commit}:{folder}", safe="")
    try:
        listing = session.get(f"/git/trees/{name}", recursive=1)
    except Gone:
        return ()
    return tuple(
        f"{folder}/{row['path']}"
        for row in listing["tree"]
        if row["type"] == "blob" and row["mode"] != _LINK
    )
