"""What podsec missed: deliveries that did not arrive, and open pull requests without its check.

`podsec serve --poll` reads all deliveries from GitHub's log in the same way, and needs no public
address. Source: GitHub, "Handling failed webhook deliveries" and "List deliveries for an app
webhook": the log holds three days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from bot.model.app import LoggedDelivery
from bot.model.delivery import Delivery, PullRef
from bot.ports import AppLog, Jobs, Records

CHECK = "podsec"
_KIND = "log"
_READ = "read until"
_OVERLAP = timedelta(minutes=10)
"""Rows come late into the log, and not in order."""
_MOST = 2_000
_IGNORED = ("ping", "installation_repositories", "github_app_authorization")


class DeliveryLog:
    """GitHub's log, read on from where it was last read, by this process or another one."""

    def __init__(self, log: AppLog, jobs: Jobs, records: Records) -> None:
        self._log, self._jobs, self._records = log, jobs, records
        self._taken: set[str] = set()

    def take(self, wanted: Callable[[LoggedDelivery], bool]) -> int:
        """Accept what is wanted and new, the oldest first; how many were. Raises PodsecError."""
        until = self._records.find(_KIND, _READ) or ""
        rows = list(_since(self._log.deliveries(), until))
        arrived = {row.guid for row in rows if row.arrived}
        taken = 0
        for row in reversed(rows):
            is_new = row.guid not in self._taken and row.event not in _IGNORED
            if is_new and wanted(_as_known(row, arrived)):
                taken += self._accept(row)
            self._taken.add(row.guid)
        if rows:
            self._records.keep(_KIND, _READ, max(until, *(row.at for row in rows)))
        self._taken &= {row.guid for row in rows}
        return taken

    def _accept(self, row: LoggedDelivery) -> int:
        found = self._log.delivery(row.id)
        return int(found is not None and self._jobs.accept(found))


def every(row: LoggedDelivery) -> bool:
    """All deliveries: where nothing arrives, since there is no public address."""
    del row
    return True


def missed(row: LoggedDelivery) -> bool:
    """The deliveries of which no attempt arrived."""
    return not row.arrived


def _as_known(row: LoggedDelivery, arrived: set[str]) -> LoggedDelivery:
    """The row, with what other attempts of the same delivery say."""
    return LoggedDelivery(
        id=row.id,
        guid=row.guid,
        event=row.event,
        action=row.action,
        arrived=row.guid in arrived,
        at=row.at,
    )


def _since(rows: Iterator[LoggedDelivery], until: str) -> Iterator[LoggedDelivery]:
    """The rows from a little before a time on; the first time, all that GitHub keeps."""
    floor = _earlier(until) if until else ""
    for number, row in enumerate(rows):
        if row.at < floor or number >= _MOST:
            return
        yield row


def _earlier(at: str) -> str:
    moment = datetime.fromisoformat(at) - _OVERLAP
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def check_open_pulls(log: AppLog, jobs: Jobs, since: str) -> int:
    """Check the open pull requests that were updated after a time and lack podsec's check run.

    Returns how many. Costs a call a repository, and one a pull request that is looked at.
    """
    found = 0
    for installation in log.installations():
        if installation.is_suspended:
            continue
        for repository in log.repositories(installation.id):
            for pull, data in log.open_pulls(repository):
                if str(data["updated_at"]) < since:
                    break  # they come in order
                if not pull.is_own and not log.has_check(repository, pull.head_sha, CHECK):
                    found += jobs.accept(_as_delivery(pull, data))
    return found


def _as_delivery(pull: PullRef, data: dict[str, Any]) -> Delivery:
    """The delivery that would have told of the head; a head makes one, however often."""
    repository = pull.repository
    return Delivery(
        id=f"catch-up-{repository.id}-{pull.number}-{pull.head_sha[:12]}",
        event="pull_request",
        payload={
            "action": "synchronize",
            "number": pull.number,
            "pull_request": data,
            "repository": {"id": repository.id, "full_name": repository.full_name},
            "installation": {"id": repository.installation},
        },
    )
