"""Which workloads share a namespace, as far as files tell: groups that are judged together."""

from __future__ import annotations

from collections.abc import Iterable

from bot.kubernetes.namespace import Namespaces, Place

_Key = tuple[str, str]


class Homes:
    """Groups of places: one namespace, one tree of folders, or what one kustomization builds."""

    def __init__(self, places: Iterable[Place], namespaces: Namespaces) -> None:
        self._above: dict[_Key, _Key] = {}
        known = set(places)
        folders = {place.folder for place in known if place.namespace is None}
        for place in known:
            for other in _ties(place, folders, namespaces):
                self._join(_key(place), other)

    def of(self, place: Place) -> _Key:
        """What the places of one group have in common."""
        return self._top(_key(place))

    def _top(self, key: _Key) -> _Key:
        above = self._above.get(key, key)
        if above == key:
            return key
        top = self._above[key] = self._top(above)
        return top

    def _join(self, one: _Key, other: _Key) -> None:
        first, second = self._top(one), self._top(other)
        if first != second:
            self._above[max(first, second)] = min(first, second)


def _key(place: Place) -> _Key:
    return ("folder", place.folder) if place.namespace is None else ("name", place.namespace)


def _ties(place: Place, folders: set[str], namespaces: Namespaces) -> Iterable[_Key]:
    """What a place without a namespace shares: the folders above, kustomizations, their names."""
    if place.namespace is not None:
        return
    folder = place.folder
    while folder:
        folder = folder.rpartition("/")[0]
        if folder in folders:
            yield ("folder", folder)
    known = namespaces.kustomizations
    yield from (("root", root) for root in known.roots(place.folder))
    names = known.namespaces(place.folder)
    if len(names) == 1:
        yield ("name", min(names))
