"""Policies whose selector fits no workload in view."""

from __future__ import annotations

from collections.abc import Iterator

from bot.rule import (
    Context,
    Network,
    Object,
    Places,
    Policy,
    Question,
    Surroundings,
    View,
    Violation,
    Workload,
    namespaces_of,
    network_of,
    policies_in,
    policy_seen,
    workloads_in,
)


def check(target: Object, context: Context) -> Iterator[Violation]:
    """A policy for all pods is never idle."""
    if target.group == "networking.k8s.io" and target.field("spec.podSelector"):
        message = f"NetworkPolicy {target.name!r} selects no pod of its namespace"
        question = (target.file, target.namespace, target.name)
        yield Violation("spec.podSelector", message, question=question)


def confirm(question: Question, view: View) -> bool:
    """Only where the namespace's workloads are in view, and nothing makes pods unseen."""
    policy = view.derived(_policies).get(tuple(question)) if view.complete else None
    if policy is None:
        return False
    network, found = view.derived(network_of), list(view.derived(_workloads).near(policy.place))
    if not found or not view.derived(Surroundings).is_closed(policy.place):
        return False
    return not any(_may_select(network, policy, workload) for workload in found) and not any(
        _may_select(network, policy, workload) for workload in _far(view, policy)
    )


def _may_select(network: Network, policy: Policy, workload: Workload) -> bool:
    return network.selects(policy, workload) is not False


def _far(view: View, policy: Policy) -> Iterator[Workload]:
    """Workloads that may share its namespace, for all that is known: in other trees."""
    if policy.place.namespace is None:
        yield from view.derived(_unplaced)


def _policies(view: View) -> dict[tuple[object, ...], Policy]:
    return {(s.file, s.namespace, s.name): policy_seen(s) for s in policies_in(view)}


def _workloads(view: View) -> Places[Workload]:
    places: Places[Workload] = Places(view.derived(namespaces_of))
    for workload in workloads_in(view):
        places.add(workload.place, workload)
    return places


def _unplaced(view: View) -> list[Workload]:
    return [one for one in workloads_in(view) if one.place.namespace is None]
