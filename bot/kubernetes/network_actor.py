"""Workloads as those who connect and are connected to, and the Services in front of them.

Facts: the pages "Service" and "Labels and Selectors"; core/v1 ServiceSpec, apps/v1 selectors.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from bot.kubernetes.kustomization import folder_of
from bot.kubernetes.namespace import Place
from bot.kubernetes.network_parts import Workload
from bot.kubernetes.network_view import workload
from bot.kubernetes.selector import Selector, equality_of, labels_of, selector_of
from bot.kubernetes.workload import CONTAINER_LISTS, as_list, as_mapping, dig, reach
from bot.model.manifest import Manifest
from bot.yamlpatch import Path, Value

# labels that differ from pod to pod, or change with each release: a policy must not ask for them
_VOLATILE = (
    "pod-template-hash",
    "controller-revision-hash",
    "controller-uid",
    "job-name",
    "batch.kubernetes.io/",
    "statefulset.kubernetes.io/",
    "helm.sh/chart",
    "app.kubernetes.io/version",
    "app.kubernetes.io/managed-by",
)
# kinds that have no selector of their own, or one that the API server makes up
_WITHOUT_SELECTOR = frozenset({"Pod", "Job", "CronJob"})
_NUMBER = re.compile(r"[0-9]{1,5}")
_PEER_WORDS = ("peer", "cluster", "gossip", "raft", "epmd", "serf", "jgroups", "replication")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Actor:
    """A workload that policies are made for; `selector` is how a policy names its pods."""

    manifest: Manifest
    path: Path
    """Where its pod spec stands below the object."""
    workload: Workload
    selector: Mapping[str, Value]
    """A LabelSelector (meta/v1); empty where it has no label that lasts."""

    @property
    def kind(self) -> str:
        """Its kind."""
        return self.manifest.kind

    @property
    def name(self) -> str:
        """Its name."""
        return self.manifest.name

    @property
    def file(self) -> str:
        """The file that it stands in."""
        return self.manifest.file

    @property
    def place(self) -> Place:
        """Where it goes."""
        return self.workload.place

    @property
    def spec(self) -> Mapping[str, Any]:
        """Its pod spec."""
        return as_mapping(reach(self.manifest.data, self.path))

    @property
    def pod_metadata(self) -> Mapping[str, Any]:
        """The metadata of its pods; a Pod's own."""
        return as_mapping(reach(self.manifest.data, (*self.path[:-1], "metadata")))

    @property
    def containers(self) -> Iterator[tuple[Path, Mapping[str, Any]]]:
        """Its containers, init and ephemeral ones too, with their paths below the object."""
        for which in CONTAINER_LISTS:
            for index, one in enumerate(as_list(self.spec.get(which))):
                if isinstance(one, Mapping):
                    yield (*self.path, which, index), one

    @property
    def is_clustered(self) -> bool:
        """Whether its pods are made to know each other: a StatefulSet, or ports of such a name."""
        ports = self.workload.ports or ()
        words = (word in port.name for port in ports for word in _PEER_WORDS)
        return self.kind == "StatefulSet" or any(words)

    def line(self, path: Path) -> int:
        """The line of a field below the object, or of what is nearest to it."""
        return line_of(self.manifest, path)


class Endpoint(NamedTuple):
    """A port of a workload; a name where its containers do not say which number that is."""

    actor: Actor
    port: int | str
    protocol: str


class ServicePort(NamedTuple):
    """A port of a Service, and the port of the pods that it leads to."""

    name: str
    number: int
    target: int | str
    protocol: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Service:
    """A Service; without a selector it leads to no pod that could be known."""

    manifest: Manifest
    place: Place
    selector: Selector
    ports: tuple[ServicePort, ...]

    @property
    def name(self) -> str:
        """Its name."""
        return self.manifest.name

    @property
    def is_headless(self) -> bool:
        """Whether clients connect to the pods themselves."""
        return bool(dig(self.manifest.data, "spec.clusterIP") == "None")

    @property
    def external_name(self) -> str:
        """The name that it stands for, where that is all it does."""
        spec = as_mapping(self.manifest.data.get("spec"))
        return str(spec.get("externalName") or "") if spec.get("type") == "ExternalName" else ""

    @property
    def is_outside(self) -> bool:
        """Whether clients outside the cluster reach it."""
        spec = as_mapping(self.manifest.data.get("spec"))
        return spec.get("type") in ("LoadBalancer", "NodePort") or bool(spec.get("externalIPs"))

    @property
    def labels(self) -> Mapping[str, str]:
        """Its own labels."""
        return labels_of(dig(self.manifest.data, "metadata.labels"))

    def chosen(self, wanted: int | str | None) -> tuple[ServicePort, ...]:
        """The ports of that number or name; all of them where none is asked for."""
        if wanted is None:
            return self.ports
        return tuple(port for port in self.ports if wanted in (port.number, port.name))


