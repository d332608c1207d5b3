"""Whether enough is seen of a workload's traffic to isolate it, and whom to let in.

A port that somebody is seen to use is for those; one that nobody is seen to use is for its
namespace, or a reason to leave the workload alone. Programs hold addresses that no manifest shows:
of sock-shop's eleven edges manifests show one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bot.engine.network.hidden import Fronted, fronted_by_services, hidden_clients
from bot.engine.network.homes import Homes
from bot.engine.network.survey import mesh_of
from bot.kubernetes.network_actor import Actor, Endpoint, ServicePort
from bot.kubernetes.network_edges import Evidence
from bot.kubernetes.network_grants import Declined, Draft, Grant, Survey
from bot.kubernetes.selector import labels_of, selector_of
from bot.kubernetes.workload import as_mapping

_PEOPLE_NUMBERS = frozenset({80, 443, 8080})
_PEOPLE_NAMES = frozenset({"http", "https", "web", "ui"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The workloads that get a policy, and those that do not; `unexplained` by home."""

    drafts: tuple[Draft, ...]
    declined: tuple[Declined, ...]
    unexplained: frozenset[Endpoint]
    """Ports that nobody is seen to use, and that are open to their namespace."""
    homes: Homes


@dataclass(slots=True)
class _Seen:
    """What is known of ports: grants by workload, those that are explained, and ways in by home."""

    grants: dict[Actor, list[Grant]] = field(default_factory=dict)
    explained: set[Endpoint] = field(default_factory=set)
    lively: set[tuple[str, str]] = field(default_factory=set)
    """Homes in which somebody is seen to use a port."""
    entered: set[tuple[str, str]] = field(default_factory=set)
    """Homes that clients from outside are led to."""


def decide(survey: Survey) -> Decided:
    """A draft or a reason for each workload, in their order."""
    inferred = survey.inferred
    homes = Homes((actor.place for actor in inferred.actors), survey.network.namespaces)
    seen = _seen(survey, homes)
    fronted = _listening(survey)
    declined: dict[Actor, Declined] = {}
    fallback: list[Grant] = []
    for actor in inferred.actors:
        found = _standing(actor, survey) or _unclear(
            actor, seen, fronted, homes, inferred.has_way_in
        )
        if found is not None:
            declined[actor] = found
            continue
        for grant in _fallback(actor, seen, fronted):
            fallback.append(grant)
            seen.grants.setdefault(actor, []).append(grant)
    _spread(survey, declined)
    for grant in hidden_clients(survey, fronted, homes):
        seen.grants.setdefault(grant.endpoint.actor, []).append(grant)
    return Decided(
        drafts=tuple(
            Draft(actor=actor, grants=tuple(seen.grants.get(actor, ())))
            for actor in inferred.actors
            if actor not in declined
        ),
        declined=tuple(declined.values()),
        unexplained=frozenset(
            grant.endpoint for grant in fallback if grant.endpoint.actor not in declined
        ),
        homes=homes,
    )


def _seen(survey: Survey, homes: Homes) -> _Seen:
    seen = _Seen()
    for edge in survey.inferred.edges:
        grant = Grant(endpoint=edge.endpoint, client=edge.source, evidence=edge.evidence)
        seen.grants.setdefault(edge.target, []).append(grant)
        if edge.source is not edge.target:
            seen.explained.add(edge.endpoint)
            seen.lively.add(homes.of(edge.target.place))
    for exposure in survey.inferred.exposures:
        actor = exposure.endpoint.actor
        grant = Grant(endpoint=exposure.endpoint, client=exposure.reach, evidence=exposure.evidence)
        seen.grants.setdefault(actor, []).append(grant)
        if exposure.reach != "monitoring":
            seen.explained.add(exposure.endpoint)
            seen.lively.add(homes.of(actor.place))
            seen.entered.add(homes.of(actor.place))
        elif any("metrics" in said.what for said in exposure.evidence):
            seen.explained.add(exposure.endpoint)
    return seen


