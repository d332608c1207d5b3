"""Grants to a policy: rules with equal peers are one, and each says what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bot.config.model import Network as Wishes
from bot.engine.network.peers import Peer, Port, client, clients, port_of
from bot.kubernetes.namespace import Namespaces
from bot.kubernetes.network_actor import Actor
from bot.kubernetes.network_grants import Draft, Egress, Grant, Outgoing
from bot.yamlpatch import Path, Value

API = "networking.k8s.io/v1"
_UNSEEN = """\
Addresses that programs have built in are not seen: try this out before you rely on it."""
_MOST_EVIDENCE = 2
_Notes = dict[Path, str]


def document(
    draft: Draft, name: str, known: Namespaces, wishes: Wishes
) -> tuple[dict[str, Value], _Notes]:
    """The NetworkPolicy of a draft, and the comment above each of its rules."""
    actor = draft.actor
    notes: _Notes = {}
    metadata: dict[str, Value] = {"name": name}
    if actor.place.namespace is not None:
        metadata["namespace"] = actor.place.namespace
    spec: dict[str, Value] = {"podSelector": dict(actor.selector), "policyTypes": ["Ingress"]}
    ingress = list(_ingress(draft, known, wishes))
    if ingress:
        spec["ingress"] = [rule for rule, _ in ingress]
        notes |= {("spec", "ingress", i): note for i, (_, note) in enumerate(ingress)}
    if draft.egress is not None:
        spec["policyTypes"] = ["Ingress", "Egress"]
        egress = list(_egress(draft.egress, actor, known, wishes))
        spec["egress"] = [rule for rule, _ in egress]
        notes |= {("spec", "egress", i): note for i, (_, note) in enumerate(egress)}
    return {"apiVersion": API, "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}, notes


def header(draft: Draft) -> str:
    """What stands above the policy."""
    actor = draft.actor
    who = f"{actor.kind} {actor.name}"
    lines = [f"Who may connect to {who}, as the manifests show it (podsec policies)."]
    if not draft.grants:
        lines = [f"Nobody is seen to connect to {who}, so nobody may (podsec policies)."]
    if draft.egress is not None:
        lines.append("What it may connect to is limited as well.")
    elif draft.egress_free:
        lines.append(f"What it may connect to stays free: {draft.egress_free}.")
    return "\n".join([*lines, _UNSEEN])


def _ingress(
    draft: Draft, known: Namespaces, wishes: Wishes
) -> Iterator[tuple[dict[str, Value], str]]:
    """Rules in a fixed order, those for anyone first."""
    actor = draft.actor
    for peers, ports in _alike(clients(draft.grants, actor, known, wishes)):
        rule: dict[str, Value] = {} if peers is None else {"from": list(peers)}
        rule["ports"] = [_port(port) for port in ports]
        yield rule, _note(grant for grant in draft.grants if port_of(grant.endpoint) in ports)


def _alike(
    found: dict[Port, list[Peer] | None],
) -> list[tuple[list[Peer] | None, list[Port]]]:
    """Ports with the same peers, together."""
    groups: dict[str, tuple[list[Peer] | None, list[Port]]] = {}
    for port, peers in found.items():
        groups.setdefault(repr(peers), (peers, []))[1].append(port)
    rows = [(peers, sorted(ports, key=_order)) for peers, ports in groups.values()]
    return sorted(rows, key=lambda row: (row[0] is not None, _order(row[1][0])))


def _egress(
    egress: Egress, actor: Actor, known: Namespaces, wishes: Wishes
) -> Iterator[tuple[dict[str, Value], str]]:
    by_ports: dict[str, tuple[list[Peer], list[Port], list[Grant]]] = {}
    for target, grants in _by_target(egress.edges).items():
        peer = client(target, actor, known, wishes)
        ports = sorted({port_of(grant.endpoint) for grant in grants}, key=_order)
        peers, _, said = by_ports.setdefault(repr((ports, peer is None)), ([], ports, []))
        said += grants
        if peer is not None and peer not in peers:
            peers.append(peer)
    for peers, ports, said in sorted(by_ports.values(), key=lambda row: _order(row[1][0])):
        rule: dict[str, Value] = {"to": sorted(peers, key=repr)} if peers else {}
        yield {**rule, "ports": [_port(port) for port in ports]}, _note(said, to_target=True)
    for one in egress.outgoing:
        yield _outgoing(one), _because(one)


def _by_target(grants: Iterable[Grant]) -> dict[Actor, list[Grant]]:
    found: dict[Actor, list[Grant]] = {}
    for grant in sorted(grants, key=lambda one: one.endpoint.actor.name):
        found.setdefault(grant.endpoint.actor, []).append(grant)
    return found


def _outgoing(one: Outgoing) -> dict[str, Value]:
    peers: list[Value] = [dict(peer) for peer in one.peers]
    for cidr, excepted in one.blocks:
        block: dict[str, Value] = {"cidr": cidr}
        if excepted:
            block["except"] = list(excepted)
        peers.append({"ipBlock": block})
    rule: dict[str, Value] = {"to": peers} if peers else {}
    if one.ports:
        rule["ports"] = [_port(port) for port in one.ports]
    return rule


def _because(one: Outgoing) -> str:
    if not one.evidence:
        return one.what
    return f"{one.what}: {'; '.join(map(str, one.evidence[:_MOST_EVIDENCE]))}"


def _note(grants: Iterable[Grant], *, to_target: bool = False) -> str:
    """One line a client, with what it rests on; each client once."""
    said: dict[str, dict[str, None]] = {}
    for grant in grants:
        who = grant.endpoint.actor.name if to_target else called(grant)
        said.setdefault(who, {}).update(dict.fromkeys(map(str, grant.evidence)))
    return "\n".join(_line(who, list(evidence)) for who, evidence in sorted(said.items()))


def called(grant: Grant) -> str:
    """A client in words."""
    if isinstance(grant.client, Actor):
        own = grant.client is grant.endpoint.actor
        return "its own pods" if own else grant.client.name
    return {
        "anyone": "anyone",
        "cluster": "what leads here from outside",
        "monitoring": "what scrapes metrics",
        "namespace": "its namespace",
    }[grant.client]


def _line(who: str, evidence: Sequence[str]) -> str:
    more = len(evidence) - _MOST_EVIDENCE
    shown = "; ".join(evidence[:_MOST_EVIDENCE]) + (f"; and {more} more" if more > 0 else "")
    return f"{who}: {shown}" if shown else who


def _port(port: Port) -> dict[str, Value]:
    return {"protocol": port[1], "port": port[0]}


def _order(port: Port) -> tuple[bool, int, str, str]:
    number, protocol = port
    if isinstance(number, int):
        return False, number, "", protocol
    return True, 0, number, protocol
