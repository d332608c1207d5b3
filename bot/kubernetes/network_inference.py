"""All that some manifests show of who talks to whom: workloads, Services, edges, exposures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.kubernetes.namespace import Namespaces
from bot.kubernetes.network_actor import Actor, Service, actors_in, services_in
from bot.kubernetes.network_edges import Backends, Edge, Exposure, edges_of, texts_of
from bot.kubernetes.network_exposure import WAYS_IN, exposures_of
from bot.kubernetes.network_texts import Texts
from bot.kubernetes.service_names import ServiceNames
from bot.kubernetes.text_reader import TextReader
from bot.kubernetes.text_sources import Read
from bot.model.manifest import Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Inferred:
    """What manifests show. What programs have built in, they do not show."""

    actors: tuple[Actor, ...]
    services: tuple[Service, ...]
    edges: tuple[Edge, ...]
    exposures: tuple[Exposure, ...]
    texts: Mapping[Actor, Texts]
    backends: Backends
    names: ServiceNames
    has_way_in: bool
    """Whether any manifest leads clients from outside to a Service, such as an Ingress."""


def infer(manifests: Sequence[Manifest], namespaces: Namespaces, read: Read) -> Inferred:
    """Who talks to whom, as far as the manifests of one tree show; in their order.

    `read` gives other files of the tree, None where there is none.
    """
    actors, services = actors_in(manifests), services_in(manifests)
    backends = Backends(actors, services, namespaces)
    names = ServiceNames(service.name for service in services)
    texts = texts_of(actors, TextReader(manifests, namespaces, read))
    return Inferred(
        actors=actors,
        services=services,
        edges=edges_of(actors, texts, backends, names),
        exposures=exposures_of(manifests, actors, backends, names),
        texts=texts,
        backends=backends,
        names=names,
        has_way_in=any(manifest.kind in WAYS_IN for manifest in manifests),
    )
