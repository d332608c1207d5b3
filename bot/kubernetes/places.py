"""Things by the namespace that they go to: found without asking each of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from bot.kubernetes.namespace import Namespaces, Place

_T = TypeVar("_T")


class Places(Generic[_T]):
    """Things at places. Those near a place share its namespace, or a kustomization may say so."""

    def __init__(self, namespaces: Namespaces) -> None:
        self._kustomizations = namespaces.kustomizations
        self._named: dict[str, list[_T]] = {}
        # without a namespace, by what ties them to a folder: in it, below it, built with it
        self._in: dict[str, list[_T]] = {}
        self._below: dict[str, list[_T]] = {}
        self._built: dict[str, list[_T]] = {}

    def add(self, place: Place, thing: _T) -> None:
        """Put a thing at a place."""
        if place.namespace is not None:
            self._named.setdefault(place.namespace, []).append(thing)
            return
        for name in self._kustomizations.namespaces(place.folder):
            self._named.setdefault(name, []).append(thing)
        self._in.setdefault(place.folder, []).append(thing)
        for folder in _up(place.folder):
            self._below.setdefault(folder, []).append(thing)
        for root in self._kustomizations.roots(place.folder):
            self._built.setdefault(root, []).append(thing)

    def near(self, place: Place) -> Iterator[_T]:
        """The things near a place; some may come twice."""
        if place.namespace is not None:
            yield from self._named.get(place.namespace, ())
            return
        for name in self._kustomizations.namespaces(place.folder):
            yield from self._named.get(name, ())
        yield from self._below.get(place.folder, ())
        for above in _up(place.folder):
            yield from self._in.get(above, ())
        for root in self._kustomizations.roots(place.folder):
            yield from self._built.get(root, ())


def _up(folder: str) -> Iterator[str]:
    """A folder and all that hold it, up to the empty one."""
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
    yield ""
