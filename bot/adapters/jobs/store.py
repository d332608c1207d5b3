"""podsec's own tables beside the engine's: deliveries, newest jobs, attempts, live workers."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy import text

from bot.database import NOW, engine_of
from bot.model.delivery import Delivery, Job

_LOCK = 7041
_TABLES = (
    (
        "create table if not exists podsec_delivery("
        "id varchar primary key, event varchar not null, payload text not null, "
        "received double precision not null)"
    ),
    (
        "create table if not exists podsec_newest("
        "key varchar primary key, job varchar not null, at varchar not null)"
    ),
    (
        "create table if not exists podsec_attempt("
        "job varchar primary key, begun integer not null, outcome varchar)"
    ),
    ("create table if not exists podsec_wait(job varchar primary key, waits integer not null)"),
    (
        "create table if not exists podsec_worker("
        "executor varchar primary key, seen double precision not null)"
    ),
)


class Store:
    """SQL that both databases understand."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = engine_of(url)
        self._now = NOW["sqlite" if self.is_sqlite else "postgresql"]

    def create(self) -> None:
        """Make the tables; several processes may start at once."""
        with self.engine.begin() as connection:
            if not self.is_sqlite:
                connection.execute(text(f"select pg_advisory_xact_lock({_LOCK})"))
            for table in _TABLES:
                connection.execute(text(table))

    def close(self) -> None:
        """Let the connections go."""
        self.engine.dispose()

    def answers(self) -> bool:
        """Whether the database can be asked."""
        try:
            with self.engine.connect() as connection:
                return connection.execute(text("select 1")).scalar() == 1
        except sa.exc.SQLAlchemyError:
            return False

    def keep(self, connection: sa.Connection, delivery: Delivery) -> bool:
        """Store a delivery; False if it was there."""
        statement = (
            f"insert into podsec_delivery values(:id, :event, :payload, {self._now}) "
            "on conflict do nothing"
        )
        values = {
            "id": delivery.id,
            "event": delivery.event,
            "payload": json.dumps(delivery.payload),
        }
        return connection.execute(text(statement), values).rowcount == 1

    def delivery(self, guid: str) -> Delivery:
        """A stored delivery."""
        with self.engine.begin() as connection:
            row = connection.execute(
                text("select event, payload from podsec_delivery where id = :id"), {"id": guid}
            ).one()
        payload: dict[str, Any] = json.loads(row[1])
        return Delivery(id=guid, event=row[0], payload=payload)

    def clear(self, days: float) -> None:
        """Empty the payloads that came more than `days` ago.

        The ids stay, so that a delivery that comes again is known.
        """
        statement = (
            f"update podsec_delivery set payload = '{{}}' "  # noqa: S608  # a constant
            f"where received < {self._now} - :seconds and payload <> '{{}}'"
        )
        with self.engine.begin() as connection:
            connection.execute(text(statement), {"seconds": days * 86400})

    def make_newest(self, connection: sa.Connection, job: Job) -> None:
        """Let a job supersede the older ones of its key; deliveries come out of order."""
        statement = (
            "insert into podsec_newest values(:key, :job, :at) "
            "on conflict(key) do update set job = excluded.job, at = excluded.at "
            "where excluded.at >= podsec_newest.at"
        )
        connection.execute(text(statement), {"key": job.key, "job": job.id, "at": job.at})

    def is_newest(self, job: Job) -> bool:
        """Whether no newer job of the same key came; within one second both are the newest."""
        with self.engine.begin() as connection:
            newest = connection.execute(
                text("select at from podsec_newest where key = :key"), {"key": job.key}
            ).scalar()
        return newest is None or job.at >= newest

    def begin_attempt(self, job: str) -> int:
        """Count an attempt before it begins, so that one that died counts too."""
        statement = (
            "insert into podsec_attempt values(:job, 1, null) "
            "on conflict(job) do update set begun = podsec_attempt.begun + 1 returning begun"
        )
        with self.engine.begin() as connection:
            return int(connection.execute(text(statement), {"job": job}).scalar_one())

    def count_wait(self, job: str) -> None:
        """Count an attempt that ended in a pause."""
        statement = (
            "insert into podsec_wait values(:job, 1) "
            "on conflict(job) do update set waits = podsec_wait.waits + 1"
        )
        with self.engine.begin() as connection:
            connection.execute(text(statement), {"job": job})

    def waits(self, job: str) -> int:
        """How many attempts ended in a pause."""
        with self.engine.begin() as connection:
            found = connection.execute(
                text("select waits from podsec_wait where job = :job"), {"job": job}
            ).scalar()
        return int(found or 0)

    def end(self, job: str, outcome: str) -> None:
        """Keep how a job ended."""
        with self.engine.begin() as connection:
            connection.execute(
                text("update podsec_attempt set outcome = :outcome where job = :job"),
                {"outcome": outcome[:500], "job": job},
            )

    def beat(self, executor: str) -> None:
        """Say that this worker lives."""
        statement = (
            f"insert into podsec_worker values(:executor, {self._now}) "
            "on conflict(executor) do update set seen = excluded.seen"
        )
        with self.engine.begin() as connection:
            connection.execute(text(statement), {"executor": executor})

    def alive(self, seconds: float) -> set[str]:
        """The workers heard of within the last `seconds`, by the database's clock."""
        statement = f"select executor from podsec_worker where seen > {self._now} - :seconds"  # noqa: S608  # a constant
        with self.engine.begin() as connection:
            return {row[0] for row in connection.execute(text(statement), {"seconds": seconds})}

    def leave(self, executor: str) -> None:
        """Say that this worker has ended."""
        with self.engine.begin() as connection:
            connection.execute(
                text("delete from podsec_worker where executor = :executor"),
                {"executor": executor},
            )
