"""What is remembered of the last sweep of a repository, so that an unchanged one costs one call."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from bot.frozen import frozen
from bot.model.sweep import Tip
from bot.ports import Records

_KIND = "sweep"


@frozen
class Remembered:
    """The tree and podsec's own branches as they were left, and by what they were judged.

    `wake` is the first day on which the same tree may give another answer; `outcome` how the
    sweep ended.
    """

    tree: str
    branches: str
    stamp: str
    wake: str = ""
    outcome: str = ""
    images: tuple[str, ...] = ()
    database: str = ""

    def holds(self, tip: Tip, stamp: str, today: date, database: str) -> bool:
        """Whether nothing has changed since; `database` is the scanner's day, empty if unknown."""
        if self.images and database and database != self.database:
            return False
        same = (self.tree, self.branches, self.stamp) == (tip.tree, digest(tip.own_branches), stamp)
        return same and (not self.wake or today.isoformat() < self.wake)


def digest(branches: Mapping[str, str]) -> str:
    """Branches with their commits, as one word."""
    rows = "\n".join(f"{name} {sha}" for name, sha in sorted(branches.items()))
    return hashlib.sha256(rows.encode()).hexdigest()[:32]


def recall(records: Records, repository: int) -> Remembered | None:
    """What is remembered; None where nothing is, or another version of podsec wrote it."""
    text = records.find(_KIND, str(repository))
    if text is None:
        return None
    try:
        found: dict[str, Any] = json.loads(text)
        return replace(Remembered(**found), images=tuple(found.get("images", ())))
    except (ValueError, TypeError):
        return None


def keep(records: Records, repository: int, said: Remembered) -> None:
    """Remember a sweep."""
    records.keep(_KIND, str(repository), json.dumps(asdict(said)))
