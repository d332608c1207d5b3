"""Which repositories are due: the same whatever worker asks, and each moment once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from bot.config.model import DEFAULT
from bot.frozen import frozen
from bot.model.delivery import Job, RepositoryRef
from bot.ports import Records
from bot.workflows.due import next_due, soon
from bot.workflows.sweep_memory import recall

_KIND, _LISTED = "due", "listed"
Add = Callable[[Job], None]


@frozen
class Due:
    """A repository and when it is swept next; `is_gone`: podsec may no longer reach it."""

    repository: RepositoryRef
    at: datetime
    cron: str = DEFAULT.schedule.cron
    zone: str = DEFAULT.schedule.time_zone
    is_gone: bool = False


@frozen
class Agenda:
    """What is due. `listed` names all repositories, and is asked once a day."""

    records: Records
    listed: Callable[[], Iterable[RepositoryRef]]
    database: Callable[[], str]
    """The date of the scanner's database; empty where nobody scans."""

    def tick(self, now: datetime, add: Add) -> None:
        """Add a job for each repository that is due.

        A job is added before its moment is moved on, and always under the same id: a crash in
        between adds nothing twice, and loses nothing.
        """
        self._list(now)
        known = list(_known(self.records))
        for due in known:
            if due.at <= now:
                add(_job(due.repository, f"sweep/{due.repository.id}/{due.at.isoformat()}"))
                at = next_due(due.cron, due.zone, now, due.repository.id)
                _keep(self.records, replace(due, at=at))
        self._rescan(known, add)

    def register(self, repository: RepositoryRef, now: datetime) -> None:
        """Take a repository up, or its new name."""
        known = _find(self.records, repository.id)
        if known is None or known.is_gone:
            _keep(self.records, Due(repository=repository, at=soon(now, repository.id)))
        elif known.repository != repository:
            _keep(self.records, replace(known, repository=repository))

    def reschedule(
        self, repository: RepositoryRef, schedule: tuple[str, str], now: datetime
    ) -> None:
        """Take over the schedule that a repository asks for."""
        known = _find(self.records, repository.id)
        cron, zone = schedule
        if known is None or (known.cron, known.zone) == schedule:
            return
        at = next_due(cron, zone, now, repository.id)
        _keep(self.records, replace(known, at=at, cron=cron, zone=zone))

    def _list(self, now: datetime) -> None:
        today = now.date().isoformat()
        if self.records.find(_LISTED, "day") == today:
            return
        found = {repository.id for repository in self._registered(now)}
        for due in _known(self.records):
            if due.repository.id not in found:
                _keep(self.records, replace(due, is_gone=True))
        self.records.keep(_LISTED, "day", today)

    def _registered(self, now: datetime) -> Iterator[RepositoryRef]:
        for repository in self.listed():
            self.register(repository, now)
            yield repository

    def _rescan(self, known: Iterable[Due], add: Add) -> None:
        """Ask about images again where the scanner's database is a newer one."""
        day = self.database()
        if not day:
            return
        for due in known:
            last = recall(self.records, due.repository.id)
            if last is not None and last.images and last.database != day:
                add(_job(due.repository, f"images/{due.repository.id}/{day}"))


def _job(repository: RepositoryRef, name: str) -> Job:
    return Job(
        id=name,
        kind="sweep_repository",
        key=f"{repository.id}/repository",
        repository=repository,
        number=0,
        at="",
    )


def _known(records: Records) -> Iterator[Due]:
    for _, text in records.all(_KIND):
        due = _read(text)
        if due is not None and not due.is_gone:
            yield due


def _find(records: Records, repository: int) -> Due | None:
    text = records.find(_KIND, str(repository))
    return _read(text) if text is not None else None


def _read(text: str) -> Due | None:
    try:
        found = json.loads(text)
        repository = RepositoryRef(**found.pop("repository"))
        at = datetime.fromisoformat(found.pop("at"))
        return Due(repository=repository, at=at, **found)
    except (ValueError, TypeError, KeyError):
        return None


def _keep(records: Records, due: Due) -> None:
    said = {
        "repository": {
            "id": due.repository.id,
            "full_name": due.repository.full_name,
            "installation": due.repository.installation,
        },
        "at": due.at.isoformat(),
        "cron": due.cron,
        "zone": due.zone,
        "is_gone": due.is_gone,
    }
    records.keep(_KIND, str(due.repository.id), json.dumps(said))
