"""How two sets of policies differ: which connections open, which close."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bot.frozen import frozen
from bot.kubernetes.network_matrix import Bits, Matrix, indexes
from bot.kubernetes.network_parts import Address, End, NetworkRule, Policy, Workload
from bot.kubernetes.network_policy import Network


@frozen
class Change:
    """The ends for which a port of a target is judged differently than before."""

    target: End
    port: int | None
    """None: any port that is neither declared nor named by a policy."""
    protocol: str
    opened: tuple[End, ...] = ()
    closed: tuple[End, ...] = ()
    doubtful: tuple[End, ...] = ()
    """Those of which it is not known now, or was not."""


def difference(before: Network, after: Network, workloads: Sequence[Workload]) -> Iterator[Change]:
    """The connections that differ, by target and port; both ends may be the outside.

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
            if isinstance(end, Address):  # what is between addresses is nobody's business here
                old, new = (Bits(b.yes & ~(1 << target), b.maybe) for b in (old, new))
            if old != new:
                yield _change(first.ends, end, (port, protocol), old, new)


def _change(
    ends: Sequence[End], target: End, asked: tuple[int | None, str], old: Bits, new: Bits
) -> Change:
    opened = new.yes & ~(old.yes | old.maybe)
    closed = old.yes & ~(new.yes | new.maybe)
    differing = (old.yes ^ new.yes) | (old.maybe ^ new.maybe)

    def named(bits: int) -> tuple[End, ...]:
        return tuple(ends[index] for index in indexes(bits))

    return Change(
        target=target,
        port=asked[0],
        protocol=asked[1],
        opened=named(opened),
        closed=named(closed),
        doubtful=named(differing & ~(opened | closed)),
    )


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
