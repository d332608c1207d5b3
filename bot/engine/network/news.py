"""What a change does to who may talk to whom: edges that it cuts, and doors that it opens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.engine.fingerprint import fingerprint
from bot.engine.network.proof import is_cut
from bot.kubernetes.network_actor import Actor
from bot.kubernetes.network_change import Change, difference
from bot.kubernetes.network_edges import Edge, reached
from bot.kubernetes.network_grants import Survey
from bot.kubernetes.network_parts import Address, End, Workload
from bot.model.network_review import NetworkNews, NewsKind

_Id = tuple[str | None, str, str]
_OUTSIDE = "the outside of the cluster"
_MOST = 5


def news(before: Survey, after: Survey) -> tuple[NetworkNews, ...]:
    """What became of edges and of closed ports, each once, in a fixed order."""
    found = [*_cut(before, after), *_lost(before, after), *_opened(before, after)]
    unique = {one.fingerprint: one for one in found}
    return tuple(sorted(unique.values(), key=lambda one: (one.kind, one.target, one.source)))


def identity_of(actor: Actor) -> _Id:
    """What a workload is called before and after."""
    return actor.place.namespace, actor.kind, actor.name


def _cut(before: Survey, after: Survey) -> Iterator[NetworkNews]:
    """Edges that policies block now, and did not before."""
    blocked = {_key(edge) for edge in before.inferred.edges if is_cut(edge, before.network)}
    stood = {_pair(edge) for edge in before.inferred.edges}
    for edge in after.inferred.edges:
        if not is_cut(edge, after.network) or _key(edge) in blocked:
            continue
        if _pair(edge) in stood and all(
            key in blocked for key in map(_key, before.inferred.edges) if key[:2] == _pair(edge)
        ):
            continue  # another port of a pair that could not talk before either
        names = _policies(edge, after)
        yield _news("cut", edge, f"{'; '.join(map(str, edge.evidence[:2]))}; blocked by {names}")


def _policies(edge: Edge, survey: Survey) -> str:
    """The policies that isolate either end."""
    network = survey.network
    chosen = (
        *network.selected(edge.target.workload, "Ingress").sure,
        *network.selected(edge.source.workload, "Egress").sure,
    )
    return ", ".join(dict.fromkeys(policy.name for policy in chosen)) or "a policy"


def _lost(before: Survey, after: Survey) -> Iterator[NetworkNews]:
    """Addresses that led to a workload, still stand there, and lead to it no more."""
    present = {identity_of(actor): actor for actor in after.inferred.actors}
    remaining = {_pair(edge) for edge in after.inferred.edges}
    for edge in before.inferred.edges:
        source = present.get(identity_of(edge.source))
        there = identity_of(edge.target) in present
        if source is None or not there or edge.source is edge.target or _pair(edge) in remaining:
            continue
        kept = {(text.origin, text.value) for text in after.inferred.texts[source].found}
        for text in before.inferred.texts[edge.source].found:
            if (text.origin, text.value) in kept and edge.endpoint in reached(
                text, edge.source, before.inferred.backends, before.inferred.names
            ):
                reason = f"{text.origin} still names it, and no Service leads there any more"
                yield _news("lost", edge, reason)
                break


def _opened(before: Survey, after: Survey) -> Iterator[NetworkNews]:
    """Ports of workloads that stood before, for whom they were closed and are open now."""
    stood = {identity_of(actor) for actor in before.inferred.actors}
    actors = [actor for actor in after.inferred.actors if identity_of(actor) in stood]
    seen = {_key(edge) for edge in after.inferred.edges}
    by_workload = {id(actor.workload): actor for actor in actors}
    changes = difference(before.network, after.network, [actor.workload for actor in actors])
    for change in changes:
        target = by_workload.get(id(change.target))
        if change.opened and target is not None:
            yield from _opening(change, target, by_workload, seen)


def _opening(
    change: Change,
    target: Actor,
    actors: dict[int, Actor],
    seen: set[tuple[_Id, _Id, int | str | None]],
) -> Iterator[NetworkNews]:
    """One door: for whom, where nobody is seen to need it."""
    port = "other ports" if change.port is None else str(change.port)
    free = [
        end
        for end in change.opened
        if isinstance(end, Address)
        or (identity_of(actors[id(end)]), identity_of(target), change.port) not in seen
    ]
    if not free:
        return
    names = [_named(end) for end in free]
    who = _OUTSIDE if _OUTSIDE in names else ", ".join(names[:_MOST])
    more = len(names) - _MOST
    who += f" and {more} more" if more > 0 and who != _OUTSIDE else ""
    subject = f"{identity_of(target)}{sorted(names)}"
    yield NetworkNews(
        kind="opened",
        source=who,
        target=target.name,
        port=f"{port}/{change.protocol}",
        reason="it was closed before, and nobody is seen to need it",
        fingerprint=fingerprint("network-opened", subject, f"{port}/{change.protocol}"),
    )


def _named(end: End) -> str:
    return end.name if isinstance(end, Workload) else _OUTSIDE


def _news(kind: NewsKind, edge: Edge, reason: str) -> NetworkNews:
    return NetworkNews(
        kind=kind,
        source=edge.source.name,
        target=edge.target.name,
        port=f"{edge.endpoint.port}/{edge.endpoint.protocol}",
        reason=reason,
        fingerprint=fingerprint(f"network-{kind}", str(_pair(edge)), str(edge.endpoint.port)),
    )


def _pair(edge: Edge) -> tuple[_Id, _Id]:
    return identity_of(edge.source), identity_of(edge.target)


def _key(edge: Edge) -> tuple[_Id, _Id, int | str | None]:
    return (*_pair(edge), edge.endpoint.port)


def added(before: Survey, after: Survey) -> frozenset[Actor]:
    """The workloads that a change brings."""
    stood: Iterable[_Id] = {identity_of(actor) for actor in before.inferred.actors}
    return frozenset(actor for actor in after.inferred.actors if identity_of(actor) not in stood)
