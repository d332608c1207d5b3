"""When a repository is due: its own cron, in its own time zone, a little later than its neighbours.

Repositories of one installation share its hourly budget of requests, and most keep the default
schedule: within an hour each has a moment of its own.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_WINDOW = 3600.0
_OF_PERIOD = 0.25


def next_due(cron: str, zone: str, after: datetime, repository: int) -> datetime:
    """The next moment after `after`, in UTC. Raises ValueError for what is no schedule."""
    from croniter import croniter  # noqa: PLC0415  # only schedules pay for it

    local = after.astimezone(ZoneInfo(zone))
    first: datetime = croniter(cron, local).get_next(datetime)
    second: datetime = croniter(cron, first).get_next(datetime)
    window = min(_WINDOW, _OF_PERIOD * (second - first).total_seconds())
    return first.astimezone(UTC) + timedelta(seconds=int(share(repository) * window))


def soon(now: datetime, repository: int) -> datetime:
    """Within an hour, for a repository that was never swept."""
    return now.astimezone(UTC) + timedelta(seconds=int(share(repository) * _WINDOW))


def share(repository: int) -> float:
    """From 0 up to 1, always the same for a repository, and different for the next one."""
    digest = hashlib.sha256(str(repository).encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32
