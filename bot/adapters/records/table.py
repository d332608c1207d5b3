"""One table of texts; SQL that SQLite and PostgreSQL understand."""

from __future__ import annotations

import threading

import sqlalchemy as sa
from sqlalchemy import text

from bot.database import NOW, engine_of
from bot.errors import Unavailable

_LOCK = 7042
_TABLE = (
    "create table if not exists podsec_record("
    "kind varchar not null, key varchar not null, text text not null, "
    "at double precision not null, primary key(kind, key))"
)


class RecordTable:
    """The table, made when it is first needed."""

    def __init__(self, url: str) -> None:
        self._engine = engine_of(url)
        self._is_sqlite = url.startswith("sqlite")
        self._now = NOW["sqlite" if self._is_sqlite else "postgresql"]
        self._made = False
        self._guard = threading.Lock()

    def close(self) -> None:
        """Let the connections go."""
        self._engine.dispose()

    def keep(self, kind: str, key: str, value: str) -> None:
        """Store a text, in place of the former one; the same one again is not written.

        The database compares: another process may have stored something else meanwhile.
        """
        statement = (
            f"insert into podsec_record values(:kind, :key, :text, {self._now}) "
            "on conflict(kind, key) do update set text = excluded.text, at = excluded.at "
            "where podsec_record.text <> excluded.text"
        )
        self._run(statement, kind=kind, key=key, text=value)

    def find(self, kind: str, key: str) -> str | None:
        """The text of a key, or None. Raises Unavailable."""
        statement = "select text from podsec_record where kind = :kind and key = :key"
        rows = self._run(statement, kind=kind, key=key)
        return str(rows[0][0]) if rows else None

    def all(self, kind: str) -> tuple[tuple[str, str], ...]:
        """All keys of a kind with their texts, by key. Raises Unavailable."""
        statement = "select key, text from podsec_record where kind = :kind order by key"
        return tuple((str(key), str(value)) for key, value in self._run(statement, kind=kind))

    def drop(self, kind: str, key: str) -> None:
        """Take a text out; what is not there is gone already. Raises Unavailable."""
        self._run("delete from podsec_record where kind = :kind and key = :key", kind=kind, key=key)

    def _run(self, statement: str, **values: str) -> list[tuple[object, ...]]:
        try:
            self._make()
            with self._engine.begin() as connection:
                found = connection.execute(text(statement), values)
                return [tuple(row) for row in found] if found.returns_rows else []
        except sa.exc.SQLAlchemyError as error:
            raise Unavailable("the database does not answer") from error

    def _make(self) -> None:
        with self._guard:
            if self._made:
                return
            with self._engine.begin() as connection:
                if not self._is_sqlite:
                    connection.execute(text(f"select pg_advisory_xact_lock({_LOCK})"))
                connection.execute(text(_TABLE))
            self._made = True
