"""A store of answers on disk, by what was asked: entries grow old, broken ones are not read."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_HEAD = 4096
"""The first line of an entry is shorter than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An answer, when it was stored (seconds since 1970), and whether it still holds."""

    data: bytes
    stored: float
    is_fresh: bool


class Cache:
    """Entries in a folder; several processes may share it. A broken entry is as none."""

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        self._folder = folder
        self._clock = clock

    def get(self, *key: str) -> Entry | None:
        """What is stored under a key, also when it has grown old; None where nothing is."""
        path = self._path(key)
        try:
            with path.open("rb") as stream:
                head: Any = json.loads(stream.readline(_HEAD))
                data = stream.read()
            intact = head["key"] == list(key) and head["sha256"] == _digest(data)
            stored, expires = float(head["stored"]), float(head["expires"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if not intact:
            return None
        return Entry(data=data, stored=stored, is_fresh=self._clock() < expires)

    def put(self, *key: str, data: bytes, seconds: float) -> None:
        """Store an answer that holds for `seconds`; a disk that takes none is no error."""
        now = self._clock()
        head = {"key": list(key), "stored": now, "expires": now + seconds, "sha256": _digest(data)}
        path = self._path(key)
        with contextlib.suppress(OSError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            number, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")  # mode 0600
            try:
                with os.fdopen(number, "wb") as stream:
                    stream.write(json.dumps(head).encode() + b"\n" + data)
                Path(name).replace(path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise

    def prune(self, most_bytes: int) -> int:
        """Delete the oldest entries until the rest has at most `most_bytes`; how many went."""
        found = sorted(self._entries(), reverse=True)
        size = gone = 0
        for _, length, path in found:
            size += length
            if size > most_bytes:
                path.unlink(missing_ok=True)
                gone += 1
        return gone

    def _entries(self) -> Iterator[tuple[float, int, Path]]:
        for path in self._folder.glob("??/*"):
            with contextlib.suppress(OSError):  # another process may have pruned it
                status = path.stat()
                yield status.st_mtime, status.st_size, path

    def _path(self, key: tuple[str, ...]) -> Path:
        name = _digest(json.dumps(key).encode())
        return self._folder / name[:2] / name[2:]


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
