"""Planned policies to two drawings: who reaches whom before, and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.kubernetes.network_actor import Actor
from bot.kubernetes.network_grants import Planned
from bot.kubernetes.network_policy import Network
from bot.kubernetes.network_reach import ANY_POD, ANYONE, NAMESPACE, Reach, Row, names_of, ports_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """One workload, and who reaches it before and after."""

    name: str
    kind: str
    file: str
    before: tuple[Row, ...]
    after: tuple[Row, ...]
    seen: tuple[tuple[str, str], ...] = ()
    """Its clients that manifests show, with their ports, as far as policies let them in."""

    @property
    def changes(self) -> bool:
        """Whether the policies change who reaches it."""
        return self.before != self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An arrow from a client to a workload, and the ports that it may use."""

    source: str
    target: str
    ports: str
    is_sure: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Names, and the arrows between them."""

    title: str
    nodes: tuple[str, ...]
    links: tuple[Link, ...]


def reached(planned: Planned) -> tuple[Reached, ...]:
    """Who reaches each workload, by name."""
    actors = planned.survey.inferred.actors
    names, ports = names_of(actors), ports_of(planned)
    rows: dict[Actor, list[tuple[Row, ...]]] = {actor: [] for actor in actors}
    networks: tuple[Network, ...] = (planned.survey.network, planned.after)
    for network in networks:
        reach = Reach(network, actors, names)
        for index, actor in enumerate(actors):
            rows[actor].append(reach.rows(index, ports[actor]))
    seen = _seen(planned, names)
    found = (
        Reached(
            name=names[actor],
            kind=actor.kind,
            file=actor.file,
            before=rows[actor][0],
            after=rows[actor][1],
            seen=tuple(sorted(seen.get(actor, ()))),
        )
        for actor in actors
    )
    return tuple(sorted(found, key=lambda one: one.name))


def _seen(planned: Planned, names: dict[Actor, str]) -> dict[Actor, set[tuple[str, str]]]:
    found: dict[Actor, set[tuple[str, str]]] = {}
    for edge in planned.survey.inferred.edges:
        if edge.source is not edge.target and edge not in planned.cut:
            pair = names[edge.source], str(edge.endpoint.port)
            found.setdefault(edge.target, set()).add(pair)
    return found


def drawings(found: tuple[Reached, ...]) -> tuple[Drawing, Drawing]:
    """The arrows before and after; wide clients stand for themselves, beside those seen."""
    before = _drawing("before", {one.name: one.before for one in found}, ())
    rows = {one.name: one.after for one in found}
    seen = [Link(source=who, target=x.name, ports=port) for x in found for who, port in x.seen]
    return before, _drawing("after", rows, seen)


def _drawing(title: str, rows: dict[str, tuple[Row, ...]], seen: Sequence[Link]) -> Drawing:
    drawn = tuple(link for name, found in rows.items() for link in _links(name, found))
    known = {(link.source, link.target) for link in drawn}
    links = (*drawn, *(link for link in seen if (link.source, link.target) not in known))
    wide = [name for name in (ANYONE, ANY_POD) if any(link.source == name for link in links)]
    around = sorted({link.source for link in links} - set(rows) - set(wide))
    return Drawing(title=title, nodes=(*wide, *around, *rows), links=links)


def _links(name: str, rows: tuple[Row, ...]) -> Iterator[Link]:
    for row in rows:
        ports = ", ".join(row.ports)
        for clients, is_sure in ((row.clients, True), (row.unsure, False)):
            for client in clients:
                if client != "itself":
                    source = f"namespace of {name}" if client == NAMESPACE else client
                    yield Link(source=source, target=name, ports=ports, is_sure=is_sure)
