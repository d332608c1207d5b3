"""podsec's own branches: which there are, and that they go."""

from __future__ import annotations

import contextlib
from urllib.parse import quote

from bot.adapters.github.commits import is_own
from bot.adapters.github.session import Session
from bot.errors import Gone, Rejected
from bot.model.delivery import OWN_BRANCHES

_HEADS = "refs/heads/"


def drop(session: Session) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Delete those whose tip podsec wrote; which are gone, and which hold commits of others."""
    gone: list[str] = []
    left: list[str] = []
    for row in session.get(f"/git/matching-refs/heads/{OWN_BRANCHES}"):
        name = row["ref"].removeprefix(_HEADS)
        if not is_own(session.get(f"/git/commits/{row['object']['sha']}")):
            left.append(name)
            continue
        with contextlib.suppress(Gone, Rejected):  # 422 where no such branch is left
            session.delete(f"/git/refs/heads/{quote(name)}")
        gone.append(name)
    return tuple(gone), tuple(left)
