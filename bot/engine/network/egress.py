"""What a workload may connect to, where the config asks to restrict that.

A workload of which not every outbound text is understood keeps its freedom. Facts: the pages
"Network Policies", "Using NodeLocal DNSCache" and the clouds' pages on workload identity.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from bot.config.model import Network as Wishes
from bot.engine.network.gate import Decided
from bot.engine.network.peers import Peer, asked, named_namespace, port_of
from bot.kubernetes.network_actor import Actor, Endpoint
from bot.kubernetes.network_edges import Evidence
from bot.kubernetes.network_grants import Draft, Egress, Grant, Outgoing, Survey
from bot.kubernetes.outbound import Outbound, outbound_of
from bot.kubernetes.service_account import Accounts
from bot.kubernetes.workload import as_list, as_mapping

_LINK_LOCAL = "169.254.0.0/16"
_EVERYWHERE = (
    ("0.0.0.0/0", (_LINK_LOCAL,)),
    ("::/0", ("fe80::/10", "fd00:ec2::254/128")),
)
"""All addresses but those of the cloud's metadata."""
_METADATA = (
    ("169.254.169.254/32", ()),
    ("169.254.170.23/32", ()),
    ("169.254.169.252/32", ()),
)
"""Of AWS, GCP and Azure; of EKS Pod Identity; of GKE's metadata server."""
_CLOUD_VARIABLES = ("AWS_", "GOOGLE_", "GCP_", "AZURE_")
_AZURE_LABEL = "azure.workload.identity/use"
_API_PORTS = ((443, "TCP"), (6443, "TCP"))
_DNS_PORTS = ((53, "UDP"), (53, "TCP"))
_DNS_PODS: Peer = {
    "namespaceSelector": named_namespace("kube-system"),
    "podSelector": asked({"matchLabels": {"k8s-app": "kube-dns"}}),
}


def restricted(decided: Decided, survey: Survey, wishes: Wishes) -> tuple[Draft, ...]:
    """The drafts with their egress, where it may be restricted; else with the reason why not."""
    if wishes.egress != "restrict":
        return decided.drafts
    by_source = _by_source(survey)
    hidden = _hidden(decided)
    return tuple(
        _restricted(
            draft,
            survey,
            by_source.get(draft.actor, []),
            (_dns(wishes), *hidden.get(decided.homes.of(draft.actor.place), ())),
        )
        for draft in decided.drafts
    )


def _by_source(survey: Survey) -> dict[Actor, list[Grant]]:
    found: dict[Actor, list[Grant]] = {}
    for edge in survey.inferred.edges:
        grant = Grant(endpoint=edge.endpoint, client=edge.source, evidence=edge.evidence)
        found.setdefault(edge.source, []).append(grant)
    return found


def _hidden(decided: Decided) -> dict[tuple[str, str], tuple[Outgoing, ...]]:
    """By home: the ports that nobody is seen to use. Whoever does must keep reaching them."""
    found: dict[tuple[str, str], list[Endpoint]] = {}
    for endpoint in decided.unexplained:
        found.setdefault(decided.homes.of(endpoint.actor.place), []).append(endpoint)
    return {
        home: (
            Outgoing(
                what="ports of this namespace that nobody is seen to use",
                ports=tuple(sorted({port_of(one) for one in ports}, key=repr)),
                peers=({"podSelector": {}},),
            ),
        )
        for home, ports in found.items()
    }


def _restricted(
    draft: Draft, survey: Survey, edges: Sequence[Grant], always: tuple[Outgoing, ...]
) -> Draft:
    actor, inferred = draft.actor, survey.inferred
    texts = inferred.texts[actor]
    verdict = survey.network.verdict(actor.workload, "Egress")
    if verdict != "none":
        return replace(draft, egress_free="policies that stand already speak of it")
    if texts.unseen:
        source = texts.unseen[0].source
        return replace(draft, egress_free=f"{source}, which it reads, is not in view")
    hosts = list(outbound_of(actor, texts, inferred.backends, inferred.names))
    for one in hosts:
        if one.where == "unknown":
            return replace(draft, egress_free=f"{one.host!r} is not in view ({one.evidence})")
    outgoing = (*always, *_outgoing(actor, survey, hosts))
    return replace(draft, egress=Egress(edges=tuple(edges), outgoing=outgoing))


def _dns(wishes: Wishes) -> Outgoing:
    if wishes.dns == "any":
        return Outgoing(what="DNS, wherever it is", ports=_DNS_PORTS)
    if wishes.dns == "openshift":
        peer: Peer = {"namespaceSelector": named_namespace("openshift-dns")}
        ports = (*_DNS_PORTS, (5353, "UDP"), (5353, "TCP"))
        return Outgoing(what="DNS", ports=ports, peers=(peer,))
    return Outgoing(
        what="DNS, of the cluster and of the node (NodeLocal DNSCache)",
        ports=_DNS_PORTS,
        peers=(_DNS_PODS,),
        blocks=(("169.254.20.10/32", ()),),
    )


