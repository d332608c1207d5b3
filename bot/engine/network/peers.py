"""How a rule of a policy names the other side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from bot.config.model import Network as Wishes
from bot.kubernetes.namespace import NAME_LABEL, Namespaces, Place
from bot.kubernetes.network_actor import Actor, Endpoint
from bot.kubernetes.network_grants import Client, Grant
from bot.kubernetes.selector import labels_of
from bot.yamlpatch import Value

Peer: TypeAlias = dict[str, Value]
ANY_POD: Peer = {"namespaceSelector": {}}
OWN_NAMESPACE: Peer = {"podSelector": {}}
Port: TypeAlias = tuple[int | str, str]


def named_namespace(name: str) -> dict[str, Value]:
    """A selector of the namespace of that name."""
    return {"matchLabels": {NAME_LABEL: name}}


def peer_of(other: Actor, place: Place, known: Namespaces) -> Peer:
    """How a policy at a place names the pods of a workload.

    Where nothing is known of both namespaces they are taken to be one: a short name led there.
    """
    roots = known.kustomizations.roots
    together = roots(place.folder) == roots(other.place.folder)
    pods: Peer = {"podSelector": dict(other.selector) if together else asked(other.selector)}
    if known.same(place, other.place):
        return pods
    own, theirs = _namespace(place, known), _namespace(other.place, known)
    if own == theirs:
        return pods
    if theirs is not None:
        return {"namespaceSelector": named_namespace(theirs), **pods}
    return {"namespaceSelector": {}, **pods}


def asked(selector: Mapping[str, Value]) -> dict[str, Value]:
    """A selector in expressions alone.

    Kustomize adds its common labels to each `matchLabels` of a NetworkPolicy, to those of peers
    too, which do not have them where something else builds them.
    """
    pairs = labels_of(selector.get("matchLabels"))
    listed: list[Value] = [
        {"key": key, "operator": "In", "values": [value]} for key, value in pairs.items()
    ]
    others = selector.get("matchExpressions")
    return {"matchExpressions": [*listed, *(others if isinstance(others, list | tuple) else ())]}


def _namespace(place: Place, known: Namespaces) -> str | None:
    """The namespace, as a kustomization gives it, whatever the manifest says."""
    given = known.kustomizations.namespaces(place.folder)
    return min(given) if len(given) == 1 else place.namespace


def clients(
    grants: Sequence[Grant], target: Actor, known: Namespaces, wishes: Wishes
) -> dict[Port, list[Peer] | None]:
    """By port: who may connect; None is anyone at all, from outside the cluster too."""
    found: dict[Port, list[Peer] | None] = {}
    for grant in grants:
        port = port_of(grant.endpoint)
        peer = client(grant.client, target, known, wishes)
        there = found.setdefault(port, [])
        if peer is None or there is None:
            found[port] = None
        elif peer not in there:
            there.append(peer)
    return {port: peers and _needed(peers) for port, peers in found.items()}


def client(one: Client, target: Actor, known: Namespaces, wishes: Wishes) -> Peer | None:
    """How a rule names a client; None is anyone, since no selector matches it."""
    if isinstance(one, Actor):
        if one.workload.host_network:
            return None  # it has the address of its node
        if one.selector:
            return peer_of(one, target.place, known)
        return OWN_NAMESPACE if known.same(one.place, target.place) else ANY_POD
    if one == "namespace":
        return OWN_NAMESPACE
    if one == "monitoring" and wishes.monitoring_namespace is not None:
        return {"namespaceSelector": named_namespace(wishes.monitoring_namespace)}
    if one == "anyone" or (one == "cluster" and wishes.exposure == "any"):
        return None
    return ANY_POD


def port_of(endpoint: Endpoint) -> Port:
    """The port of a rule."""
    return endpoint.port, endpoint.protocol


def _needed(peers: list[Peer]) -> list[Peer]:
    """The peers without those that another holds, in a fixed order."""
    if ANY_POD in peers:
        return [ANY_POD]
    kept = [
        peer
        for peer in peers
        if OWN_NAMESPACE not in peers or peer == OWN_NAMESPACE or "namespaceSelector" in peer
    ]
    return sorted(kept, key=repr)
