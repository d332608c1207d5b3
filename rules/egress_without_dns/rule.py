"""Policies that allow some egress, and not the DNS by which it is found."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from typing import Any

from bot.rule import (
    ALL_KEYS,
    Address,
    AppendField,
    Context,
    End,
    Network,
    Object,
    Place,
    Places,
    Policy,
    Question,
    RuleFix,
    View,
    Violation,
    Workload,
    namespaces_of,
    network_of,
    policies_in,
    policy_of,
    policy_seen,
    workloads_in,
)

PROTOCOLS = ("UDP", "TCP")
NODE_LOCAL = "169.254.20.10"
"""Where NodeLocal DNS listens, on the host network: no selector matches it."""


def _server(namespace: str) -> Workload:
    """A DNS server of which no more than the namespace is known."""
    return Workload(name="dns", place=Place(namespace), labels={}, unsure=ALL_KEYS, ports=None)


# where a cluster's DNS may be, and on which port of its pods
SERVERS: tuple[tuple[End, int], ...] = (
    (_server("kube-system"), 53),
    (_server("openshift-dns"), 5353),
    (Address(ip=ipaddress.ip_address(NODE_LOCAL)), 53),
)
PEERS: tuple[dict[str, Any], ...] = (
    {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
        "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
    },
    {"ipBlock": {"cidr": f"{NODE_LOCAL}/32"}},
)


def check(target: Object, context: Context) -> Iterator[Violation]:
    """A policy that allows no egress at all means it; what is not certain is taken for allowed."""
    if target.group != "networking.k8s.io":
        return
    policy = policy_of(target.spec, Place(target.namespace))
    closed = _closed(policy) if policy.rules("Egress") else []
    if not closed:
        return
    called = f"NetworkPolicy {target.name!r} isolates egress"
    question = (target.file, target.namespace, target.name)
    if "UDP" in closed:
        message = f"{called} and allows no DNS: its pods find no Service by name"
        yield Violation("spec.egress", message, question=question)
    else:
        message = f"{called} and allows DNS over UDP alone: long answers come over TCP"
        yield Violation("spec.egress", message, severity="low", question=question)


def _closed(policy: Policy) -> list[str]:
    """The protocols over which its pods cannot ask any server."""
    network = Network(())
    return [
        protocol
        for protocol in PROTOCOLS
        if all(network.lets_out(policy, s, port, protocol) is False for s, port in SERVERS)
    ]


def confirm(question: Question, view: View) -> bool:
    """Policies add up: another one may allow DNS to the same pods."""
    policy = view.derived(_policies).get(tuple(question))
    if policy is None:
        return True
    network, near = view.derived(network_of), view.derived(_workloads).near(policy.place)
    pods = [pod for pod in near if network.selects(policy, pod) is not False]
    if not pods:
        labels = dict(policy.selector.pairs)
        pods = [Workload(name="", place=policy.place, labels=labels, unsure=ALL_KEYS)]
    closed = _closed(policy)
    return any(_is_cut_off(network, pod, closed) for pod in pods)


def _is_cut_off(network: Network, pod: Workload, protocols: Iterable[str]) -> bool:
    if network.is_foreign(pod):
        return False
    others = network.selected(pod, "Egress").sure
    return any(
        all(
            network.lets_out(other, server, port, protocol) is False
            for other in others
            for server, port in SERVERS
        )
        for protocol in protocols
    )


def _policies(view: View) -> dict[tuple[object, ...], Policy]:
    return {(s.file, s.namespace, s.name): policy_seen(s) for s in policies_in(view)}


def _workloads(view: View) -> Places[Workload]:
    places: Places[Workload] = Places(view.derived(namespaces_of))
    for workload in workloads_in(view):
        places.add(workload.place, workload)
    return places


def fix(target: Object, violation: Violation, context: Context) -> RuleFix:
    """One more rule: policies and rules add up, nothing that is allowed changes."""
    closed = _closed(policy_of(target.spec, Place(target.namespace)))
    ports = [{"port": 53, "protocol": protocol} for protocol in closed]
    value = {"to": list(PEERS), "ports": ports}
    return RuleFix(patches=(AppendField(field="spec.egress", value=value),))
