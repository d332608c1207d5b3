"""Packed verdicts by the content of their files: SQLite in the user's cache folder, or nowhere.

A key holds everything that a verdict rests on: podsec's own code, the rules, the config, the
file's name and its bytes. What is not asked for is dropped when the store grows too large.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import bot
from bot.kubernetes.released_schema import releases
from bot.rule.load import rules_folder
from bot.verdicts.packed import Packed

_LARGEST = 400_000_000
_CREATE = (
    "create table if not exists verdict(key blob primary key, facts text, columns text, rows text)"
)


class Store:
    """Verdicts by key. Used by one process at a time; others may read and write beside it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def known(self, keys: Sequence[bytes]) -> set[bytes]:
        """Those keys that are known."""
        return {row[0] for row in self._asked("key", keys)}

    def facts(self, keys: Sequence[bytes]) -> dict[bytes, str]:
        """The facts of the keys."""
        return dict(self._asked("key, facts", keys))

    def findings(self, keys: Sequence[bytes]) -> dict[bytes, tuple[str, str]]:
        """The columns and rows of the keys."""
        return {row[0]: (row[1], row[2]) for row in self._asked("key, columns, rows", keys)}

    def _asked(self, wanted: str, keys: Sequence[bytes]) -> Iterator[Any]:
        marks = ",".join("?" * len(keys))
        query = f"select {wanted} from verdict where key in ({marks})"  # noqa: S608  # constants
        return self._connection.execute(query, keys)

    def put(self, verdicts: Mapping[bytes, Packed]) -> None:
        """Remember verdicts."""
        with self._connection:
            self._connection.executemany(
                "insert or replace into verdict values(?, ?, ?, ?)",
                ((key, p.facts, p.columns, p.rows) for key, p in verdicts.items()),
            )


@contextmanager
def opened(folder: Path | None) -> Iterator[Store]:
    """The store in a folder; for None, one that is gone afterwards.

    A store that is broken, too large or cannot be written is begun anew or done without.
    """
    connection = _connect(folder / "verdicts.sqlite3") if folder is not None else None
    if connection is None:
        connection = sqlite3.connect("", isolation_level="DEFERRED")  # a temporary file
        connection.execute(_CREATE)
    try:
        yield Store(connection)
    finally:
        connection.close()


def _connect(path: Path) -> sqlite3.Connection | None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.exists() and path.stat().st_size > _LARGEST:
            path.unlink()
        return _ready(path)
    except sqlite3.DatabaseError:
        with suppress(OSError):
            path.unlink()
    except OSError:
        return None
    try:
        return _ready(path)
    except (OSError, sqlite3.DatabaseError):
        return None


def _ready(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=10, isolation_level="DEFERRED")
    connection.execute("pragma journal_mode=wal")
    connection.execute("pragma synchronous=off")  # a lost cache is only judged again
    connection.execute(_CREATE)
    path.chmod(0o600)
    return connection


def key_of(stamp: bytes, name: str, data: bytes) -> bytes:
    """The key of a file under a stamp."""
    hashed = hashlib.blake2b(data, digest_size=16, key=stamp)
    hashed.update(name.encode("utf-8", "surrogateescape"))
    return hashed.digest()


def stamp(config: str, own_rules: Iterable[bytes]) -> bytes:
    """What all verdicts of one check rest on: podsec's code and rules, the config, own rules."""
    hashed = hashlib.blake2b(digest_size=32)
    hashed.update(f"{bot.__version__}\x00{config}".encode("utf-8", "surrogateescape"))
    for folder in (Path(bot.__file__).parent, rules_folder()):
        for path in _sources(folder):
            status = path.stat()
            hashed.update(f"{path}\x00{status.st_size}\x00{status.st_mtime_ns}".encode())
    for folder in sorted(releases().values()):
        hashed.update(f"{folder}\x00{folder.stat().st_mtime_ns}".encode())
    for rule in own_rules:
        hashed.update(b"\x00rule\x00" + rule)
    return hashed.digest()


def _sources(folder: Path) -> Iterator[Path]:
    """The files that decide on verdicts; examples do not."""
    for home, below, names in os.walk(folder):
        below[:] = sorted(n for n in below if n not in ("examples", "__pycache__", "sandbox"))
        for name in sorted(names):
            if name.endswith((".py", ".yaml", ".json")):
                yield Path(home) / name
