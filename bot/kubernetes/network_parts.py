"""The nouns of network policies: workloads, addresses, policies, their rules, peers and ports.

Facts: networking.k8s.io/v1 (API reference), its defaults
(kubernetes/kubernetes pkg/apis/networking/v1/defaults.go) and the page "Network Policies".
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

from bot.frozen import frozen
from bot.kubernetes.namespace import Namespaces, Place
from bot.kubernetes.selector import NO_KEYS, Answer, Keys, Selector, both, selector_of

Direction = Literal["Ingress", "Egress"]
DIRECTIONS: tuple[Direction, ...] = ("Ingress", "Egress")
PROTOCOLS = ("TCP", "UDP", "SCTP")
_IP: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
# where clusters take the addresses of pods from (RFC 1918, RFC 6598, RFC 4193)
_INSIDE = tuple(
    ipaddress.ip_network(cidr)
    for cidr in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)


class ContainerPort(NamedTuple):
    """A port that a container declares; `name` is empty where it has none."""

    name: str
    number: int
    protocol: str = "TCP"


@frozen
class Workload:
    """Pods that are alike, as network policies see them."""

    name: str
    place: Place
    labels: Mapping[str, str]
    unsure: Keys = NO_KEYS
    """Label keys that the pods may have besides `labels`, such as those a controller adds."""
    ports: tuple[ContainerPort, ...] | None = ()
    """The declared ports; None where they are not known."""
    host_network: bool = False

    def number(self, name: str, protocol: str) -> int | None:
        """The number of a named port, None where no container declares it."""
        for port in self.ports or ():
            if port.name == name and port.protocol == protocol:
                return port.number
        return None


@frozen
class Address:
    """An end outside the cluster; without an `ip` it stands for any."""

    ip: ipaddress.IPv4Address | ipaddress.IPv6Address | None = None


End: TypeAlias = Workload | Address


@frozen
class PortRange:
    """One of a rule's ports: a number, a range up to `end`, a name, or all of a protocol."""

    protocol: str = "TCP"
    first: int | str | None = None
    end: int | None = None

    def holds(self, port: int, protocol: str, target: End) -> Answer:
        """Whether it holds a port of the target; names are looked up in the target's containers."""
        if protocol != self.protocol:
            return False
        if self.first is None:
            return self.end is None  # the end of a range that has no beginning is invalid
        if isinstance(self.first, int):
            return self.first <= port <= (self.first if self.end is None else self.end)
        if isinstance(target, Address) or self.end is not None:
            return False  # an address has no named port; a range must begin with a number
        if target.ports is None:
            return None
        return target.number(self.first, protocol) == port


@frozen
class PodPeer:
    """Pods by label: `pods` alone in the policy's namespace, with `namespaces` in those."""

    pods: Selector | None = None
    namespaces: Selector | None = None

    def match(self, end: End, place: Place, known: Namespaces) -> Answer:
        """Whether an end is one of these pods. `place` is the policy's.

        Pods on the host network have the address of their node: no selector matches them.
        """
        if isinstance(end, Address) or end.host_network:
            return False
        if self.namespaces is None:
            inside = known.same(place, end.place)
        else:
            inside = known.match(self.namespaces, end.place)
        if inside is False or self.pods is None:
            return inside
        return both(inside, self.pods.match(end.labels, end.unsure))


@frozen
class BlockPeer:
    """Addresses by range, without those excepted; no `block` where what was written is invalid."""

    block: _IP | None
    excepted: tuple[_IP, ...] = ()

    def match(self, end: End, place: Place, known: Namespaces) -> Answer:
        """Whether an end is in the block.

        It is meant for addresses outside the cluster. Whether it matches the address of a pod
        differs between network plugins: unknown, where it holds such addresses.
        """
        del place, known
        block = self.block
        if block is None:
            return False
        if isinstance(end, Workload):
            return None if self._may_hold_pods(block) else False
        if end.ip is None:
            return True if self.is_everything else None
        return end.ip in block and not any(end.ip in part for part in self.excepted)

    def _may_hold_pods(self, block: _IP) -> bool:
        left = (net for net in _INSIDE if not any(_within(net, part) for part in self.excepted))
        return any(_overlap(block, net) for net in left)

    @property
    def is_everything(self) -> bool:
        """Whether it holds every address of its family."""
        return self.block is not None and self.block.prefixlen == 0 and not self.excepted


Peer: TypeAlias = PodPeer | BlockPeer


