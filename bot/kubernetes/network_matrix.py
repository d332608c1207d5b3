"""All connections between many workloads at once, and how two sets of policies differ.

Ends are bits of a number (workload 0 is bit 0; the last bit is any address outside the cluster),
so that a thousand workloads are compared in one operation. It answers as `Network.connection` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.kubernetes.network_parts import (
    Address,
    Direction,
    End,
    NetworkRule,
    Peer,
    PodPeer,
    Policy,
    PortRange,
    Workload,
)
from bot.kubernetes.network_policy import Network
from bot.kubernetes.selector import Answer

OUTSIDE = Address()
"""Any address outside the cluster."""


class Bits(NamedTuple):
    """A set of ends: those that are in it, and those that may be."""

    yes: int = 0
    maybe: int = 0

    def union(self, other: Bits) -> Bits:
        """The ends in one of both."""
        yes = self.yes | other.yes
        return Bits(yes, (self.maybe | other.maybe) & ~yes)

    def common(self, other: Bits) -> Bits:
        """The ends in both."""
        yes = self.yes & other.yes
        return Bits(yes, (self.yes | self.maybe) & (other.yes | other.maybe) & ~yes)

    def doubted(self) -> Bits:
        """The same ends, none of them for sure."""
        return Bits(0, self.yes | self.maybe)

    def answer(self, index: int) -> Answer:
        """Whether an end is in it."""
        if self.yes >> index & 1:
            return True
        return None if self.maybe >> index & 1 else False


class Matrix:
    """The connections of some workloads, among themselves and with the outside."""

    def __init__(self, network: Network, workloads: Sequence[Workload]) -> None:
        self.network = network
        self.ends: tuple[End, ...] = (*workloads, OUTSIDE)
        self._all = Bits((1 << len(self.ends)) - 1)
        self._by_label: dict[tuple[str, str], list[int]] = {}
        for index, workload in enumerate(workloads):
            for pair in workload.labels.items():
                self._by_label.setdefault(pair, []).append(index)
        self._peers: dict[tuple[object, ...], Bits] = {}
        self._granted: dict[tuple[int, Direction, int, str], Bits] = {}
        self._bound = [i for i, end in enumerate(self.ends) if self._is_bound(end)]

    def sources(self, target: int, port: int, protocol: str = "TCP") -> Bits:
        """The ends that reach a port of an end."""
        found = self._grants(target, "Ingress", port, protocol)
        for source in self._bound:
            bit = Bits(1 << source)
            said = self._grants(source, "Egress", port, protocol).answer(target)
            if said is not True:
                kept = Bits(found.yes & ~bit.yes, found.maybe & ~bit.yes)
                found = kept.union(found.common(bit).doubted()) if said is None else kept
        return found

    def _is_bound(self, end: End) -> bool:
        """Whether its egress is, or may be, restricted."""
        if isinstance(end, Address):
            return False
        selected = self.network.selected(end, "Egress")
        return selected.isolated is not False or self.network.is_foreign(end)

    def _grants(self, own: int, direction: Direction, port: int, protocol: str) -> Bits:
        """The other ends that one end's own side allows."""
        key = (own, direction, port, protocol)
        found = self._granted.get(key)
        if found is None:
            found = self._granted[key] = self._side(own, direction, port, protocol)
        return found

    def _side(self, own: int, direction: Direction, port: int, protocol: str) -> Bits:
        end = self.ends[own]
        if isinstance(end, Address):
            return self._all
        selected = self.network.selected(end, direction)
        if self.network.is_foreign(end) or (end.host_network and selected.isolated is not False):
            return self._all.doubted()

        def allowed(policy: Policy) -> Bits:
            found = Bits()
            for rule in policy.rules(direction):
                ports = self._ports(rule, direction, end, port, protocol)
                found = found.union(ports.common(self._peers_of(rule, policy)))
            return found

        return self._together(selected.sure, selected.maybe, allowed)

    def _together(
        self, sure: Iterable[Policy], maybe: Iterable[Policy], allowed: Callable[[Policy], Bits]
    ) -> Bits:
        """What policies that select, and policies that may select, allow together."""
        found: Bits | None = None
        for policy in sure:
            found = allowed(policy).union(found or Bits())
        if found is not None:
            for policy in maybe:
                found = found.union(allowed(policy).doubted())
            return found
        certain = self._all.yes
        for policy in maybe:
            certain &= allowed(policy).yes
        return Bits(certain, self._all.yes & ~certain)

    def _ports(
        self, rule: NetworkRule, direction: Direction, own: End, port: int, protocol: str
    ) -> Bits:
        """The other ends for which a rule's ports hold the one that is asked for."""
        if rule.ports is None:
            return self._all
        found = Bits()
        for one in rule.ports:
            if direction == "Egress" and isinstance(one.first, str):
                found = found.union(self._named(one, port, protocol))
            else:
                found = found.union(self._every(one.holds(port, protocol, own)))
        return found

    def _named(self, one: PortRange, port: int, protocol: str) -> Bits:
        """Each target has its own idea of a named port."""
        return self._where(lambda end: one.holds(port, protocol, end), range(len(self.ends)))

    def _every(self, answer: Answer) -> Bits:
        if answer is None:
            return self._all.doubted()
        return self._all if answer else Bits()

    def _peers_of(self, rule: NetworkRule, policy: Policy) -> Bits:
        if rule.peers is None:
            return self._all
        found = Bits()
        for peer in rule.peers:
            found = found.union(self._peer(peer, policy))
        return found

    def _peer(self, peer: Peer, policy: Policy) -> Bits:
        local = isinstance(peer, PodPeer) and peer.namespaces is None
        key = (peer, policy.place if local else None)
        found = self._peers.get(key)
        if found is None:
            place, known = policy.place, self.network.namespaces
            asked = self._candidates(peer)
            found = self._where(lambda end: peer.match(end, place, known), asked)
            self._peers[key] = found
        return found

    def _candidates(self, peer: Peer) -> Iterable[int]:
        """The ends that a peer may match: those with the first label that it asks for."""
        everybody = range(len(self.ends))
        if not isinstance(peer, PodPeer) or peer.pods is None or not peer.pods.pairs:
            return everybody
        pair = peer.pods.pairs[0]
        unsure = (
            index
            for index, end in enumerate(self.ends)
            if isinstance(end, Workload) and pair[0] in end.unsure
        )
        return {*self._by_label.get(pair, ()), *unsure}

    def _where(self, holds: Callable[[End], Answer], indexes: Iterable[int]) -> Bits:
        yes = maybe = 0
        for index in indexes:
            answer = holds(self.ends[index])
            if answer is True:
                yes |= 1 << index
            elif answer is None:
                maybe |= 1 << index
        return Bits(yes, maybe)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A connection that two sets of policies judge differently."""

    source: End
    target: End
    port: int | None
    """None: any port that is neither declared nor named by a policy."""
    protocol: str
    before: Answer
    after: Answer


def difference(before: Network, after: Network, workloads: Sequence[Workload]) -> Iterator[Change]:
    """The connections that differ, by target, port and source; both ends may be the outside.

    Ports that are asked about: those that the target declares, those that the policies name for
    it, and one that stands for all others.
    """
    first, second = Matrix(before, workloads), Matrix(after, workloads)
    named = sorted({*_egress_ports(before), *_egress_ports(after)})
    ranges = frozenset((*_ranges(before.policies), *_ranges(after.policies)))
    for target, end in enumerate(first.ends):
        for port, protocol in _probes(end, before, after, named):
            number = port if port is not None else _unnamed_port(end, ranges)
            old, new = (m.sources(target, number, protocol) for m in (first, second))
            for source in _different(old, new):
                if source != target or isinstance(end, Workload):
                    yield Change(
                        source=first.ends[source],
                        target=end,
                        port=port,
                        protocol=protocol,
                        before=old.answer(source),
                        after=new.answer(source),
                    )


def _different(old: Bits, new: Bits) -> Iterator[int]:
    bits = (old.yes ^ new.yes) | (old.maybe ^ new.maybe)
    index = 0
    while bits:
        if bits & 1:
            yield index
        bits >>= 1
        index += 1


def _probes(
    end: End, before: Network, after: Network, named: Sequence[tuple[int, str]]
) -> list[tuple[int | None, str]]:
    found: set[tuple[int, str]] = set()
    if isinstance(end, Workload):
        found |= {(port.number, port.protocol) for port in end.ports or ()}
        found |= _ingress_ports(end, before) | _ingress_ports(end, after)
    if isinstance(end, Address) or not end.ports:
        found |= set(named)
    return [*sorted(found), (None, "TCP"), (None, "UDP")]


def _unnamed_port(end: End, ranges: frozenset[tuple[int, int]]) -> int:
    """A port number that no policy speaks of, in the middle of no range either."""
    taken = set(ranges)
    if isinstance(end, Workload):
        taken |= {(port.number, port.number) for port in end.ports or ()}
    number = 65535
    for first, last in sorted(taken, reverse=True, key=lambda pair: (pair[1], pair[0])):
        if first <= number <= last:
            number = first - 1
    return max(number, 1)


def _ranges(policies: Iterable[Policy]) -> Iterator[tuple[int, int]]:
    for policy in policies:
        for rule in (*policy.ingress, *policy.egress):
            for port in rule.ports or ():
                if isinstance(port.first, int):
                    yield port.first, port.first if port.end is None else port.end


def _ingress_ports(workload: Workload, network: Network) -> set[tuple[int, str]]:
    selected = network.selected(workload, "Ingress")
    policies = (*selected.sure, *selected.maybe)
    return {port for policy in policies for rule in policy.ingress for port in _numbers(rule)}


def _egress_ports(network: Network) -> set[tuple[int, str]]:
    return {
        port
        for policy in network.policies
        if "Egress" in policy.directions
        for rule in policy.egress
        for port in _numbers(rule)
    }


def _numbers(rule: NetworkRule) -> Iterator[tuple[int, str]]:
    """The numbers at which a rule's ports begin and end."""
    for port in rule.ports or ():
        for number in (port.first, port.end):
            if isinstance(number, int):
                yield number, port.protocol
