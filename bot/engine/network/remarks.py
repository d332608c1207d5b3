"""Workloads that a change brings without a policy, each with its clients."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.engine.fingerprint import fingerprint, identity
from bot.engine.network.draft import called
from bot.kubernetes.network_actor import Actor
from bot.kubernetes.network_grants import Draft, Planned
from bot.model.change import ChangedFile, ChangeSet
from bot.model.finding import Finding
from bot.model.network_review import Client, NetworkRemark

RULE = "unrestricted-network"
"""The rule whose findings are spoken of here: what it is told to ignore stays unsaid."""


def remarks(
    planned: Planned, findings: Iterable[Finding], changes: ChangeSet, new: frozenset[Actor]
) -> tuple[NetworkRemark, ...]:
    """A remark for each finding of the rule on a workload that the change brings."""
    actors = {(one.file, one.kind, one.place.namespace, one.name): one for one in new}
    drafts = {draft.actor: draft for draft in planned.drafts}
    reasons = {one.actor: one.reason for one in planned.declined}
    found: list[NetworkRemark] = []
    for finding in findings:
        key = (finding.file, finding.kind, finding.namespace, finding.name)
        actor, file = actors.get(key), changes.file(finding.file)
        line = _line(actor, file) if actor is not None and file is not None else None
        if actor is not None and line is not None:
            found.append(
                NetworkRemark(
                    path=actor.file,
                    line=line,
                    kind=actor.kind,
                    name=actor.name,
                    clients=tuple(_clients(drafts[actor])) if actor in drafts else (),
                    declined="" if actor in drafts else reasons.get(actor, "podsec proposes none"),
                    fingerprint=_fingerprint(actor),
                )
            )
    return tuple(found)


def _line(actor: Actor, file: ChangedFile) -> int | None:
    """Where to speak: on the workload's name, as far as the diff shows it."""
    for path in (("metadata", "name"), ("kind",), ("spec",)):
        line = actor.line(path)
        if file.touches(line, line):
            return line
    return None


def _clients(draft: Draft) -> Iterator[Client]:
    for grant in draft.grants:
        yield Client(
            name=called(grant),
            port=f"{grant.endpoint.port}/{grant.endpoint.protocol}",
            evidence="; ".join(map(str, grant.evidence[:2])),
        )


def _fingerprint(actor: Actor) -> str:
    subject = identity(
        file=actor.file,
        kind=actor.kind,
        namespace=actor.place.namespace,
        name=actor.name,
        container="",
    )
    return fingerprint("network-policy", subject, "")
