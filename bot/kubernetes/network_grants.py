"""Whom a generated policy lets in and out, each with what it rests on; and why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bot.kubernetes.network_actor import Actor, Endpoint
from bot.kubernetes.network_change import Change, difference
from bot.kubernetes.network_edges import Edge, Evidence, Reach
from bot.kubernetes.network_inference import Inferred
from bot.kubernetes.network_policy import Network
from bot.kubernetes.view import View
from bot.model.manifest import Manifest
from bot.yamlpatch import Path, Value

Client: TypeAlias = Actor | Reach | Literal["namespace"]
"""A workload, or all of the namespace, the cluster, what scrapes, or anyone at all."""
Why = Literal["covered", "open", "unknown", "advice"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grant:
    """A client may connect to a port."""

    endpoint: Endpoint
    client: Client
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outgoing:
    """What a workload may connect to besides workloads in view; without peers or blocks: anything.

    `ports` are numbers with their protocols.
    """

    what: str
    ports: tuple[tuple[int | str, str], ...]
    peers: tuple[Mapping[str, Value], ...] = ()
    """Pods, as the API writes peers."""
    blocks: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Ranges of addresses, each with the ranges that are excepted."""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Egress:
    """What a workload whose egress is restricted may connect to."""

    edges: tuple[Grant, ...] = ()
    """To workloads: the grants that let it in there."""
    outgoing: tuple[Outgoing, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draft:
    """A policy for a workload; `egress` is None where that stays free."""

    actor: Actor
    grants: tuple[Grant, ...]
    egress: Egress | None = None
    egress_free: str = ""
    """Why egress stays free, where it was to be restricted."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Declined:
    """A workload that gets no policy, and why."""

    actor: Actor
    why: Why
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Some manifests: what they show, and the policies that stand among them."""

    inferred: Inferred
    network: Network
    view: View
    meshed: frozenset[str] = frozenset()
    """The namespaces that a service mesh takes in."""
    namespaces: tuple[Manifest, ...] = ()
    """The Namespace manifests."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Written:
    """A policy as it is to be written: `actor` is None for one that denies the rest."""

    name: str
    path: str
    document: Mapping[str, Value]
    comment: str
    notes: Mapping[Path, str]
    beside: str
    """The manifest that it belongs to: what lists that is to list the policy."""
    actor: Actor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """New policies for some manifests, proved, and what was left out."""

    survey: Survey
    drafts: tuple[Draft, ...]
    declined: tuple[Declined, ...]
    written: tuple[Written, ...]
    after: Network
    """The policies that stand, and the new ones."""
    cut: tuple[Edge, ...]
    """Inferred edges that policies which stand already do not let through."""

    def changes(self) -> tuple[Change, ...]:
        """The connections that open or close, worked out when asked for."""
        workloads = [actor.workload for actor in self.survey.inferred.actors]
        return tuple(difference(self.survey.network, self.after, workloads))


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """The files of new policies, and the kustomizations that list them."""

    planned: Planned
    policies: Mapping[str, bytes]
    """By path, in order; each is new."""
    kustomizations: Mapping[str, bytes]
    """Those that list the new files, with their whole new text."""
    unlisted: tuple[str, ...] = ()
    """New files that no kustomization lists, though one builds their folder."""
