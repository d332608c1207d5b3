"""Who connects to whom, as the objects themselves tell; each edge says what it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from bot.kubernetes.namespace import Namespaces, Place
from bot.kubernetes.nearest import nearest
from bot.kubernetes.network_actor import (
    Actor,
    Endpoint,
    Service,
    endpoints,
    place_of_manifest,
)
from bot.kubernetes.network_texts import Text, Texts
from bot.kubernetes.selector import Selector
from bot.kubernetes.service_names import Mention, ServiceNames
from bot.kubernetes.text_reader import TextReader
from bot.model.manifest import Manifest

_T = TypeVar("_T", Actor, Service)
Reach = Literal["anyone", "cluster", "monitoring"]
"""From where a port is reached: also from outside, from any pod, from what scrapes metrics."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Evidence:
    """What an edge rests on: "env REDIS_ADDR", and where that stands."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.what}, {self.file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edge:
    """A workload connects to a port of a workload."""

    source: Actor
    endpoint: Endpoint
    evidence: tuple[Evidence, ...]

    @property
    def target(self) -> Actor:
        """The workload that is connected to."""
        return self.endpoint.actor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Exposure:
    """A port is reached from elsewhere than from workloads in view."""

    endpoint: Endpoint
    reach: Reach
    evidence: tuple[Evidence, ...]


class Backends:
    """Which Services there are, and which workloads stand behind them."""

    def __init__(
        self, actors: Sequence[Actor], services: Sequence[Service], namespaces: Namespaces
    ) -> None:
        self.services = services
        self.namespaces = namespaces
        self._names: dict[str, list[Service]] = {}
        for service in services:
            self._names.setdefault(service.name, []).append(service)
        self._by_label: dict[tuple[str, str], list[Actor]] = {}
        for actor in actors:
            for pair in actor.workload.labels.items():
                self._by_label.setdefault(pair, []).append(actor)
        self._behind: dict[Service, tuple[Actor, ...]] = {}

    def behind(self, service: Service) -> tuple[Actor, ...]:
        """The workloads that a Service leads to."""
        found = self._behind.get(service)
        if found is None:
            listed = [self._by_label.get(pair, []) for pair in service.selector.pairs]
            fewest = min(listed, key=len, default=[])
            matching = (one for one in fewest if _matches(service.selector, one))
            found = tuple(self._near(service.manifest, matching))
            self._behind[service] = found
        return found

    def named(self, mention: Mention, whose: Manifest) -> Iterator[Service]:
        """The Services that a text means by a name; `whose` is what it is a text of."""
        services = self._names.get(mention.service, ())
        if mention.namespace is None:
            yield from self._near(whose, services)
            return
        place = place_of_manifest(whose)
        in_it = [one for one in services if self._is_in(one, mention, place)]
        same = [one for one in in_it if self.namespaces.same(place, one.place)]
        yield from nearest(whose, same or in_it)

    def _near(self, whose: Manifest, those: Iterable[_T]) -> list[_T]:
        """Those that share the namespace of an object; else those that may."""
        place = place_of_manifest(whose)
        answers = [(self.namespaces.same(place, one.place), one) for one in those]
        sure = [one for answer, one in answers if answer]
        return nearest(whose, sure or [one for answer, one in answers if answer is None])

    def _is_in(self, service: Service, mention: Mention, place: Place) -> bool:
        """Whether a Service is in the namespace that a text names.

        One that names none, and is given none, is where its own tree says that it is.
        """
        own = service.place.namespace
        if own is not None:
            return own == mention.namespace
        given = self.namespaces.kustomizations.namespaces(service.place.folder)
        if given:
            return mention.namespace in given
        return mention.is_full and self.namespaces.same(place, service.place) is not False


@dataclass(slots=True)
class _Gathered:
    """Edges by their ends, with all that each rests on."""

    edges: dict[tuple[Actor, Endpoint], dict[Evidence, None]] = field(default_factory=dict)

    def add(self, source: Actor, endpoint: Endpoint, evidence: Evidence) -> None:
        self.edges.setdefault((source, endpoint), {})[evidence] = None

    def made(self) -> tuple[Edge, ...]:
        return tuple(
            Edge(source=source, endpoint=endpoint, evidence=tuple(sorted(evidence)))
            for (source, endpoint), evidence in self.edges.items()
        )


def edges_of(
    actors: Sequence[Actor], texts: Mapping[Actor, Texts], backends: Backends, names: ServiceNames
) -> tuple[Edge, ...]:
    """The edges that the workloads' own texts show, and those among the pods of one workload."""
    gathered = _Gathered()
    for actor in actors:
        for text in texts[actor].found:
            said: Evidence | None = None  # its line is looked for once, and only if it is needed
            for endpoint in dict.fromkeys(reached(text, actor, backends, names)):
                said = said or Evidence(file=text.manifest.file, line=text.line, what=text.origin)
                gathered.add(actor, endpoint, said)
    for actor, endpoint, why in _among_peers(actors, backends):
        gathered.add(actor, endpoint, why)
    return gathered.made()


