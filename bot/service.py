"""The whole bot in one process: web in front, worker behind, durable jobs between them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot import app
from bot.model.delivery import Job, Outcome
from bot.ports import Jobs
from bot.settings import Settings
from bot.web import application
from bot.worker import run

_DRAIN = 20.0


class Service:
    """Composed from settings; `web` is the ASGI application, to be served after `start`.

    With `poll_seconds` deliveries are read from GitHub's log so often.
    """

    def __init__(self, settings: Settings, poll_seconds: float | None = None) -> None:
        work = app.workflows(settings)
        self.jobs: Jobs = app.jobs(settings, self._handle, work)
        self._workflows = replace(work, is_current=self.jobs.is_current)
        self.watch = app.watch(settings, self.jobs, work.operator.records, poll_seconds)
        self.web: Any = application(
            self.jobs, settings.webhook_secrets, settings.max_body_bytes, _DRAIN
        )

    def start(self) -> None:
        """Begin working; jobs that an earlier process left are taken over."""
        self.jobs.start()
        self.watch.start()

    def stop(self) -> None:
        """Finish what runs within 20 seconds; the rest waits in the store. Twice is once."""
        self.watch.stop()
        self.jobs.stop(_DRAIN)

    def _handle(self, job: Job) -> Outcome:
        return run(job, self._workflows.work, self._workflows.report)
