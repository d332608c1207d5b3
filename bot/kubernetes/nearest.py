"""Which of several copies of one object is meant: bundles repeat what stands in other files."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Protocol, TypeVar

from bot.kubernetes.namespace import Place
from bot.model.manifest import Manifest


class _Placed(Protocol):
    @property
    def manifest(self) -> Manifest: ...

    @property
    def place(self) -> Place: ...


_T = TypeVar("_T", bound=_Placed)


def nearest(whose: Manifest, those: Sequence[_T]) -> list[_T]:
    """Of objects with the same kind, name and namespace: those in the file nearest to `whose`."""
    if len(those) < 2:
        return list(those)
    best: dict[tuple[str, str, str | None], int] = {}
    keys = [(one.manifest.kind, one.manifest.name, one.place.namespace) for one in those]
    steps = [_shared(whose.file, one.manifest.file) for one in those]
    for key, shared in zip(keys, steps, strict=True):
        best[key] = max(shared, best.get(key, 0))
    return [one for one, key, shared in zip(those, keys, steps, strict=True) if shared == best[key]]


def _shared(first: str, second: str) -> int:
    """How many steps two paths share."""
    pairs = zip(first.split("/"), second.split("/"), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
