"""Why one workload may, or may not, reach another: both sides, before and after, with evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.formats.plain import visible
from bot.kubernetes.network_actor import Actor
from bot.kubernetes.network_grants import Planned
from bot.kubernetes.network_parts import Address, End
from bot.kubernetes.network_policy import Network, Side

_ANSWERS = {True: "yes", False: "no", None: "not known"}


def explain(
    planned: Planned, source: Actor | None, target: Actor, ports: Sequence[tuple[int, str]]
) -> str:
    """An answer for each port; without a source: from outside the cluster."""
    lines: list[str] = []
    for number, protocol in ports:
        who = source.name if source is not None else "outside"
        lines.append(f"{who} -> {target.name}, port {number} {protocol}")
        asked = source, target, number, protocol
        before, after = _answers(planned.survey.network, *asked), _answers(planned.after, *asked)
        if before == after:
            lines += [f"  {before[0]}, as before", *before[1:]]
        else:
            lines += [f"  before: {before[0]}", *before[1:], f"  after: {after[0]}", *after[1:]]
        lines += _evidence(planned, *asked)
    return "".join(f"{visible(line)}\n" for line in lines)


def _answers(
    network: Network, source: Actor | None, target: Actor, number: int, protocol: str
) -> list[str]:
    """Yes or no, and what either side says."""
    start: End = source.workload if source is not None else Address()
    found = network.connection(start, target.workload, number, protocol)
    lines = [_ANSWERS[found.allowed]]
    if source is not None:
        lines.append(f"    {source.name}, egress: {_side(found.egress)}")
    lines.append(f"    {target.name}, ingress: {_side(found.ingress)}")
    return lines


def _side(side: Side) -> str:
    if side.isolated is False:
        return "no policy selects it, so all is allowed"
    names = ", ".join(dict.fromkeys(side.policies))
    if side.allowed is None:
        return f"not known; {names} may select it" if names else "not known"
    if side.allowed:
        return f"allowed by {', '.join(dict.fromkeys(side.allowing))}"
    return f"not allowed by {names}"


def _evidence(
    planned: Planned, source: Actor | None, target: Actor, number: int, protocol: str
) -> Iterator[str]:
    """What was inferred of the pair."""
    inferred = planned.survey.inferred
    said = [
        evidence
        for edge in inferred.edges
        if edge.source is source and edge.endpoint == (target, number, protocol)
        for evidence in edge.evidence
    ]
    exposed = [
        evidence
        for one in inferred.exposures
        if one.endpoint == (target, number, protocol)
        for evidence in one.evidence
    ]
    for evidence in (*said, *exposed):
        yield f"  seen in  {evidence}"
    if source is not None and not said:
        yield f"  no manifest shows that {source.name} uses this port"
    for one in planned.declined:
        if one.actor is target:
            yield f"  {target.name} gets no policy: {one.reason}"
