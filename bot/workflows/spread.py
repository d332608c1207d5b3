"""The same work on many things, on all processors where that pays."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")
_WORTH = 64
"""From how many things on processes cost less than they save: starting them takes 50 ms."""


def spread(do: Callable[[T], R], work: Sequence[T], *, worth: int = _WORTH) -> Iterator[R]:
    """`do` for each of `work`, in their order; `do` is pure, since each process has its own memory.

    Results must be picklable; `do` and `work` need not be, since processes are forked.
    """
    processors = _processors()
    if len(work) < worth or processors < 2:
        yield from map(do, work)
        return
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415  # many files pay for it
    from multiprocessing import get_context  # noqa: PLC0415  # the same

    chunk = max(1, len(work) // (processors * 8))
    with ProcessPoolExecutor(
        processors, mp_context=get_context("fork"), initializer=_begin, initargs=(do, work)
    ) as pool:
        yield from pool.map(_one, range(len(work)), chunksize=chunk)


def _processors() -> int:
    """How many processes may run at once; one where they cannot be forked safely."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


_MINE: list[Any] = []
"""In a forked process: what to do, and all that there is to do it to."""


def _begin(do: Callable[[T], R], work: Sequence[T]) -> None:
    _MINE[:] = [do, work]
    gc.freeze()  # what stands is shared: looking through it for garbage would copy it


def _one(index: int) -> Any:
    do, work = _MINE
    return do(work[index])
