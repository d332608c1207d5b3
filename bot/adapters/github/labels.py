"""Labels of pull requests; GitHub makes a label that the repository does not have yet."""

from __future__ import annotations

from urllib.parse import quote

from bot.adapters.github.session import Session
from bot.errors import Gone


def put(session: Session, number: int, name: str) -> None:
    """Put a label on."""
    session.post(f"/issues/{number}/labels", {"labels": [name]})


def take(session: Session, number: int, name: str) -> None:
    """Take a label off, if it is there."""
    try:
        session.delete(f"/issues/{number}/labels/{quote(name, safe='')}")
    except Gone:
        return
