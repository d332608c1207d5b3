"""kill -9: what was accepted is done, what was done is not done again, and the living are spared."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.adapters.jobs.conftest import Worker
from tests.adapters.jobs.process import asked

Make = Callable[..., Worker]


def lines(folder: Path, word: str) -> list[list[str]]:
    log = folder / "log"
    rows = log.read_text().splitlines() if log.exists() else []
    return [row.split() for row in rows if row.startswith(f"{word} ")]


def wait(fact: Callable[[], Any], what: str, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline, f"did not happen: {what}"
        time.sleep(0.05)


def commands(*names: str, seconds: float = 0.0) -> list[dict[str, Any]]:
    return [asked(n, key=f"1/{n}", kind="run_command", seconds=seconds) for n in names]


def test_a_kill_after_the_acceptance_loses_nothing_and_doubles_nothing(
    workers: Make, tmp_path: Path
) -> None:
    names = [f"job{index}" for index in range(12)]
    for turn in range(3):
        worker = workers()
        wait(lambda t=turn: len(lines(tmp_path, "started")) > t, "the worker starts")
        worker.give(*commands(*names[turn * 4 : turn * 4 + 4], seconds=0.4))
        wait(lambda t=turn: len(lines(tmp_path, "accepted")) >= t * 4 + 4, "all are accepted")
        if turn < 2:
            worker.kill()
    wait(lambda: {row[1] for row in lines(tmp_path, "end")} == set(names), "all jobs end")
    time.sleep(1)
    ends = Counter(row[1] for row in lines(tmp_path, "end"))
    assert ends == dict.fromkeys(names, 1)


def test_a_job_that_was_killed_is_begun_again_and_knows_it(workers: Make, tmp_path: Path) -> None:
    worker = workers()
    worker.give(*commands("deadly", seconds=2))
    wait(lambda: lines(tmp_path, "begin"), "the job begins")
    worker.kill()
    workers()
    wait(lambda: lines(tmp_path, "end"), "the job ends")
    assert [row[2] for row in lines(tmp_path, "begin")] == ["1", "2"]
    assert [row[1:3] for row in lines(tmp_path, "end")] == [["deadly", "2"]]


def test_a_dead_workers_job_is_taken_over_and_a_living_ones_is_left_alone(
    workers: Make, tmp_path: Path
) -> None:
    living, dying = workers(), workers()
    wait(lambda: len(lines(tmp_path, "started")) == 2, "both workers start")
    # more than one worker takes at a time, so that both have some
    living.give(*commands(*"abcdefghijkl", seconds=5))
    wait(lambda: len(lines(tmp_path, "begin")) == 12, "all jobs begin")
    taken = {row[1] for row in lines(tmp_path, "begin") if row[3] == str(dying.pid)}
    assert taken
    dying.kill()
    wait(lambda: len({row[1] for row in lines(tmp_path, "end")}) == 12, "all jobs end")
    begun = Counter(row[1] for row in lines(tmp_path, "begin"))
    assert begun == {name: 2 if name in taken else 1 for name in "abcdefghijkl"}
    assert {row[3] for row in lines(tmp_path, "end")} == {str(living.pid)}


def test_a_worker_that_starts_beside_a_living_one_takes_nothing_from_it(
    workers: Make, tmp_path: Path
) -> None:
    first = workers()
    first.give(*commands("long", seconds=12))
    wait(lambda: lines(tmp_path, "begin"), "the job begins")
    workers()
    wait(lambda: len(lines(tmp_path, "started")) == 2, "the second worker starts")
    assert lines(tmp_path, "end") == []
    time.sleep(2)  # it looks for the dead more than once a second
    wait(lambda: lines(tmp_path, "end"), "the job ends")
    assert [row[3] for row in lines(tmp_path, "begin")] == [str(first.pid)]
