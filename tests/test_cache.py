"""The store of answers."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from bot.cache import Cache


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_an_answer_is_found_under_its_own_key_alone(tmp_path: Path, clock: Clock) -> None:
    cache = Cache(tmp_path / "cache", clock)
    cache.put("a", "bc", data=b"one\ntwo", seconds=10)
    found = cache.get("a", "bc")
    assert found is not None
    assert (found.data, found.stored, found.is_fresh) == (b"one\ntwo", 1000.0, True)
    assert [cache.get(*key) for key in (("ab", "c"), ("a",), ("a", "bc", ""))] == [None] * 3


def test_an_old_answer_is_still_there_but_not_fresh(tmp_path: Path, clock: Clock) -> None:
    cache = Cache(tmp_path, clock)
    cache.put("a", data=b"1", seconds=10)
    clock.now += 10
    found = cache.get("a")
    assert found is not None
    assert not found.is_fresh
    cache.put("a", data=b"2", seconds=10)
    found = cache.get("a")
    assert found is not None
    assert (found.data, found.is_fresh) == (b"2", True)


@pytest.mark.parametrize("harm", [b"", b"{}\n", b"nonsense", b"\xff\xfe", b"[]\n1"])
def test_a_broken_entry_is_as_none(harm: bytes, tmp_path: Path, clock: Clock) -> None:
    cache = Cache(tmp_path, clock)
    cache.put("a", data=b"1", seconds=10)
    (path,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    path.write_bytes(harm)
    assert cache.get("a") is None
    cache.put("a", data=b"1", seconds=10)
    path.write_bytes(path.read_bytes() + b"2")
    assert cache.get("a") is None


def test_nobody_else_may_read_the_entries(tmp_path: Path, clock: Clock) -> None:
    Cache(tmp_path / "cache", clock).put("a", data=b"1", seconds=10)
    (path,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_disk_that_takes_no_entry_is_no_error(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = Cache(tmp_path / "file", clock)
    cache.put("a", data=b"1", seconds=10)
    assert cache.get("a") is None


def test_pruning_leaves_the_newest(tmp_path: Path, clock: Clock) -> None:
    import os

    cache = Cache(tmp_path, clock)
    for number in range(5):
        cache.put(str(number), data=b"x" * 1000, seconds=10)
    paths = {path.stat().st_mtime_ns: path for path in tmp_path.glob("??/*")}
    for number in range(5):
        path = next(p for p in paths.values() if f'"{number}"' in p.read_text().split("\n")[0])
        os.utime(path, (number, number))
    assert cache.prune(most_bytes=2500) == 3
    assert [cache.get(str(number)) is not None for number in range(5)] == [False] * 3 + [True] * 2


def test_threads_that_write_the_same_entry_leave_one_of_theirs(
    tmp_path: Path, clock: Clock
) -> None:
    cache = Cache(tmp_path, clock)

    def write(number: int) -> None:
        for _ in range(20):
            cache.put("a", data=bytes([number]) * 5000, seconds=10)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = cache.get("a")
    assert found is not None
    assert len(set(found.data)) == 1
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
