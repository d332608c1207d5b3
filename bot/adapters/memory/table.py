"""Texts by kind and key in one table, in SQL that SQLite and PostgreSQL understand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, text

from bot.errors import Unavailable

_LOCK = 7042
_SECONDS_TO_CONNECT = 5
_TABLE = (
    "create table if not exists podsec_memory("
    "kind varchar not null, key varchar not null, value text not null, primary key(kind, key))"
)
_PUT = (
    "insert into podsec_memory values(:kind, :key, :value) "
    "on conflict(kind, key) do update set value = excluded.value"
)


class TableMemory:
    """Raises Unavailable where the database does not answer. The table is made at first use."""

    def __init__(self, url: str) -> None:
        self._engine = _engine(url)
        self._is_sqlite = url.startswith("sqlite")
        self._is_made = False

    def keep(self, kind: str, key: str, value: str) -> None:
        """Keep a text; what was kept before is gone."""
        with self._begun() as connection:
            connection.execute(text(_PUT), {"kind": kind, "key": key, "value": value})

    def find(self, kind: str, key: str) -> str | None:
        """The text of a key, or None."""
        query = text("select value from podsec_memory where kind = :kind and key = :key")
        with self._begun() as connection:
            found = connection.execute(query, {"kind": kind, "key": key}).scalar()
        return None if found is None else str(found)

    def all(self, kind: str) -> tuple[tuple[str, str], ...]:
        """All keys of a kind with their texts, by key."""
        query = text("select key, value from podsec_memory where kind = :kind order by key")
        with self._begun() as connection:
            return tuple((row[0], row[1]) for row in connection.execute(query, {"kind": kind}))

    def close(self) -> None:
        """Let the connections go."""
        self._engine.dispose()

    @contextmanager
    def _begun(self) -> Iterator[sa.Connection]:
        try:
            if not self._is_made:
                self._make()
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            raise Unavailable("the database does not answer") from error

    def _make(self) -> None:
        with self._engine.begin() as connection:
            if not self._is_sqlite:  # several workers may start at once
                connection.execute(text(f"select pg_advisory_xact_lock({_LOCK})"))
            connection.execute(text(_TABLE))
        self._is_made = True


def _engine(url: str) -> sa.Engine:
    if not url.startswith("sqlite"):
        return sa.create_engine(
            url.replace("postgresql://", "postgresql+psycopg://", 1),
            pool_size=2,
            max_overflow=4,
            pool_pre_ping=True,
            connect_args={"connect_timeout": _SECONDS_TO_CONNECT},
        )
    engine = sa.create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    """As the jobs' own connections in the same file."""
    connection.isolation_level = "IMMEDIATE"
    for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")
