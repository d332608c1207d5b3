"""The Secrets and ConfigMaps in view, with their keys, however they are made."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.kubernetes.kustomization import generated
from bot.kubernetes.namespace import Place
from bot.kubernetes.network_view import kustomizations_of, namespaces_of, place_of
from bot.kubernetes.places import Places
from bot.kubernetes.surroundings import Surroundings
from bot.kubernetes.view import Seen, View
from bot.kubernetes.workload import as_mapping

Keys = frozenset[str] | None
"""The keys of an object; None where they are not known."""
_FIELDS = {"Secret": ("data", "stringData"), "ConfigMap": ("data", "binaryData")}
# objects that a cluster puts into every namespace
_EVERYWHERE = frozenset({"kube-root-ca.crt", "openshift-service-ca.crt", "istio-ca-root-cert"})
# the Secret that a cluster before 1.24 made for an account: default-token-f9jvj
_TOKEN = re.compile(r"-token-[a-z0-9]{5}$")
# Secrets that controllers fill (Secret types of core/v1)
_FILLED = frozenset({"kubernetes.io/service-account-token"})


class Companions:
    """What pods may refer to; use it through `view.derived`."""

    def __init__(self, view: View) -> None:
        self._namespaces = view.derived(namespaces_of)
        self._kustomizations = view.derived(kustomizations_of)
        self._surroundings = view.derived(Surroundings)
        self._places = {kind: Places[bool](self._namespaces) for kind in _FIELDS}
        self._keys: dict[tuple[str, str], list[tuple[Place, Keys]]] = {}
        for kind, seen, name, keys in _found(view):
            self._places[kind].add(place_of(seen), True)
            self._keys.setdefault((kind, name), []).append((place_of(seen), keys))

    def lack(self, place: Place, kind: str, name: str, key: str | None) -> bool:
        """Whether an object, or its key, is evidently not there: another of its kind is."""
        if name in _EVERYWHERE or _TOKEN.search(name) or self._is_generated(place, kind, name):
            return False
        near = self._near(place, kind, name)
        if near:
            return key is not None and _lacks(near, key)
        if not any(self._places[kind].near(place)):
            return False
        return self._surroundings.is_closed(place, secrets=True)

    def _near(self, place: Place, kind: str, name: str) -> list[Keys]:
        """The keys of each object of this name that may share the namespace."""
        found = self._keys.get((kind, name), ())
        same = self._namespaces.same
        return [keys for where, keys in found if same(where, place) is not False]

    def _is_generated(self, place: Place, kind: str, name: str) -> bool:
        return any(name in generated(data, kind) for data in self._kustomizations.of(place.folder))


def _lacks(near: list[Keys], key: str) -> bool:
    return all(keys is not None and key not in keys for keys in near)


def _found(view: View) -> Iterator[tuple[str, Seen, str, Keys]]:
    """Kind, where it is made, name, keys."""
    for kind, fields in _FIELDS.items():
        for seen in view.of_kind(kind):
            yield kind, seen, seen.name, _keys(seen, fields)
    for seen in view.of_kind("SealedSecret"):
        yield "Secret", seen, seen.name, frozenset(as_mapping(seen.data.get("data")))
    for seen in view.of_kind("ExternalSecret"):
        yield "Secret", seen, str(seen.data.get("target") or seen.name), None
    for seen in view.of_kind("Kustomization", "Component"):
        for kind in _FIELDS:
            for name in generated(seen.data, kind):
                yield kind, seen, name, None


def _keys(seen: Seen, fields: tuple[str, ...]) -> Keys:
    """Unknown where a controller fills the object, or it is empty and waits for one."""
    keys = frozenset(key for field in fields for key in as_mapping(seen.data.get(field)))
    return keys if keys and seen.data.get("type") not in _FILLED else None
