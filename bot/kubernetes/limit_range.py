"""What a namespace gives to containers that ask for nothing: LimitRanges, autoscalers.

What a LimitRange leaves out it fills in itself: kubernetes/kubernetes
pkg/apis/core/v1/defaults.go, SetDefaults_LimitRangeItem.
"""

from __future__ import annotations

from bot.kubernetes.namespace import Place
from bot.kubernetes.network_view import namespaces_of, place_of
from bot.kubernetes.places import Places
from bot.kubernetes.view import Seen, View
from bot.kubernetes.workload import as_list, as_mapping, dig

# where a limit and a request come from where a container has none
_LIMITS = ("default", "max")
_REQUESTS = ("defaultRequest", "default", "min", "max")


class Defaults:
    """The LimitRanges and VerticalPodAutoscalers of a view; use it through `view.derived`."""

    def __init__(self, view: View) -> None:
        namespaces = view.derived(namespaces_of)
        self._limits: Places[frozenset[str]] = Places(namespaces)
        self._requests: Places[frozenset[str]] = Places(namespaces)
        for seen in view.of_kind("LimitRange"):
            self._limits.add(place_of(seen), _given(seen, _LIMITS))
            self._requests.add(place_of(seen), _given(seen, _REQUESTS))
        self._scaled: Places[tuple[str, str]] = Places(namespaces)
        for seen in view.of_kind("VerticalPodAutoscaler"):
            if dig(seen.data, "spec.updatePolicy.updateMode") != "Off":
                target = as_mapping(dig(seen.data, "spec.targetRef"))
                key = (str(target.get("kind")), str(target.get("name")))
                self._scaled.add(place_of(seen), key)

    def limit(self, place: Place, resource: str) -> bool:
        """Whether a container without a limit gets one."""
        return any(resource in given for given in self._limits.near(place))

    def request(self, place: Place, resource: str) -> bool:
        """Whether a container without a request gets one."""
        return any(resource in given for given in self._requests.near(place))

    def is_scaled(self, place: Place, kind: str, name: str) -> bool:
        """Whether a VerticalPodAutoscaler sets the resources of a workload."""
        return (kind, name) in self._scaled.near(place)


def _given(seen: Seen, fields: tuple[str, ...]) -> frozenset[str]:
    return frozenset(
        resource
        for item in map(as_mapping, as_list(dig(seen.data, "spec.limits")))
        if item.get("type") == "Container"
        for field in fields
        for resource in as_mapping(item.get(field))
    )
