"""Durable work on DBOS: accepted in one commit, run at least once, done once.

What bites, each measured: a computed application version strands old jobs after an upgrade; a
shared executor id makes two processes run one job; jobs of a dead worker are recovered by nobody
unless somebody does it; a queue with partitions never gives out a job without a key. Names of
workflows, queues and the order of steps are a stored format.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer

from bot.adapters.jobs.codec import from_json, to_json
from bot.adapters.jobs.store import Store
from bot.errors import Unavailable
from bot.model.delivery import SUPERSEDED, Delivery, Job
from bot.ports import Handler, Route, Tick

_APP = "podsec"
_INTAKE, _PULL = "intake", "pull"
_POLL = 0.2
_CLOCK, _EVERY_TEN_MINUTES = "tick", "*/10 * * * *"
_DEAD = 15.0
_KEEP_DAYS = 30.0
_CLEARING = 3600.0
_CLEARED_AT_ONCE = 500
_ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
_BEATS = 5  # within that time: a worker may miss some
_CRASHES = 20  # the worker gives a job up before, and says so
_STORE_DOWN: dict[str, Any] = {  # waits for half an hour, in growing pauses
    "retries_allowed": True,
    "max_attempts": 12,
    "should_retry": lambda error: isinstance(error, sa.exc.SQLAlchemyError),
}
_log = logging.getLogger("podsec.jobs")


class DurableJobs:
    """One per process: the engine is a singleton.

    A worker that was not heard of for `dead` seconds is taken for dead: its jobs are taken over.
    Payloads of deliveries and ended jobs are cleared after `keep_days`.
    `tick` is called at the moments that `every`, a cron expression in UTC, names.
    """

    def __init__(
        self,
        url: str,
        route: Route,
        handle: Handler,
        dead: float = _DEAD,
        keep_days: float = _KEEP_DAYS,
        tick: Tick | None = None,
        every: str = _EVERY_TEN_MINUTES,
    ) -> None:
        self._store = Store(url)
        self._keep_days = keep_days
        self._cleared = float("-inf")
        self._tick, self._every = tick, every
        self._dead = dead
        self._url, self._route, self._handle = url, route, handle
        self._executor = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:6]}"
        self._ended = threading.Event()
        self._maintenance = threading.Thread(target=self._maintain, name="jobs", daemon=True)
        self._client: DBOSClient | None = None

    def start(self) -> None:
        """Begin working; what a dead worker left is taken over."""
        self._store.create()
        self._store.beat(self._executor)  # before the launch: nobody may take us for dead
        self._register()
        self._client = DBOSClient(
            system_database_url=self._url,
            system_database_engine=self._store.engine,
            application_name=_APP,
            retry_connection_errors=False,
            serializer=DBOSPortableJSONSerializer(),
        )
        self._schedule()
        self._maintenance.start()

    def stop(self, drain: float) -> None:
        """Take no more work, wait for what runs, leave."""
        if self._ended.is_set():
            return
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=int(drain))
        self._ended.set()
        if self._maintenance.is_alive():
            self._maintenance.join(5)
        if self._client is not None:
            self._client.destroy()
        self._store.leave(self._executor)
        self._store.close()

    def ready(self) -> bool:
        """Whether the store answers."""
        return self._store.answers()

    def is_current(self, job: Job) -> bool:
        """Whether no newer job has overtaken this one, as far as deliveries tell.

        Raises Unavailable where the store does not answer.
        """
        try:
            return self._is_newest(job)
        except sa.exc.SQLAlchemyError as error:
            raise Unavailable("the job store does not answer") from error

    def _is_newest(self, job: Job) -> bool:
        return job.kind not in SUPERSEDED or self._store.is_newest(job)

    def accept(self, delivery: Delivery) -> bool:
        """Store a delivery and its routing in one commit; False if it was there."""
        if self._client is None:
            raise Unavailable("the job store is not open yet")
        try:
            with self._store.engine.begin() as connection:
                if not self._store.keep(connection, delivery):
                    return False
                self._enqueue(connection, _INTAKE, "route", f"in/{delivery.id}", "all", delivery.id)
                return True
        except sa.exc.SQLAlchemyError as error:
            raise Unavailable("the job store does not answer") from error

    def drain_until_idle(self, seconds: float) -> bool:
        """Wait until no job waits or runs; False if that took longer."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            waiting = DBOS.list_workflows(
                status=["ENQUEUED", "PENDING", "DELAYED"], load_input=False, load_output=False
            )
            if not waiting:
                return True
            time.sleep(0.1)
        return False

    def _register(self) -> None:
        DBOS(
            config={
                "name": _APP,
                "system_database_url": self._url,
                "system_database_engine": self._store.engine,
                "executor_id": self._executor,
                "application_version": _APP,
                "serializer": DBOSPortableJSONSerializer(),
                "max_executor_threads": 32,
                "log_level": "ERROR",
            }
        )
        self._register_workflows()
        self._register_clock()
        DBOS.launch()
        DBOS.register_queue(
            _INTAKE, worker_concurrency=8, polling_interval_sec=_POLL, on_conflict="always_update"
        )
        DBOS.register_queue(
            _PULL,
            partition_concurrency=1,
            worker_concurrency=8,
            polling_interval_sec=_POLL,
            on_conflict="always_update",
        )

    def _schedule(self) -> None:
        """Let the clock of the store make jobs: of all workers one is told of each moment."""
        if self._tick is None:
            DBOS.delete_schedule(_CLOCK)
            return
        DBOS.apply_schedules(
            [
                {
                    "schedule_name": _CLOCK,
                    "workflow_fn": self._ticking,
                    "schedule": self._every,
                }
            ]
        )

    def tick(self, now: datetime) -> int:
        """Add the jobs that are due; returns how many. A job of the same id is there once."""
        added = 0

        def add(job: Job) -> None:
            nonlocal added
            with self._store.engine.begin() as connection:
                self._enqueue(connection, _PULL, "work", job.id, job.key, to_json(job), 1)
            added += 1

        if self._tick is not None:
            self._tick(now, add)
        return added

    def _register_clock(self) -> None:
        """As with all workflows, the names are stored."""

        @DBOS.step(name="add_due_jobs", **_STORE_DOWN)
        def add_due_jobs(now: str) -> int:
            return self.tick(datetime.fromisoformat(now))

        @DBOS.workflow(name="tick", max_recovery_attempts=_CRASHES)
        def tick(at: datetime, _context: Any) -> None:
            add_due_jobs(at.astimezone(UTC).isoformat())

        self._ticking = tick

    def _register_workflows(self) -> None:
        """Names and the order of steps are stored: jobs of an older podsec must find them."""

        @DBOS.step(name="route_delivery", **_STORE_DOWN)
        def route_delivery(guid: str) -> int:
            return self._route_delivery(guid)

        @DBOS.step(name="run_job", **_STORE_DOWN)
        def run_job(data: dict[str, Any]) -> tuple[str, float]:
            return self._run_job(data)

        @DBOS.step(name="enqueue_again", **_STORE_DOWN)
        def enqueue_again(data: dict[str, Any], number: int, pause: float) -> None:
            self._again(data, number, pause)

        @DBOS.workflow(name="route", max_recovery_attempts=_CRASHES)
        def route(guid: str) -> None:
            route_delivery(guid)

        @DBOS.workflow(name="work", max_recovery_attempts=_CRASHES)
        def work(data: dict[str, Any], number: int) -> str:
            state, pause = run_job(data)
            if state == "again":
                enqueue_again(data, number + 1, pause)
            return state

    def _enqueue(
        self,
        connection: sa.Connection,
        queue: str,
        workflow: str,
        name: str,
        key: str,
        *arguments: Any,
        delay: float = 0.0,
    ) -> None:
        assert self._client is not None
        options: dict[str, Any] = {
            "workflow_name": workflow,
            "queue_name": queue,
            "workflow_id": name,
            "app_version": _APP,
        }
        if queue == _PULL:
            options["queue_partition_key"] = key
        if delay:
            options["delay_seconds"] = delay
        self._client.enqueue_in_transaction(connection, options, *arguments)  # type: ignore[arg-type]  # a TypedDict

    def _route_delivery(self, guid: str) -> int:
        """Turn a delivery into jobs; twice is once, since jobs are known by their ids."""
        delivery = self._store.delivery(guid)
        try:
            jobs = self._route(delivery)
        except Exception:  # noqa: BLE001  # a delivery that breaks the table must not end the worker
            _log.exception("delivery_not_routed", extra={"delivery": guid})
            return 0
        with self._store.engine.begin() as connection:
            for job in jobs:
                if job.kind in SUPERSEDED:
                    self._store.make_newest(connection, job)
                self._enqueue(connection, _PULL, "work", job.id, job.key, to_json(job), 1)
        return len(jobs)

    def _run_job(self, data: dict[str, Any]) -> tuple[str, float]:
        job = from_json(data)
        begun = self._store.begin_attempt(job.id)
        if not self._is_newest(job):
            self._store.end(job.id, "superseded")
            return "superseded", 0.0
        outcome = self._handle(replace(job, attempt=begun, waits=self._store.waits(job.id)))
        if outcome.waited:
            self._store.count_wait(job.id)
        self._store.end(job.id, f"{outcome.state} {outcome.reason}".strip())
        return outcome.state, outcome.retry_after

    def _again(self, data: dict[str, Any], number: int, pause: float) -> None:
        job = from_json(data)
        with self._store.engine.begin() as connection:
            name = f"{job.id}/{number}"
            self._enqueue(connection, _PULL, "work", name, job.key, data, number, delay=pause)

    def _maintain(self) -> None:
        """Beat, and take over the jobs of workers that no longer do."""
        while not self._ended.wait(self._dead / _BEATS):
            try:
                self._store.beat(self._executor)
                self._recover()
                if time.monotonic() - self._cleared > _CLEARING:
                    self.clear()
                    self._cleared = time.monotonic()
            except Exception:  # noqa: BLE001  # the next turn looks again: nothing is remembered
                _log.exception("jobs_maintenance_failed")

    def clear(self) -> None:
        """Take out what is older than is kept; deliveries stay known by their ids."""
        self._store.clear(self._keep_days)
        before = datetime.now(UTC) - timedelta(days=self._keep_days)
        while True:
            ended = DBOS.list_workflows(
                status=_ENDED,
                completed_before=before.isoformat(),
                limit=_CLEARED_AT_ONCE,
                load_input=False,
                load_output=False,
            )
            DBOS.delete_workflows([workflow.workflow_id for workflow in ended])
            if len(ended) < _CLEARED_AT_ONCE:
                return

    def _recover(self) -> None:
        pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        owners = {workflow.executor_id for workflow in pending if workflow.executor_id}
        dead = sorted(owners - self._store.alive(self._dead) - {self._executor})
        if dead:
            # compare-and-set on (PENDING, executor): safe to race, and it counts the crash
            taken = DBOS._recover_pending_workflows(dead)  # noqa: SLF001  # public until 3.0; see ADR 10
            _log.warning("jobs_recovered", extra={"jobs": len(taken), "workers": dead})