def _standing(actor: Actor, survey: Survey) -> Declined | None:
    """Why a workload needs no policy, or why podsec cannot make one."""
    network = survey.network
    if actor.workload.host_network:
        reason = "it is on the host network, where policies do not hold"
        return Declined(actor=actor, why="advice", reason=reason)
    verdict = network.verdict(actor.workload, "Ingress")
    sure = network.selected(actor.workload, "Ingress").sure
    names = ", ".join(dict.fromkeys(policy.name for policy in sure))
    if verdict == "covered":
        return Declined(actor=actor, why="covered", reason=f"{names} restricts it already")
    if verdict == "open":
        reason = f"a rule of {names} lets everybody in, whatever others say: narrow that rule"
        return Declined(actor=actor, why="open", reason=reason)
    if verdict == "unknown":
        reason = "policies that podsec does not read, or that may stand elsewhere, may select it"
        return Declined(actor=actor, why="unknown", reason=reason)
    if not actor.selector:
        reason = "its pods have no label that lasts: give them one, such as app"
        return Declined(actor=actor, why="advice", reason=reason)
    if _in_mesh(actor, survey):
        reason = "it is in a service mesh, whose own ports a policy would have to let through"
        return Declined(actor=actor, why="advice", reason=reason)
    return None


def _in_mesh(actor: Actor, survey: Survey) -> bool:
    own = mesh_of(actor.pod_metadata)
    if own is not None:
        return own
    place, known = actor.place, survey.network.namespaces.kustomizations
    names = {place.namespace} if place.namespace else known.namespaces(place.folder)
    return bool(names & survey.meshed)


def _unclear(
    actor: Actor,
    seen: _Seen,
    fronted: Fronted,
    homes: Homes,
    has_way_in: bool,
) -> Declined | None:
    """Why too little is seen of a workload's traffic."""
    open_ports = [e for e in fronted.get(actor, {}) if e not in seen.explained]
    if not open_ports:
        return None
    home = homes.of(actor.place)
    if home not in seen.lively:
        reason = "no manifest here shows who connects to whom: the programs must know by themselves"
        return Declined(actor=actor, why="advice", reason=reason)
    if has_way_in or home in seen.entered:
        return None
    for endpoint in open_ports:
        if _is_for_people(endpoint, fronted[actor][endpoint]):
            reason = (
                f"port {endpoint.port} looks like one for people or for other teams, and neither "
                "an Ingress nor a client of it is in view"
            )
            return Declined(actor=actor, why="advice", reason=reason)
    return None


def _is_for_people(endpoint: Endpoint, port: ServicePort) -> bool:
    numbers = {endpoint.port, port.number, port.target}
    return bool(numbers & _PEOPLE_NUMBERS) or port.name in _PEOPLE_NAMES


def _fallback(actor: Actor, seen: _Seen, fronted: Fronted) -> Iterator[Grant]:
    """Ports that nobody is seen to use are for the namespace."""
    for endpoint in fronted.get(actor, {}):
        if endpoint not in seen.explained:
            said = Evidence(
                file=actor.file,
                line=actor.line(actor.path),
                what="nobody is seen to use it",
            )
            yield Grant(endpoint=endpoint, client="namespace", evidence=(said,))


def _listening(survey: Survey) -> Fronted:
    """The ports of each workload that Services lead to; without any Service, those it declares."""
    found = fronted_by_services(survey)
    for actor in survey.inferred.actors:
        if actor not in found:
            for own in actor.workload.ports or ():
                endpoint = Endpoint(actor, own.number, own.protocol)
                port = ServicePort(own.name, own.number, own.number, own.protocol)
                found.setdefault(actor, {})[endpoint] = port
    return found


def _spread(survey: Survey, declined: dict[Actor, Declined]) -> None:
    """A policy that would also select a workload which is to be left alone is not made either."""
    open_: list[Actor] = [
        actor
        for actor, one in declined.items()
        if one.why in ("advice", "unknown") and not actor.workload.host_network
    ]
    selecting = _by_first_pair(survey.inferred.actors)
    while open_:
        spared = open_.pop()
        for pair in (*spared.workload.labels.items(), None):
            for actor in selecting.get(pair, ()):
                if actor not in declined and _selects(actor, spared, survey):
                    other = f"{spared.kind} {spared.name}"
                    reason = f"its selector also selects {other}: {declined[spared].reason}"
                    declined[actor] = Declined(actor=actor, why="advice", reason=reason)
                    open_.append(actor)


def _by_first_pair(actors: Iterable[Actor]) -> dict[tuple[str, str] | None, list[Actor]]:
    found: dict[tuple[str, str] | None, list[Actor]] = {}
    for actor in actors:
        pairs = labels_of(as_mapping(actor.selector.get("matchLabels")))
        found.setdefault(next(iter(pairs.items()), None), []).append(actor)
    return found


def _selects(actor: Actor, other: Actor, survey: Survey) -> bool:
    if actor is other or not actor.selector:
        return False
    if not survey.network.namespaces.same(actor.place, other.place):
        return False
    match = selector_of(actor.selector).match(other.workload.labels, other.workload.unsure)
    return match is not False
