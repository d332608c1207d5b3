"""What podsec notes in its own pull requests and its dashboard, hidden; and the boxes to tick.

A mark counts only at the end of a text, and only in what podsec wrote itself: anyone can paste one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from bot.model.sweep import Fate, Mark, Wishes

_MARK = re.compile(
    r"<!-- podsec:proposal key=([a-z0-9-]{1,120}) wrote=([0-9a-f]{0,64}) built=([0-9a-f]{0,64}) "
    r"fate=(standing|obsolete|ignored) dressed=([01]) of=([0-9a-f,]*) -->\s*\Z"
)
_SCORES = re.compile(r"<!-- podsec:dashboard scores=([0-9:,-]*) -->\s*\Z")
_TICKED = re.compile(r"^\s*- \[[xX]\] <!-- podsec:([a-z]+)=([a-z0-9-]{1,120}) -->", re.MULTILINE)
_AGAIN = re.compile(r"^\s*- \[[xX]\] <!-- podsec:again -->", re.MULTILINE)
_MOST_SCORES = 12


def written(mark: Mark) -> str:
    """The mark, to stand at the end of a body."""
    prints = ",".join(sorted(mark.prints))
    return (
        f"<!-- podsec:proposal key={mark.key} wrote={mark.wrote} built={mark.built} "
        f"fate={mark.fate} dressed={int(mark.is_dressed)} of={prints} -->"
    )


def read_mark(body: str) -> Mark | None:
    """The mark that ends a body, if one does."""
    found = _MARK.search(body)
    if found is None:
        return None
    key, wrote, built, said, dressed, prints = found.groups()
    fate: Fate = (
        "obsolete" if said == "obsolete" else "ignored" if said == "ignored" else "standing"
    )
    return Mark(
        key=key,
        wrote=wrote,
        built=built,
        prints=frozenset(filter(None, prints.split(","))),
        fate=fate,
        is_dressed=dressed == "1",
    )


def remarked(body: str, mark: Mark) -> str:
    """The same body with another mark."""
    return f"{_MARK.sub('', body).rstrip()}\n\n{written(mark)}"


def again_box() -> str:
    """The box that asks for a pull request to be made anew, whatever stands in the way."""
    return (
        "- [ ] <!-- podsec:again --> Make it anew from the base branch: this discards commits of "
        "others on its branch, and opens it again if it was closed"
    )


def wants_again(body: str) -> bool:
    """Whether that box is ticked."""
    return _AGAIN.search(body) is not None


def box(verb: str, key: str, text: str, *, ticked: bool = False) -> str:
    """A box of the dashboard; `verb` is one of open, renew, ignore."""
    return f"- [{'x' if ticked else ' '}] <!-- podsec:{verb}={key} --> {text}"


def wishes(body: str) -> Wishes:
    """What is ticked on a dashboard."""
    said: dict[str, set[str]] = {"open": set(), "renew": set(), "ignore": set()}
    for verb, key in _TICKED.findall(body):
        said.get(verb, set()).add(key)
    return Wishes(
        opened=frozenset(said["open"]),
        renewed=frozenset(said["renew"]),
        ignored=frozenset(said["ignore"]),
    )


def dashboard_mark(scores: Iterable[tuple[date, int]]) -> str:
    """The mark of a dashboard, with the last scores."""
    kept = list(scores)[-_MOST_SCORES:]
    return f"<!-- podsec:dashboard scores={','.join(f'{day}:{score}' for day, score in kept)} -->"


def dashboard_scores(body: str) -> tuple[tuple[date, int], ...] | None:
    """The scores that a dashboard has kept, oldest first; None where it is no dashboard."""
    found = _SCORES.search(body)
    if found is None:
        return None
    rows = (row.split(":") for row in filter(None, found[1].split(",")))
    return tuple((date.fromisoformat(row[0]), int(row[1])) for row in rows if len(row) == 2)
