"""The policies that manifests want: decided, drafted, named, and proved by the evaluator."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, count

from bot.config.model import Network as Wishes
from bot.engine.network.draft import document, header
from bot.engine.network.egress import restricted
from bot.engine.network.gate import Decided, decide
from bot.engine.network.proof import broken, cut
from bot.kubernetes.kustomization import folder_of
from bot.kubernetes.namespace import Namespaces, Place
from bot.kubernetes.network_actor import Actor
from bot.kubernetes.network_grants import Declined, Draft, Grant, Planned, Survey, Written
from bot.kubernetes.network_parts import Policy, policy_of
from bot.kubernetes.network_policy import Network
from bot.kubernetes.surroundings import Surroundings
from bot.yamlpatch import Value

SUFFIX = ".networkpolicy.yaml"
_NO_NAME = re.compile(r"[^a-z0-9.-]+")
_LONGEST = 253
_DENY = "default-deny"
_DENY_COMMENT = """\
Whatever no other policy of this namespace allows is denied (podsec policies). podsec writes this
only where it has seen every workload of the namespace, and who connects to each."""


def plan(survey: Survey, wishes: Wishes, files: Collection[str] | None = None) -> Planned:
    """Policies for the workloads of some manifests under a config's wishes.

    Of `files` alone, where some are given. The same manifests give the same policies, in order of
    file and name.
    """
    decided = decide(survey)
    asked = [one for one in restricted(decided, survey, wishes) if _is_of(one.actor, files)]
    drafts = _merged(asked)
    declined = [one for one in decided.declined if _is_of(one.actor, files)]
    written = _written(drafts, survey, wishes)
    after = _with(survey.network, written.values())
    for draft, reason in list(broken(drafts, after, wishes)):  # the last resort
        declined.append(Declined(actor=draft.actor, why="advice", reason=reason))
        del written[draft.actor]
    kept = tuple(draft for draft in drafts if draft.actor in written)
    whole = [*written.values(), *_denials(decided, kept, survey, wishes)]
    after = _with(survey.network, whole)
    return Planned(
        survey=survey,
        drafts=kept,
        declined=tuple(declined),
        written=tuple(sorted(whole, key=lambda one: one.path)),
        after=after,
        cut=cut(survey, after),
    )


def _is_of(actor: Actor, files: Collection[str] | None) -> bool:
    return files is None or actor.file in files


def _merged(drafts: Iterable[Draft]) -> tuple[Draft, ...]:
    """One draft for an object that stands in several files, with the grants of all."""
    found: dict[tuple[Place, str, str], Draft] = {}
    for draft in drafts:
        actor = draft.actor
        key = (actor.place, actor.kind, actor.name)
        first = found.get(key)
        if first is None:
            found[key] = draft
        else:
            moved = (_moved(grant, first.actor) for grant in draft.grants)
            found[key] = replace(first, grants=(*first.grants, *moved))
    return tuple(found.values())


def _moved(grant: Grant, actor: Actor) -> Grant:
    return replace(grant, endpoint=grant.endpoint._replace(actor=actor))


def _written(drafts: Sequence[Draft], survey: Survey, wishes: Wishes) -> dict[Actor, Written]:
    names = _Names(survey.network.policies)
    known = survey.network.namespaces
    found: dict[Actor, Written] = {}
    for draft in drafts:
        actor = draft.actor
        name = names.free(actor)
        value, notes = document(draft, name, known, wishes)
        found[actor] = Written(
            name=name,
            path=names.path(actor, name),
            document=value,
            comment=header(draft),
            notes=notes,
            beside=actor.file,
            actor=actor,
        )
    return found


class _Names:
    """The names of policies that are free: by namespace, and by folder, where their files go."""

    def __init__(self, policies: Iterable[Policy]) -> None:
        self._taken = {(policy.place, policy.name) for policy in policies}
        self._files: set[str] = set()

    def free(self, actor: Actor) -> str:
        """A name for the policy of a workload: its own, or one with its kind."""
        stem = _plain(actor.name)
        kind = actor.kind.lower()
        wishes = chain((stem, f"{stem}-{kind}"), (f"{stem}-{kind}-{n}" for n in count(2)))
        place = actor.place
        name = next(wish for wish in wishes if (place, wish) not in self._taken)
        self._taken.add((place, name))
        return name

    def path(self, actor: Actor, name: str) -> str:
        """The file beside the workload; of equal names the second says its namespace."""
        folder = f"{folder_of(actor.file)}/".lstrip("/")
        space = _plain(actor.place.namespace or "")
        stems = chain((name, f"{name}.{space}"), (f"{name}.{n}" for n in count(2)))
        path = next(
            path for stem in stems if (path := f"{folder}{stem}{SUFFIX}") not in self._files
        )
        self._files.add(path)
        return path


def _plain(name: str) -> str:
    """A name of an object, and of a file, whatever a manifest says (RFC 1123)."""
    return _NO_NAME.sub("-", name.lower()).strip("-.")[: _LONGEST - 40].strip("-.") or "workload"


def _with(network: Network, written: Iterable[Written]) -> Network:
    """The network with new policies."""
    more = (policy_of(one.document, _place(one)) for one in written)
    return network.with_policies(more)


def _place(one: Written) -> Place:
    metadata = one.document["metadata"]
    space = metadata.get("namespace") if isinstance(metadata, Mapping) else None
    return Place(space if isinstance(space, str) else None, folder_of(one.path))


def _denials(
    decided: Decided, drafts: Sequence[Draft], survey: Survey, wishes: Wishes
) -> Iterator[Written]:
    """A policy that denies the rest, for each namespace of which everything is known."""
    if wishes.default_deny != "namespace":
        return
    drafted = {draft.actor: draft for draft in drafts}
    covered = {one.actor for one in decided.declined if one.why == "covered"}
    for manifest in survey.namespaces:
        name, known = manifest.name, survey.network.namespaces
        inside = [a for a in survey.inferred.actors if name in _namespaces(a.place, known)]
        drafts_inside = [drafted[actor] for actor in inside if actor in drafted]
        place = Place(name, folder_of(manifest.file))
        seen = all(actor in drafted or actor in covered for actor in inside)
        hidden = {endpoint.actor for endpoint in decided.unexplained}
        closed = survey.view.derived(Surroundings).is_closed(place)
        if not inside or not seen or hidden & set(inside) or not closed or _denied(survey, place):
            continue
        strict = all(draft.egress is not None for draft in drafts_inside)
        types: list[Value] = ["Ingress", "Egress"] if drafts_inside and strict else ["Ingress"]
        yield Written(
            name=_DENY,
            path=f"{place.folder}/{_plain(name)}.{_DENY}{SUFFIX}".lstrip("/"),
            document={
                "apiVersion": "networking.k8s.io/v1",
                "kind": "NetworkPolicy",
                "metadata": {"name": _DENY, "namespace": name},
                "spec": {"podSelector": {}, "policyTypes": types},
            },
            comment=_DENY_COMMENT,
            notes={},
            beside=manifest.file,
        )


def _namespaces(place: Place, known: Namespaces) -> frozenset[str]:
    if place.namespace is not None:
        return frozenset({place.namespace})
    return known.kustomizations.namespaces(place.folder)


def _denied(survey: Survey, place: Place) -> bool:
    """Whether a policy selects the whole namespace already."""
    return any(
        policy.place.namespace == place.namespace and policy.selector.is_empty
        for policy in survey.network.policies
    )
