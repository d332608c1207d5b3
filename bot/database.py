"""Connections to the operator's database: SQLite in WAL mode on a local disk, or PostgreSQL."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

NOW = {
    "sqlite": "(julianday('now') - 2440587.5) * 86400.0",
    "postgresql": "extract(epoch from clock_timestamp())",
}
"""The database's own clock, as seconds since 1970: machines do not agree on the time."""
_SECONDS_TO_CONNECT = 5  # GitHub waits ten for the answer to a delivery


def engine_of(url: str) -> sa.Engine:
    """A pool of connections; none is opened before it is needed."""
    if not url.startswith("sqlite"):
        driver = url.replace("postgresql://", "postgresql+psycopg://", 1)
        return sa.create_engine(
            driver,
            pool_size=10,
            max_overflow=10,
            pool_timeout=_SECONDS_TO_CONNECT,
            pool_pre_ping=True,
            connect_args={"connect_timeout": _SECONDS_TO_CONNECT},
        )
    engine = sa.create_engine(
        url,
        pool_size=10,
        max_overflow=10,
        connect_args={"timeout": 30, "check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare)
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    """What the job engine sets on connections of its own making; WAL doubles the throughput."""
    connection.isolation_level = "IMMEDIATE"
    for pragma in ("busy_timeout=30000", "foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")