def texts_of(actors: Iterable[Actor], reader: TextReader) -> dict[Actor, Texts]:
    """The texts of each workload."""
    return {actor: reader.read(actor) for actor in actors}


def reached(
    text: Text, actor: Actor, backends: Backends, names: ServiceNames
) -> Iterator[Endpoint]:
    """The ports that a text of a workload leads to."""
    for mention in names.find(text.value, text.form, text.name):
        for service in backends.named(mention, actor.manifest):
            yield from arrived(mention, service, backends, names)


def arrived(
    mention: Mention, service: Service, backends: Backends, names: ServiceNames, depth: int = 0
) -> Iterator[Endpoint]:
    """The ports that a mention of a Service arrives at; an ExternalName may stand for another."""
    if service.external_name and depth < 3:
        for other in names.find(f"http://{service.external_name}", "host"):
            for found in backends.named(other, service.manifest):
                further = Mention(other.service, other.namespace, port=mention.port)
                yield from arrived(further, found, backends, names, depth + 1)
        return
    known = service.chosen(mention.port)
    if mention.is_weak and not known and not service.is_headless:
        return
    for actor in backends.behind(service):
        if mention.pod is None or mention.is_full or _is_pod(mention.pod, actor):
            yield from endpoints(service, actor, mention.port)


def _is_pod(name: str, actor: Actor) -> bool:
    """Whether a name is that of a StatefulSet's pod."""
    stem, _, number = name.rpartition("-")
    return stem == actor.name and number.isdigit()


def _among_peers(
    actors: Sequence[Actor], backends: Backends
) -> Iterator[tuple[Actor, Endpoint, Evidence]]:
    """What the pods of one workload say to each other, where they are made to.

    A StatefulSet, a headless Service in front, or ports that are named for it.
    """
    headless = _headless(backends)
    for actor in actors:
        if not actor.is_clustered and actor not in headless:
            continue
        why = "headless Service" if not actor.is_clustered else "its pods know each other"
        said = Evidence(file=actor.file, line=actor.line(("kind",)), what=f"{actor.kind}, {why}")
        for port in actor.workload.ports or ():
            yield actor, Endpoint(actor, port.number, port.protocol), said
        for service in headless.get(actor, ()):
            for endpoint in endpoints(service, actor, None):
                yield actor, endpoint, said


def _headless(backends: Backends) -> dict[Actor, list[Service]]:
    """The headless Services in front of each workload."""
    found: dict[Actor, list[Service]] = {}
    for service in backends.services:
        if service.is_headless:
            for actor in backends.behind(service):
                found.setdefault(actor, []).append(service)
    return found


def _matches(selector: Selector, actor: Actor) -> bool:
    return selector.match(actor.workload.labels, actor.workload.unsure) is True