def _outgoing(actor: Actor, survey: Survey, hosts: Sequence[Outbound]) -> Iterator[Outgoing]:
    api = [one.evidence for one in hosts if one.where == "api"]
    if api or _uses_api(actor, survey):
        yield Outgoing(
            what="the API server", ports=_API_PORTS, blocks=_EVERYWHERE, evidence=tuple(api)
        )
    yield from _internet(one for one in hosts if one.where == "internet")
    for name, found in _grouped((o.host, o) for o in hosts if o.where == "address").items():
        block = (f"{name.strip('[]')}/{128 if ':' in name else 32}", ())
        yield Outgoing(what=name, ports=_ports(found), blocks=(block,), evidence=_said(found))
    spaces = ((_namespace(one.host), one) for one in hosts if one.where == "namespace")
    for name, found in _grouped(spaces).items():
        peer: Peer = {"namespaceSelector": named_namespace(name)}
        what = f"Services of the namespace {name} that are not in view"
        yield Outgoing(what=what, ports=(), peers=(peer,), evidence=_said(found))
    said = _cloud(actor, survey)
    if said is not None:
        ports, what = ((80, "TCP"), (988, "TCP")), "the cloud's metadata"
        yield Outgoing(what=what, ports=ports, blocks=_METADATA, evidence=said)
        what = "the cloud's interfaces"
        yield Outgoing(what=what, ports=((443, "TCP"),), blocks=_EVERYWHERE, evidence=said)


def _internet(hosts: Iterable[Outbound]) -> Iterator[Outgoing]:
    """One rule for each port: a policy cannot name hosts. One without a port is for all."""
    by_port: dict[int | None, list[Outbound]] = {}
    for one in hosts:
        by_port.setdefault(one.port, []).append(one)
    for port, found in sorted(by_port.items(), key=lambda row: row[0] or 0):
        names = ", ".join(sorted({one.host for one in found})[:5])
        ports = () if port is None else ((port, "TCP"),)
        yield Outgoing(what=names, ports=ports, blocks=_EVERYWHERE, evidence=_said(found))


def _grouped(pairs: Iterable[tuple[str, Outbound]]) -> dict[str, list[Outbound]]:
    found: dict[str, list[Outbound]] = {}
    for name, one in sorted(pairs, key=lambda pair: (pair[0], pair[1].port or 0)):
        found.setdefault(name, []).append(one)
    return found


def _ports(found: Sequence[Outbound]) -> tuple[tuple[int, str], ...]:
    """The ports, none where one is not known: that is all of them."""
    numbers = {one.port for one in found}
    return () if None in numbers else tuple((port, "TCP") for port in sorted(filter(None, numbers)))


def _said(found: Iterable[Outbound]) -> tuple[Evidence, ...]:
    return tuple(sorted({one.evidence for one in found}))


def _namespace(host: str) -> str:
    labels = host.split(".")
    return labels[labels.index("svc", 2) - 1]


def _uses_api(actor: Actor, survey: Survey) -> bool:
    """Whether a binding in view gives its account rights that only a client of the API needs."""
    return survey.view.derived(Accounts).is_bound(actor.place, _account(actor))


def _account(actor: Actor) -> str:
    spec = actor.spec
    return str(spec.get("serviceAccountName") or spec.get("serviceAccount") or "default")


def _cloud(actor: Actor, survey: Survey) -> tuple[Evidence, ...] | None:
    """What says that the workload has an identity of a cloud; None where nothing does."""
    if survey.view.derived(Accounts).has_identity(actor.place, _account(actor)):
        what = f"ServiceAccount {_account(actor)} has an identity of a cloud"
        return (Evidence(file=actor.file, line=actor.line(actor.path), what=what),)
    if str(_labels(actor).get(_AZURE_LABEL)).lower() == "true":
        return (Evidence(file=actor.file, line=actor.line(actor.path), what=_AZURE_LABEL),)
    for path, container in actor.containers:
        for index, entry in enumerate(map(as_mapping, as_list(container.get("env")))):
            name = str(entry.get("name") or "")
            if name.startswith(_CLOUD_VARIABLES):
                line = actor.line((*path, "env", index))
                return (Evidence(file=actor.file, line=line, what=f"env {name}"),)
    return None


def _labels(actor: Actor) -> Mapping[str, object]:
    return as_mapping(actor.pod_metadata.get("labels"))