def actors_in(manifests: Iterable[Manifest]) -> tuple[Actor, ...]:
    """The workloads of some manifests, in their order; a PodTemplate is no workload yet."""
    return tuple(
        _actor(manifest, pod.path)
        for manifest in manifests
        for pod in manifest.pods
        if pod.is_whole and manifest.kind != "PodTemplate"
    )


def services_in(manifests: Iterable[Manifest]) -> tuple[Service, ...]:
    """The Services of some manifests, in their order."""
    return tuple(
        _service(manifest)
        for manifest in manifests
        if manifest.kind == "Service" and manifest.api_version == "v1"
    )


def place_of_manifest(manifest: Manifest) -> Place:
    """Where a manifest goes."""
    return Place(manifest.namespace, folder_of(manifest.file))


def line_of(manifest: Manifest, path: Path) -> int:
    """The line of a field of a manifest, or of what is nearest to it; from 1."""
    return manifest.stream.locate(manifest.document, (*manifest.base, *path))[0].line


def port_in(value: Any) -> int | str | None:
    """A port as manifests write it: a number, a number as text, or a name; None for all else."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return int(value)
    return value if isinstance(value, int | str) and value else None


def endpoints(service: Service, actor: Actor, wanted: int | str | None) -> Iterator[Endpoint]:
    """The ports of a workload that clients of a Service arrive at.

    `wanted` is the number or name that a client asks for. Clients of a headless Service arrive at
    the very port that they ask for, whatever the Service says.
    """
    for port in service.chosen(wanted):
        yield Endpoint(actor, _number(actor, port), port.protocol)
    if service.is_headless and isinstance(wanted, int):
        protocols = {port.protocol for port in service.chosen(wanted)} or {"TCP"}
        yield from (Endpoint(actor, wanted, protocol) for protocol in sorted(protocols))


def _number(actor: Actor, port: ServicePort) -> int | str:
    """A named port as a number, where all containers that have it agree."""
    if isinstance(port.target, int):
        return port.target
    numbers = {
        one.number
        for one in actor.workload.ports or ()
        if (one.name, one.protocol) == (port.target, port.protocol)
    }
    return numbers.pop() if len(numbers) == 1 else port.target


def _actor(manifest: Manifest, path: Path) -> Actor:
    labels = as_mapping(reach(manifest.data, (*path[:-1], "metadata", "labels")))
    known = workload(
        name=manifest.name,
        kind=manifest.kind,
        place=place_of_manifest(manifest),
        labels=labels,
        spec=as_mapping(reach(manifest.data, path)),
    )
    return Actor(
        manifest=manifest, path=path, workload=known, selector=_selector(manifest, known.labels)
    )


def _selector(manifest: Manifest, labels: Mapping[str, str]) -> dict[str, Value]:
    """The workload's own selector, which it keeps for life; else the labels that last."""
    own = dig(manifest.data, "spec.selector")
    if manifest.kind not in _WITHOUT_SELECTOR and isinstance(own, Mapping) and own:
        is_old = not {"matchLabels", "matchExpressions"} & own.keys()
        written: dict[str, Any] = {"matchLabels": own} if is_old else dict(own)
        if selector_of(written).match(labels):
            return _written(written)
    lasting = {key: value for key, value in labels.items() if not key.startswith(_VOLATILE)}
    return {"matchLabels": dict(lasting)} if lasting else {}


def _written(selector: Mapping[str, Any]) -> dict[str, Value]:
    """The selector with its labels as text, without what is empty."""
    found: dict[str, Value] = {}
    if pairs := labels_of(selector.get("matchLabels")):
        found["matchLabels"] = dict(pairs)
    if expressions := as_list(selector.get("matchExpressions")):
        found["matchExpressions"] = list(expressions)
    return found


def _service(manifest: Manifest) -> Service:
    spec = as_mapping(manifest.data.get("spec"))
    listed = map(as_mapping, as_list(spec.get("ports")))
    outside = spec.get("type") == "ExternalName"
    return Service(
        manifest=manifest,
        place=place_of_manifest(manifest),
        selector=Selector(is_valid=False) if outside else equality_of(spec.get("selector")),
        ports=tuple(_port(port) for port in listed if isinstance(port.get("port"), int)),
    )


def _port(port: Mapping[str, Any]) -> ServicePort:
    number, target = int(port["port"]), port.get("targetPort")
    return ServicePort(
        name=str(port.get("name") or ""),
        number=number,
        target=port_in(target) or number,
        protocol=str(port.get("protocol") or "TCP"),
    )
