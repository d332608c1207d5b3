"""Which namespace objects share, where their files do not always name one.

A manifest without a namespace goes where kustomize, Helm, a GitOps controller or the caller of
kubectl decides. Two such manifests are taken to share it if their files are in one tree: one
folder holds the other, or one kustomization in view builds both. In other trees nothing is known.
A manifest without a namespace never shares one with a manifest that names one, unless a
kustomization in view gives it that name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from bot.kubernetes.kustomization import Kustomizations
from bot.kubernetes.selector import ALL_KEYS, NO_KEYS, Answer, Selector

NAME_LABEL = "kubernetes.io/metadata.name"
"""The label that the API server gives to every namespace (KEP-2161, since 1.21)."""


class Place(NamedTuple):
    """Where an object goes: the namespace as written, and the folder of its file."""

    namespace: str | None
    folder: str = ""


class Namespaces:
    """The namespaces in view, and what is known of their labels."""

    def __init__(
        self,
        labels: Mapping[str, Mapping[str, str]] | None = None,
        kustomizations: Kustomizations | None = None,
    ) -> None:
        """`labels` holds those of the Namespace manifests in view, by name."""
        self._labels = labels or {}
        self.kustomizations = kustomizations or Kustomizations(())

    def same(self, first: Place, second: Place) -> Answer:
        """Whether two objects share a namespace."""
        if first.namespace is not None and second.namespace is not None:
            return first.namespace == second.namespace
        if first.namespace is None and second.namespace is None:
            return self._one_tree(first.folder, second.folder) or None
        named, open_ = (second, first) if first.namespace is None else (first, second)
        given = self.kustomizations.namespaces(open_.folder)
        return None if named.namespace in given else False

    def match(self, selector: Selector, place: Place) -> Answer:
        """Whether a namespaceSelector selects the namespace of `place`."""
        if place.namespace is None:
            return selector.match({}, ALL_KEYS)
        known = self._labels.get(place.namespace)
        labels = {**(known or {}), NAME_LABEL: place.namespace}
        return selector.match(labels, ALL_KEYS if known is None else NO_KEYS)

    def _one_tree(self, first: str, second: str) -> bool:
        if first == second or _holds(first, second) or _holds(second, first):
            return True
        roots = self.kustomizations.roots
        return not roots(first).isdisjoint(roots(second))


def _holds(folder: str, other: str) -> bool:
    return not folder or other.startswith(folder + "/")
