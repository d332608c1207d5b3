"""A thread beside the worker that looks for what did not come: see `bot.workflows.catch_up`."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime, timedelta

from bot.errors import PodsecError
from bot.ports import AppLog, Jobs, Records
from bot.workflows.catch_up import DeliveryLog, check_open_pulls, every, missed

_HOUR = 3600.0
_KIND, _ALIVE = "log", "alive"
_GAP = timedelta(minutes=10)
_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
_log = logging.getLogger("podsec.watch")


class Watch:
    """Looks at once, then every `seconds`: every hour, or more often where it polls."""

    def __init__(
        self, log: AppLog, jobs: Jobs, records: Records, poll_seconds: float | None
    ) -> None:
        self._app, self._jobs, self._records = log, jobs, records
        self._deliveries = DeliveryLog(log, jobs, records)
        self._wanted = missed if poll_seconds is None else every
        self._seconds = poll_seconds if poll_seconds is not None else _HOUR
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; twice is once."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def turn(self) -> None:
        """Look once. Raises PodsecError."""
        taken = self._deliveries.take(self._wanted)
        found = self._after_a_gap()
        self._records.keep(_KIND, _ALIVE, datetime.now(UTC).strftime(_FORMAT))
        if taken or found:
            _log.info("caught_up", extra={"deliveries": taken, "pull_requests": found})

    def _after_a_gap(self) -> int:
        """Look at open pull requests where nobody has looked for longer than usual."""
        last = self._records.find(_KIND, _ALIVE)
        if last is None:
            return 0  # a first start has missed nothing
        gap = datetime.now(UTC) - datetime.strptime(last, _FORMAT).replace(tzinfo=UTC)
        usual = timedelta(seconds=self._seconds) + _GAP
        since = datetime.strptime(last, _FORMAT).replace(tzinfo=UTC) - timedelta(hours=1)
        if gap < usual:
            return 0
        return check_open_pulls(self._app, self._jobs, since.strftime(_FORMAT))

    def _run(self) -> None:
        while True:
            try:
                self.turn()
            except PodsecError as error:
                _log.warning("not_caught_up", extra={"reason": str(error)})
            except Exception:  # noqa: BLE001  # the next turn looks again: what was read is remembered
                _log.exception("watch_failed")
            if self._ended.wait(self._seconds):
                return
