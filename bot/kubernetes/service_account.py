"""The ServiceAccounts in view: whether they mount their token, and what they are bound to."""

from __future__ import annotations

from collections.abc import Iterator

from bot.kubernetes.namespace import Place
from bot.kubernetes.network_view import namespaces_of, place_of
from bot.kubernetes.places import Places
from bot.kubernetes.view import Seen, View
from bot.kubernetes.workload import as_list, as_mapping, dig

# annotations by which clouds give an account an identity (EKS, GKE, Azure)
_IDENTITIES = ("eks.amazonaws.com/", "iam.gke.io/", "azure.workload.identity/")
_USER = "system:serviceaccount:"
_ALL = "*"
_GROUP = "system:serviceaccounts"


class Accounts:
    """The accounts and bindings of a view; use it through `view.derived`."""

    def __init__(self, view: View) -> None:
        namespaces = view.derived(namespaces_of)
        self._seen: dict[str, Places[Seen]] = {}
        for seen in view.of_kind("ServiceAccount"):
            self._seen.setdefault(seen.name, Places(namespaces)).add(place_of(seen), seen)
        self._bound: dict[str, set[str | None]] = {}
        for binding in view.of_kind("RoleBinding", "ClusterRoleBinding"):
            for name, namespace in _subjects(binding):
                self._bound.setdefault(name, set()).add(namespace)

    def mounts_needlessly(self, place: Place, name: str) -> bool:
        """Whether a pod that says nothing gets the token of an account that needs none.

        Every namespace has the account `default`. Of another that is not in view nothing is known.
        """
        accounts = list(self._seen[name].near(place)) if name in self._seen else []
        if not accounts and name != "default":
            return False
        return not any(map(_is_exempt, accounts)) and not self.is_bound(place, name)

    def has_identity(self, place: Place, name: str) -> bool:
        """Whether an account in view has an identity of a cloud."""
        accounts = self._seen[name].near(place) if name in self._seen else ()
        return any(map(_has_identity, accounts))

    def is_bound(self, place: Place, name: str) -> bool:
        """Whether a binding may mean the account: where one of both names no namespace, it may."""
        spaces = self._bound.get(name, set()) | self._bound.get(_ALL, set())
        return bool(spaces) and (
            None in spaces or place.namespace is None or place.namespace in spaces
        )


def _is_exempt(account: Seen) -> bool:
    """Whether it keeps its token to itself, or has an identity that rests on one."""
    if account.data.get("automountServiceAccountToken") is False:
        return True
    return _has_identity(account)


def _has_identity(account: Seen) -> bool:
    annotations = as_mapping(dig(account.data, "metadata.annotations"))
    return any(str(key).startswith(_IDENTITIES) for key in annotations)


def _subjects(binding: Seen) -> Iterator[tuple[str, str | None]]:
    """The accounts that a binding names: name (or * for all) and namespace (None for any)."""
    for subject in map(as_mapping, as_list(binding.data.get("subjects"))):
        kind, name = subject.get("kind"), str(subject.get("name") or "")
        namespace = subject.get("namespace")
        if kind == "ServiceAccount":
            yield name, namespace if isinstance(namespace, str) else None
        elif kind == "User" and name.startswith(_USER):
            space, _, account = name.removeprefix(_USER).partition(":")
            yield account, space
        elif kind == "Group" and name.startswith(_GROUP):
            yield _ALL, name.removeprefix(_GROUP).removeprefix(":") or None
