"""Which policies may select a workload: found by label and place, not by asking every policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.kubernetes.namespace import Namespaces
from bot.kubernetes.network_parts import Policy, Workload
from bot.kubernetes.places import Places
from bot.kubernetes.selector import Keys


class _ByLabel:
    """Policies by the first label that they ask for; those that ask for none apart."""

    def __init__(self) -> None:
        self._labelled: dict[str, dict[str, list[int]]] = {}
        self._other: list[int] = []

    def add(self, number: int, policy: Policy) -> None:
        if policy.selector.pairs:
            key, value = policy.selector.pairs[0]
            self._labelled.setdefault(key, {}).setdefault(value, []).append(number)
        else:
            self._other.append(number)

    def find(self, labels: Mapping[str, str], unsure: Keys) -> Iterator[int]:
        yield from self._other
        for key, by_value in self._labelled.items():
            value = labels.get(key)
            if value is not None:
                yield from by_value.get(value, ())
            elif key in unsure:
                for numbers in by_value.values():
                    yield from numbers


class PolicyIndex:
    """The policies of a set by where they may apply. Those that are found need not select."""

    def __init__(self, policies: Sequence[Policy], namespaces: Namespaces) -> None:
        self._policies = policies
        self._kustomizations = namespaces.kustomizations
        self._named: dict[str, _ByLabel] = {}
        self._unnamed = _ByLabel()
        self._for_all: Places[int] = Places(namespaces)
        """Those without a namespace that select everything: they speak of their tree alone."""
        for number, policy in enumerate(policies):
            self._add(number, policy)

    def find(self, workload: Workload) -> Iterator[Policy]:
        """The policies that may select a workload, in their order."""
        place, labels, unsure = workload.place, workload.labels, workload.unsure
        numbers: set[int] = set()
        names = {place.namespace}
        if place.namespace is None:
            names |= self._kustomizations.namespaces(place.folder)
            numbers.update(self._unnamed.find(labels, unsure))
            numbers.update(self._for_all.near(place))
        for name in names:
            if name in self._named:
                numbers.update(self._named[name].find(labels, unsure))
        return (self._policies[number] for number in sorted(numbers))

    def _add(self, number: int, policy: Policy) -> None:
        place = policy.place
        if place.namespace is not None:
            self._named.setdefault(place.namespace, _ByLabel()).add(number, policy)
            return
        for name in self._kustomizations.namespaces(place.folder):
            self._named.setdefault(name, _ByLabel()).add(number, policy)
        if policy.selector.is_empty:
            self._for_all.add(place, number)
        else:
            self._unnamed.add(number, policy)
