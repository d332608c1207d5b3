"""What a set of network policies lets through: verdicts on workloads, connections between ends.

The semantics are those of networking.k8s.io/v1: policies add up and have no order; a pod that no
policy of its namespace selects in a direction is open in it; both ends must agree to a connection.
Where what is in view does not decide, the answer is None, never a guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from bot.frozen import frozen
from bot.kubernetes.namespace import Namespaces, Place
from bot.kubernetes.network_parts import (
    Address,
    Direction,
    End,
    NetworkRule,
    Policy,
    Workload,
)
from bot.kubernetes.places import Places
from bot.kubernetes.policy_index import PolicyIndex
from bot.kubernetes.selector import Answer, any_of, both

Verdict = Literal["covered", "open", "none", "unknown"]
"""Selected and restricted; selected, but a rule lets all through; selected by none; not known."""


@frozen
class Selected:
    """The policies that select a workload and isolate it in a direction, or may do so."""

    sure: tuple[Policy, ...] = ()
    maybe: tuple[Policy, ...] = ()

    @property
    def isolated(self) -> Answer:
        """Whether the workload is isolated."""
        return True if self.sure else None if self.maybe else False


@frozen
class Side:
    """What one end of a connection says: whether it is isolated, allows it, by which policies."""

    isolated: Answer
    allowed: Answer
    policies: tuple[str, ...] = ()
    """Those that isolate it, or may."""
    allowing: tuple[str, ...] = ()
    """Those of them that allow the connection, or may."""


OPEN_SIDE = Side(isolated=False, allowed=True)


@frozen
class Connection:
    """Whether one end reaches a port of another, and what either side says."""

    egress: Side
    ingress: Side

    @property
    def allowed(self) -> Answer:
        """Both sides must allow it."""
        return both(self.egress.allowed, self.ingress.allowed)


class Network:
    """Policies, evaluated."""

    def __init__(
        self,
        policies: Iterable[Policy],
        namespaces: Namespaces | None = None,
        foreign: Iterable[Place | None] = (),
    ) -> None:
        """`foreign`: where policies of other kinds stand (Cilium, Calico, Admin); None: anywhere.

        What those say is not read: whatever they may select is unknown.
        """
        self.policies = tuple(policies)
        self.namespaces = namespaces or Namespaces()
        self._others = tuple(foreign)
        self._foreign: Places[bool] = Places(self.namespaces)
        self._foreign_everywhere = False
        for place in self._others:
            if place is None:
                self._foreign_everywhere = True
            else:
                self._foreign.add(place, True)
        self._index = PolicyIndex(self.policies, self.namespaces)
        self._selected: dict[tuple[int, Direction], tuple[Workload, Selected]] = {}

    def with_policies(self, more: Iterable[Policy]) -> Network:
        """The same namespaces under more policies."""
        return Network((*self.policies, *more), self.namespaces, self._others)

    def selected(self, workload: Workload, direction: Direction) -> Selected:
        """The policies that select a workload and isolate it in a direction."""
        key = (id(workload), direction)
        found = self._selected.get(key)
        if found is None or found[0] is not workload:
            found = self._selected[key] = (workload, self._select(workload, direction))
        return found[1]

    def _select(self, workload: Workload, direction: Direction) -> Selected:
        sure: list[Policy] = []
        maybe: list[Policy] = []
        for policy in self._index.find(workload):
            if direction not in policy.directions:
                continue
            answer = self.selects(policy, workload)
            if answer is not False:
                (maybe if answer is None else sure).append(policy)
        return Selected(sure=tuple(sure), maybe=tuple(maybe))

    def selects(self, policy: Policy, workload: Workload) -> Answer:
        """Whether a policy selects a workload.

        Where neither says its namespace and their trees differ, labels that match are a sign that
        they belong together; a selector that matches everything is none.
        """
        inside = self.namespaces.same(policy.place, workload.place)
        if inside is None and policy.place.namespace is None and policy.selector.is_empty:
            inside = False if workload.place.namespace is None else None
        return both(inside, policy.selector.match(workload.labels, workload.unsure))

    def is_foreign(self, workload: Workload) -> bool:
        """Whether policies of other kinds may select a workload."""
        return self._foreign_everywhere or any(self._foreign.near(workload.place))

    def verdict(self, workload: Workload, direction: Direction) -> Verdict:
        """How a workload stands in a direction; on the host network nothing is defined."""
        if workload.host_network or self.is_foreign(workload):
            return "unknown"
        selected = self.selected(workload, direction)
        if any(rule.is_open for policy in selected.sure for rule in policy.rules(direction)):
            return "open"
        if selected.sure:
            return "covered"
        return "unknown" if selected.maybe else "none"

    def connection(self, source: End, target: End, port: int, protocol: str = "TCP") -> Connection:
        """Whether `source` reaches a port of `target`.

        A pod always reaches itself, and its node always reaches it: neither is a connection here.
        Between the replicas of one workload policies hold.
        """
        return Connection(
            egress=self._side("Egress", source, target, port, protocol),
            ingress=self._side("Ingress", target, source, port, protocol),
        )

    def lets_out(self, policy: Policy, target: End, port: int, protocol: str = "TCP") -> Answer:
        """Whether a policy's egress rules allow a port of a target, whoever asks."""
        asked = _Asked(
            direction="Egress", other=target, target=target, port=port, protocol=protocol
        )
        return self._grants(policy, asked)

    def _side(self, direction: Direction, own: End, other: End, port: int, protocol: str) -> Side:
        if isinstance(own, Address):
            return OPEN_SIDE
        selected = self.selected(own, direction)
        policies = (*selected.sure, *selected.maybe)
        target = own if direction == "Ingress" else other
        asked = _Asked(
            direction=direction, other=other, target=target, port=port, protocol=protocol
        )
        grants = [self._grants(policy, asked) for policy in policies]
        if self.is_foreign(own) or (own.host_network and policies):
            allowed: Answer = None
        else:
            allowed = _together(grants[: len(selected.sure)], grants[len(selected.sure) :])
        return Side(
            isolated=selected.isolated,
            allowed=allowed,
            policies=tuple(policy.name for policy in policies),
            allowing=tuple(
                policy.name
                for policy, grant in zip(policies, grants, strict=True)
                if grant is not False
            ),
        )

    def _grants(self, policy: Policy, asked: _Asked) -> Answer:
        """Whether one of a policy's rules allows a connection."""
        rules = policy.rules(asked.direction)
        return any_of(both(self._peer(r, policy, asked), _port(r, asked)) for r in rules)

    def _peer(self, rule: NetworkRule, policy: Policy, asked: _Asked) -> Answer:
        if rule.peers is None:
            return True
        place, known = policy.place, self.namespaces
        return any_of(peer.match(asked.other, place, known) for peer in rule.peers)


@frozen
class _Asked:
    """A connection as one side sees it: the other end, and whose port is meant."""

    direction: Direction
    other: End
    target: End
    port: int
    protocol: str


def _port(rule: NetworkRule, asked: _Asked) -> Answer:
    if rule.ports is None:
        return True
    return any_of(one.holds(asked.port, asked.protocol, asked.target) for one in rule.ports)


def _together(sure: Sequence[Answer], maybe: Sequence[Answer]) -> Answer:
    """What policies that select, and policies that may select, allow together."""
    if sure:
        return any_of((*sure, *(both(None, grant) for grant in maybe)))
    # none of them may select, or any: certain only where each allows it
    return True if all(grant is True for grant in maybe) else None
