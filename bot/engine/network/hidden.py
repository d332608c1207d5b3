"""Workloads whose addresses stand where podsec cannot read, such as in a Secret of the cluster.

One of them may be the client of any port of its namespace. Where another client of that port is
seen, the port is for those that are seen: this one must be let in as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from bot.engine.network.homes import Homes
from bot.kubernetes.network_actor import Actor, Endpoint, ServicePort, endpoints
from bot.kubernetes.network_edges import Evidence
from bot.kubernetes.network_grants import Grant, Survey
from bot.kubernetes.network_texts import Unseen, may_be_host

Home: TypeAlias = tuple[str, str]
_MOST = 10
"""From how many such workloads on a port is for the whole namespace instead."""
Fronted: TypeAlias = dict[Actor, dict[Endpoint, ServicePort]]
"""By workload: its ports that clients are led to, and the port of the Service that does."""


def fronted_by_services(survey: Survey) -> Fronted:
    """The ports of each workload that Services lead to."""
    found: Fronted = {}
    for service in survey.inferred.services:
        for actor in survey.inferred.backends.behind(service):
            for port in service.ports:
                for endpoint in endpoints(service, actor, port.number):
                    found.setdefault(actor, {}).setdefault(endpoint, port)
    return found


def hidden_clients(survey: Survey, fronted: Fronted, homes: Homes) -> Iterator[Grant]:
    """Whom workloads may connect to whose addresses are not in view."""
    by_home: dict[Home, dict[Actor, None]] = {}
    for target in fronted:
        by_home.setdefault(homes.of(target.place), {})[target] = None
    vague: dict[Home, list[tuple[Actor, Unseen]]] = {}
    for actor, texts in survey.inferred.texts.items():
        home = homes.of(actor.place)
        for unseen in texts.unseen:
            targets = [one for one in _named(unseen, survey) if one in by_home.get(home, {})]
            if not targets:
                vague.setdefault(home, []).append((actor, unseen))
            yield from _grants(actor, unseen, targets, fronted)
    for home, found in vague.items():
        yield from _vague(found, list(by_home.get(home, ())), fronted)


def _vague(
    found: Sequence[tuple[Actor, Unseen]], targets: Sequence[Actor], fronted: Fronted
) -> Iterator[Grant]:
    """Workloads that may be the client of any port of their namespace."""
    if len(found) <= _MOST:
        for actor, unseen in found:
            yield from _grants(actor, unseen, targets, fronted)
        return
    said = _evidence(*found[0])
    for target in targets:
        for endpoint in fronted[target]:
            yield Grant(endpoint=endpoint, client="namespace", evidence=(said,))


def _grants(
    actor: Actor, unseen: Unseen, targets: Iterable[Actor], fronted: Fronted
) -> Iterator[Grant]:
    said = _evidence(actor, unseen)
    for target in targets:
        if target is not actor:
            for endpoint in fronted[target]:
                yield Grant(endpoint=endpoint, client=actor, evidence=(said,))


def _named(unseen: Unseen, survey: Survey) -> list[Actor]:
    """The workloads that a variable is named for."""
    if not unseen.variable:
        return []
    named = (
        target
        for service in survey.inferred.services
        if may_be_host(unseen.variable, service.name)
        for target in survey.inferred.backends.behind(service)
    )
    return list(dict.fromkeys(named))


def _evidence(actor: Actor, unseen: Unseen) -> Evidence:
    whose = f"env {unseen.variable} from {unseen.source}" if unseen.variable else unseen.source
    return Evidence(
        file=actor.file, line=actor.line(unseen.path), what=f"{whose}, which is not in view"
    )
