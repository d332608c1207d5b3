"""Judging many files: here, or in worker processes where that is worth their start."""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager

from bot.engine.verdict import Judge
from bot.verdicts.packed import Packed, pack

Task = Sequence[tuple[str, bytes]]
_MOST = 8
_worker: Judge | None = None


class Pool(AbstractContextManager["Pool"]):
    """Judges lists of files, in order; `workers` below 2 means in this process."""

    def __init__(self, judge: Judge, workers: int) -> None:
        self._judge, self._workers = judge, workers
        self._executor: ProcessPoolExecutor | None = None

    def __exit__(self, *_: object) -> None:
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)

    def judge(self, tasks: Iterator[Task]) -> Iterator[list[Packed]]:
        """The packed verdicts of each list; a few lists are under way at a time."""
        if self._workers < 2:
            for task in tasks:
                yield _packed(self._judge, task)
            return
        under_way = []
        for task in tasks:
            under_way.append(self._started().submit(_work, task))
            if len(under_way) > 2 * self._workers:
                yield under_way.pop(0).result()
        for future in under_way:
            yield future.result()

    def _started(self) -> ProcessPoolExecutor:
        """The processes, once there is work: they begin with this one's rules in memory."""
        if self._executor is None:
            self._executor = ProcessPoolExecutor(
                max_workers=self._workers,
                mp_context=multiprocessing.get_context("fork"),
                initializer=_prepare,
                initargs=(self._judge,),
            )
        return self._executor


def workers_for(files: int, least: int) -> int:
    """How many processes are worth it: one a core for many files, where they can be forked."""
    worth = files >= least and sys.platform == "linux"
    return min(len(os.sched_getaffinity(0)), _MOST) if worth else 1


def _prepare(judge: Judge) -> None:
    global _worker  # noqa: PLW0603  # a worker process has one judge for its whole life
    _worker = judge
    gc.freeze()


def _work(task: Task) -> list[Packed]:
    assert _worker is not None
    return _packed(_worker, task)


def _packed(judge: Judge, task: Task) -> list[Packed]:
    return [pack(judge.verdict(name, data)) for name, data in task]
