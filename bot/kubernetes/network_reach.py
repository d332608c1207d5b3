"""Who reaches which ports of a workload, told as people would: names, its namespace, anyone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.kubernetes.namespace import Place
from bot.kubernetes.network_actor import Actor
from bot.kubernetes.network_grants import Planned
from bot.kubernetes.network_matrix import Bits, Matrix
from bot.kubernetes.network_parts import Workload
from bot.kubernetes.network_policy import Network

ANYONE, ANY_POD, NAMESPACE = "anyone", "any pod", "its namespace"
REST = "other ports"
_STRANGE = "podsec-a-namespace-of-nobody"
_LAST = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Some ports of a workload, and who reaches them; `unsure` may, as far as is known."""

    ports: tuple[str, ...]
    clients: tuple[str, ...]
    unsure: tuple[str, ...] = ()


class Reach:
    """Who reaches whom under some policies; names are those of `names_of`."""

    def __init__(self, network: Network, actors: Sequence[Actor], names: dict[Actor, str]) -> None:
        self._actors, self._names = actors, names
        places = list(dict.fromkeys(actor.place for actor in actors))
        strangers = [Workload(name="", place=place, labels={}) for place in places]
        strangers.append(Workload(name="", place=Place(_STRANGE), labels={}))
        self._matrix = Matrix(network, [*(actor.workload for actor in actors), *strangers])
        self._own = {place: len(actors) + number for number, place in enumerate(places)}
        self._stranger = len(actors) + len(places)

    def rows(self, index: int, ports: Iterable[tuple[int, str]]) -> tuple[Row, ...]:
        """Ports of one workload, by who reaches them; ports that nobody reaches are left out."""
        alike: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
        listed = sorted(set(ports))
        free = _unused(listed)
        for number, protocol in (*listed, (free, "TCP")):
            found = self._matrix.sources(index, number, protocol)
            suffix = "" if protocol == "TCP" else f"/{protocol}"
            name = REST if number == free else f"{number}{suffix}"
            alike.setdefault(self._clients(index, found), []).append(name)
        return tuple(
            Row(ports=tuple(names), clients=clients, unsure=unsure)
            for (clients, unsure), names in alike.items()
            if clients or unsure
        )

    def _clients(self, index: int, found: Bits) -> tuple[tuple[str, ...], tuple[str, ...]]:
        sure = self._told(index, found.yes)
        if sure == (ANYONE,):
            return sure, ()
        return sure, tuple(name for name in self._told(index, found.maybe) if name not in sure)

    def _told(self, index: int, bits: int) -> tuple[str, ...]:
        """The clients in words: the widest word for many."""
        actors = self._actors
        if bits >> (self._stranger + 1) & 1:
            return (ANYONE,)
        if bits >> self._stranger & 1:
            return (ANY_POD,)
        own = actors[index].place
        wide = bool(bits >> self._own[own] & 1)
        named = [
            self._names[actor]
            for number, actor in enumerate(actors)
            if bits >> number & 1 and number != index and not (wide and actor.place == own)
        ]
        itself = ["itself"] if bits >> index & 1 and not wide else []
        return (*([NAMESPACE] if wide else []), *sorted(named), *itself)


def _unused(ports: Sequence[tuple[int, str]]) -> int:
    taken = {number for number, _ in ports}
    return next(number for number in range(_LAST, 0, -1) if number not in taken)


def names_of(actors: Sequence[Actor]) -> dict[Actor, str]:
    """What to call each workload: its name, with its namespace or kind where that is needed."""
    forms = (
        lambda a: a.name,
        lambda a: f"{a.place.namespace or a.place.folder or '.'}/{a.name}",
        lambda a: f"{a.place.namespace or a.place.folder or '.'}/{a.kind}/{a.name}",
        lambda a: f"{a.file}/{a.kind}/{a.name}",
    )
    found: dict[Actor, str] = {}
    left = list(actors)
    for form in forms:
        counts: dict[str, int] = {}
        for actor in actors:
            counts[form(actor)] = counts.get(form(actor), 0) + 1
        found |= {actor: form(actor) for actor in left if counts[form(actor)] == 1}
        left = [actor for actor in left if actor not in found]
    return found | {actor: forms[-1](actor) for actor in left}


def ports_of(planned: Planned) -> dict[Actor, set[tuple[int, str]]]:
    """The ports of each workload that are worth asking about: declared ones, and granted ones."""
    found: dict[Actor, set[tuple[int, str]]] = {}
    for actor in planned.survey.inferred.actors:
        declared = actor.workload.ports or ()
        found[actor] = {(port.number, port.protocol) for port in declared}
    inferred = planned.survey.inferred
    for endpoint in (
        *(edge.endpoint for edge in inferred.edges),
        *(one.endpoint for one in inferred.exposures),
    ):
        if isinstance(endpoint.port, int):
            found[endpoint.actor].add((endpoint.port, endpoint.protocol))
    return found
