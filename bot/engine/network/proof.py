"""That new policies let through all that was inferred: asked of the evaluator, edge by edge."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.config.model import Network as Wishes
from bot.kubernetes.namespace import Place
from bot.kubernetes.network_actor import Actor, Endpoint
from bot.kubernetes.network_edges import Edge
from bot.kubernetes.network_grants import Client, Draft, Survey
from bot.kubernetes.network_parts import Address, End, Workload
from bot.kubernetes.network_policy import Network
from bot.kubernetes.selector import Answer

# a pod of a namespace that no manifest speaks of
_STRANGER = "podsec-a-namespace-of-nobody"


def broken(drafts: Iterable[Draft], after: Network, wishes: Wishes) -> Iterator[tuple[Draft, str]]:
    """The drafts that would block what they are to allow, each with what: none, but for a bug."""
    for draft in drafts:
        reason = next(_blocked(draft, after, wishes), None)
        if reason is not None:
            yield draft, reason


def _blocked(draft: Draft, after: Network, wishes: Wishes) -> Iterator[str]:
    for grant in draft.grants:
        source = _end(grant.client, draft.actor, wishes)
        if _side(after, source, grant.endpoint, "Ingress") is False:
            yield f"it would block port {grant.endpoint.port}"
    for grant in draft.egress.edges if draft.egress else ():
        if _side(after, draft.actor.workload, grant.endpoint, "Egress") is False:
            yield f"it would block its way to {grant.endpoint.actor.name}"


def cut(survey: Survey, network: Network) -> tuple[Edge, ...]:
    """The inferred edges that policies block for sure."""
    return tuple(edge for edge in survey.inferred.edges if is_cut(edge, network))


def is_cut(edge: Edge, network: Network) -> bool:
    """Whether policies block an inferred edge for sure."""
    sides = (
        _side(network, edge.source.workload, edge.endpoint, side) for side in ("Ingress", "Egress")
    )
    return False in sides


def _side(network: Network, source: End, endpoint: Endpoint, side: str) -> Answer:
    number = _number(endpoint)
    if number is None:
        return None  # a name that no container knows: the Service leads nowhere either
    target = endpoint.actor.workload
    found = network.connection(source, target, number, endpoint.protocol)
    return found.ingress.allowed if side == "Ingress" else found.egress.allowed


def _number(endpoint: Endpoint) -> int | None:
    if isinstance(endpoint.port, int):
        return endpoint.port
    return endpoint.actor.workload.number(endpoint.port, endpoint.protocol)


def _end(client: Client, target: Actor, wishes: Wishes) -> End:
    """Somebody whom a client stands for."""
    if isinstance(client, Actor):
        return client.workload
    if client == "anyone" or (client == "cluster" and wishes.exposure == "any"):
        return Address()
    if client == "namespace":
        return Workload(name="", place=target.place, labels={})
    monitoring = wishes.monitoring_namespace if client == "monitoring" else None
    return Workload(name="", place=Place(monitoring or _STRANGER, ""), labels={})
