"""All connections between many workloads at once.

Ends are bits of a number (workload 0 is bit 0; the last bit is any address outside the cluster),
so that a thousand workloads are compared in one operation. It answers as `Network.connection` does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

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
from bot.kubernetes.selector import Answer, any_of

OUTSIDE = Address()
"""Any address outside the cluster."""


_Ports: TypeAlias = tuple[PortRange, ...] | None


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
        self._free, self._strict, self._doubtful = self._by_egress()
        self._leaving: list[dict[_Ports, Bits]] | None = None

    def sources(self, target: int, port: int, protocol: str = "TCP") -> Bits:
        """The ends that reach a port of an end: it lets them in, and their own side lets them."""
        coming = self._grants(target, "Ingress", port, protocol)
        return coming.common(self._let_out(target, port, protocol))

    def _by_egress(self) -> tuple[Bits, list[int], list[int]]:
        """The ends whose egress is free, is isolated for sure, and those to be asked one by one."""
        free = 0
        strict: list[int] = []
        doubtful: list[int] = []
        for index, end in enumerate(self.ends):
            selected = None if isinstance(end, Address) else self.network.selected(end, "Egress")
            foreign = isinstance(end, Workload) and self.network.is_foreign(end)
            if not foreign and (selected is None or selected.isolated is False):
                free |= 1 << index
            elif foreign or (isinstance(end, Workload) and end.host_network):
                doubtful.append(index)
            else:
                (strict if selected and selected.sure else doubtful).append(index)
        return Bits(free), strict, doubtful

    def _let_out(self, target: int, port: int, protocol: str) -> Bits:
        """The ends whose own side lets them reach a port of an end."""
        found, end = self._free, self.ends[target]
        if self._leaving is None:
            self._leaving = self._rules_by_target()
        for ports, sources in self._leaving[target].items():
            held = True if ports is None else any_of(p.holds(port, protocol, end) for p in ports)
            if held is not False:
                found = found.union(sources if held else sources.doubted())
        for source in self._doubtful:
            answer = self._grants(source, "Egress", port, protocol).answer(target)
            bit = Bits(1 << source) if answer else Bits(0, 1 << source)
            found = found.union(bit if answer is not False else Bits())
        return found

    def _rules_by_target(self) -> list[dict[_Ports, Bits]]:
        """For each target: which ends have a rule that leads to it, by the ports that it allows."""
        alike: dict[tuple[Bits, _Ports], Bits] = {}
        for source in self._strict:
            own, bit = self.ends[source], Bits(1 << source)
            assert isinstance(own, Workload)  # an address has no policies
            selected = self.network.selected(own, "Egress")
            for policies, sources in ((selected.sure, bit), (selected.maybe, bit.doubted())):
                for policy in policies:
                    for rule in policy.rules("Egress"):
                        key = (self._peers_of(rule, policy), rule.ports)
                        alike[key] = alike.get(key, Bits()).union(sources)
        found: list[dict[_Ports, Bits]] = [{} for _ in self.ends]
        for (targets, ports), sources in alike.items():
            for index in indexes(targets.yes | targets.maybe):
                mine = sources if targets.answer(index) else sources.doubted()
                found[index][ports] = found[index].get(ports, Bits()).union(mine)
        return found

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


def indexes(bits: int) -> Iterator[int]:
    """The numbers of the bits that are set."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