@frozen
class NetworkRule:
    """One rule of a policy. None: any peer (those outside the cluster too), or all ports."""

    peers: tuple[Peer, ...] | None = None
    ports: tuple[PortRange, ...] | None = None

    @property
    def is_open(self) -> bool:
        """Whether it lets everybody through, on all ports."""
        return self._any_port and self._anybody

    @property
    def _any_port(self) -> bool:
        if self.ports is None:
            return True
        return {port.protocol for port in self.ports if port.first is None} >= set(PROTOCOLS)

    @property
    def _anybody(self) -> bool:
        return self.peers is None or any(
            isinstance(peer, BlockPeer) and peer.is_everything for peer in self.peers
        )


@frozen
class Policy:
    """A NetworkPolicy, its defaults filled in."""

    name: str
    place: Place
    selector: Selector
    directions: frozenset[Direction]
    ingress: tuple[NetworkRule, ...] = ()
    egress: tuple[NetworkRule, ...] = ()

    def rules(self, direction: Direction) -> tuple[NetworkRule, ...]:
        """What it allows in a direction that it isolates; nothing in one that it does not."""
        if direction not in self.directions:
            return ()
        return self.ingress if direction == "Ingress" else self.egress


def policy_of(data: Mapping[str, Any], place: Place) -> Policy:
    """A NetworkPolicy (networking.k8s.io/v1) as read from a manifest."""
    metadata, spec = data.get("metadata"), data.get("spec")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    spec = spec if isinstance(spec, Mapping) else {}
    egress = _items(spec.get("egress"))
    return Policy(
        name=str(name or ""),
        place=place,
        selector=selector_of(spec.get("podSelector")),
        directions=_directions(spec.get("policyTypes"), has_egress=bool(egress)),
        ingress=tuple(_rule(rule, "from") for rule in _items(spec.get("ingress"))),
        egress=tuple(_rule(rule, "to") for rule in egress),
    )


def _directions(types: Any, *, has_egress: bool) -> frozenset[Direction]:
    """Without policyTypes: Ingress, and Egress if there is a rule for it."""
    if not isinstance(types, list) or not types:
        return frozenset(DIRECTIONS) if has_egress else frozenset(("Ingress",))
    return frozenset(direction for direction in DIRECTIONS if direction in types)


def _rule(data: Mapping[str, Any], side: str) -> NetworkRule:
    """Empty lists are as absent ones."""
    peers, ports = data.get(side) or None, data.get("ports") or None
    return NetworkRule(
        peers=None if peers is None else tuple(map(_peer, _items(peers))),
        ports=None if ports is None else tuple(map(_port, _items(ports))),
    )


def _peer(data: Mapping[str, Any]) -> Peer:
    """One item of from or to; one that says nothing, or too much, is invalid: it is nobody."""
    pods, namespaces, block = (
        data.get(name) for name in ("podSelector", "namespaceSelector", "ipBlock")
    )
    if pods is None and namespaces is None and isinstance(block, Mapping):
        return _block(block)
    if block is not None or (pods is None and namespaces is None):
        return BlockPeer(block=None)
    return PodPeer(
        pods=None if pods is None else selector_of(pods),
        namespaces=None if namespaces is None else selector_of(namespaces),
    )


def _block(data: Mapping[str, Any]) -> BlockPeer:
    try:
        excepted = data.get("except") or ()
        return BlockPeer(
            block=ipaddress.ip_network(str(data.get("cidr")), strict=False),
            excepted=tuple(ipaddress.ip_network(str(cidr), strict=False) for cidr in excepted),
        )
    except (ValueError, TypeError):
        return BlockPeer(block=None)


def _port(data: Mapping[str, Any]) -> PortRange:
    port, end = data.get("port"), data.get("endPort")
    if isinstance(port, str) and port.isascii() and port.isdigit() and len(port) < 6:
        port = int(port)
    return PortRange(
        protocol=str(data.get("protocol") or "TCP"),
        first=port if isinstance(port, int | str) else None,
        end=end if isinstance(end, int) else None,
    )


def _items(data: Any) -> tuple[Mapping[str, Any], ...]:
    return tuple(_mappings(data))


def _mappings(data: Any) -> Iterator[Mapping[str, Any]]:
    """The items of a list that can be read; `- ` alone is an empty one."""
    for item in data if isinstance(data, list | tuple) else ():
        if item is None:
            yield {}
        elif isinstance(item, Mapping):
            yield item


def _within(inner: _IP, outer: _IP) -> bool:
    return inner.version == outer.version and inner.subnet_of(outer)  # type: ignore[arg-type]  # one family


def _overlap(first: _IP, second: _IP) -> bool:
    return first.version == second.version and first.overlaps(second)
