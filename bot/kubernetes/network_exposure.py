"""Ports that are reached from elsewhere than from workloads in view, and what says so.

Facts: networking.k8s.io/v1 Ingress; gateway.networking.k8s.io routes; route.openshift.io/v1;
monitoring.coreos.com/v1; admissionregistration.k8s.io/v1; apiregistration.k8s.io/v1;
apiextensions.k8s.io/v1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from bot.kubernetes.network_actor import (
    Actor,
    Endpoint,
    Service,
    endpoints,
    line_of,
    place_of_manifest,
    port_in,
)
from bot.kubernetes.network_edges import Backends, Evidence, Exposure, Reach, arrived
from bot.kubernetes.selector import selector_of
from bot.kubernetes.service_names import Mention, ServiceNames
from bot.kubernetes.workload import as_list, as_mapping, dig
from bot.model.manifest import Manifest
from bot.yamlpatch import Path

_ROUTES = frozenset({"HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute"})
_PROXIES = frozenset({"IngressRoute", "IngressRouteTCP", "IngressRouteUDP", "HTTPProxy"})
_WEBHOOKS = frozenset({"ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"})
WAYS_IN = frozenset({"Ingress", "Route", "VirtualService"}) | _ROUTES | _PROXIES
"""Kinds that lead clients from outside to Services."""
_SCRAPE = re.compile(r"prometheus.*/scrape$")
_METRICS_PORT = 9090
"""np-guard's and Prometheus' own default where an annotation names no port."""
_NO_WORKLOADS = ("", "apps", "batch", "extensions", "policy", "autoscaling")


class _Backend(NamedTuple):
    """A Service that an object leads to: its name, its namespace if it says one, and the port."""

    name: str
    namespace: str | None
    port: int | str | None
    path: Path


_Found = Iterator[tuple[Endpoint, Reach, Evidence]]


def exposures_of(
    manifests: Sequence[Manifest],
    actors: Sequence[Actor],
    backends: Backends,
    names: ServiceNames,
) -> tuple[Exposure, ...]:
    """All exposures, each with all that it rests on."""
    gathered: dict[tuple[Endpoint, Reach], dict[Evidence, None]] = {}
    for found in (
        _of_services(backends),
        _of_actors(actors),
        _of_objects(manifests, backends, names),
        _of_monitors(manifests, actors, backends),
    ):
        for endpoint, reach, said in found:
            gathered.setdefault((endpoint, reach), {})[said] = None
    return tuple(
        Exposure(endpoint=endpoint, reach=reach, evidence=tuple(sorted(said)))
        for (endpoint, reach), said in gathered.items()
    )


def _of_services(backends: Backends) -> _Found:
    for service in backends.services:
        said = _evidence(service.manifest, ("spec",), f"Service {service.name}")
        if service.is_outside:
            kind = str(dig(service.manifest.data, "spec.type") or "externalIPs")
            for endpoint in _behind(backends, service, None):
                yield endpoint, "anyone", _called(said, f"Service {service.name} ({kind})")
        for endpoint in _annotated(service, backends):
            yield endpoint, "monitoring", _called(said, f"Service {service.name}, scrape")
        for port in service.ports:
            if _is_for_metrics(port.name):
                for endpoint in _behind(backends, service, port.number):
                    what = f"Service {service.name}, its port is called {port.name}"
                    yield endpoint, "monitoring", _called(said, what)


def _annotated(service: Service, backends: Backends) -> Iterator[Endpoint]:
    """The ports that a Service's annotations offer to Prometheus."""
    annotations = as_mapping(dig(service.manifest.data, "metadata.annotations"))
    if not _is_scraped(annotations):
        return
    number = _scraped_port(annotations)
    for actor in backends.behind(service):
        if number is not None:
            yield Endpoint(actor, number, "TCP")
        else:
            yield from endpoints(service, actor, None)


def _of_actors(actors: Sequence[Actor]) -> _Found:
    for actor in actors:
        for path, container in actor.containers:
            for index, port in enumerate(map(as_mapping, as_list(container.get("ports")))):
                number, steps = port.get("containerPort"), (*path, "ports", index)
                if isinstance(number, int) and port.get("hostPort"):
                    endpoint = Endpoint(actor, number, str(port.get("protocol") or "TCP"))
                    yield endpoint, "anyone", _evidence(actor.manifest, steps, "hostPort")
        yield from _metrics(actor)


def _metrics(actor: Actor) -> _Found:
    """Ports that are named for metrics, and those that annotations offer to Prometheus."""
    for port in actor.workload.ports or ():
        if _is_for_metrics(port.name):
            said = _evidence(actor.manifest, actor.path, f"its port is called {port.name}")
            yield Endpoint(actor, port.number, port.protocol), "monitoring", said
    annotations = as_mapping(actor.pod_metadata.get("annotations"))
    if not _is_scraped(annotations):
        return
    said = _evidence(actor.manifest, (*actor.path[:-1], "metadata", "annotations"), "annotation")
    number = _scraped_port(annotations)
    declared = [port for port in actor.workload.ports or () if port.protocol == "TCP"]
    for wanted in [number] if number is not None else [port.number for port in declared]:
        yield Endpoint(actor, wanted, "TCP"), "monitoring", said
    if number is None and not declared:
        yield Endpoint(actor, _METRICS_PORT, "TCP"), "monitoring", said


def _is_for_metrics(name: str) -> bool:
    return "metrics" in name or "prometheus" in name


def _is_scraped(annotations: Mapping[str, Any]) -> bool:
    return any(
        _SCRAPE.search(str(key)) and str(value).lower() == "true"
        for key, value in annotations.items()
    )


def _scraped_port(annotations: Mapping[str, Any]) -> int | None:
    for key, value in annotations.items():
        port = port_in(value)
        if str(key).endswith("/port") and "prometheus" in str(key) and isinstance(port, int):
            return port
    return None


def _of_objects(manifests: Sequence[Manifest], backends: Backends, names: ServiceNames) -> _Found:
    for manifest in manifests:
        found = _table(manifest)
        if found is not None:
            reach, listed = found
            for one in listed:
                said = _evidence(manifest, one.path, f"{manifest.kind} {manifest.name}")
                meant = Mention(one.name, one.namespace or manifest.namespace, is_full=True)
                for service in backends.named(meant, manifest):
                    for endpoint in _behind(backends, service, one.port):
                        yield endpoint, reach, said
        if manifest.kind == "Ingress" or _is_custom(manifest):
            yield from _mentioned(manifest, backends, names)


def _table(manifest: Manifest) -> tuple[Reach, Iterator[_Backend]] | None:
    """How an object leads to Services: from where, and to which."""
    kind, reader = manifest.kind, _READERS.get(manifest.kind)
    if reader is not None:
        return "cluster", reader(manifest.data)
    if kind in _WEBHOOKS:
        return "anyone", _webhooks(manifest.data)
    if kind == "APIService":
        return "anyone", _client(dig(manifest.data, "spec.service"), ("spec", "service"))
    if kind == "CustomResourceDefinition":
        path = "spec.conversion.webhook.clientConfig.service"
        return "anyone", _client(dig(manifest.data, path), tuple(path.split(".")))
    return None


def _ingress(data: Mapping[str, Any]) -> Iterator[_Backend]:
    """Both versions of the API: extensions/v1beta1 writes a backend in another way."""
    spec = as_mapping(data.get("spec"))
    listed: list[tuple[Path, Any]] = [
        (("spec", name), spec.get(name)) for name in ("defaultBackend", "backend")
    ]
    for i, rule in enumerate(as_list(spec.get("rules"))):
        for j, path in enumerate(as_list(dig(rule, "http.paths"))):
            steps: Path = ("spec", "rules", i, "http", "paths", j, "backend")
            listed.append((steps, as_mapping(path).get("backend")))
    for steps, backend in listed:
        service = as_mapping(as_mapping(backend).get("service"))
        port = as_mapping(service.get("port"))
        name = service.get("name") or as_mapping(backend).get("serviceName")
        number = port.get("number") or port.get("name") or as_mapping(backend).get("servicePort")
        if name:
            yield _Backend(str(name), None, port_in(number), steps)


def _gateway(data: Mapping[str, Any]) -> Iterator[_Backend]:
    """Routes of the Gateway API: requests that are mirrored arrive as well."""
    for i, rule in enumerate(as_list(dig(data, "spec.rules"))):
        listed = [
            (("spec", "rules", i, "backendRefs", j), one)
            for j, one in enumerate(as_list(as_mapping(rule).get("backendRefs")))
        ]
        for j, one in enumerate(as_list(as_mapping(rule).get("filters"))):
            mirror = dig(one, "requestMirror.backendRef")
            listed.append((("spec", "rules", i, "filters", j), mirror))
        for steps, one in listed:
            said = as_mapping(one)
            if said.get("name") and said.get("kind", "Service") == "Service":
                space = said.get("namespace")
                yield _Backend(
                    str(said["name"]),
                    str(space) if space else None,
                    port_in(said.get("port")),
                    steps,
                )


def _openshift(data: Mapping[str, Any]) -> Iterator[_Backend]:
    """A Route names the port of the pods, or of the Service by its name."""
    wanted = port_in(dig(data, "spec.port.targetPort"))
    port = wanted if isinstance(wanted, str) else None
    targets = [dig(data, "spec.to"), *as_list(dig(data, "spec.alternateBackends"))]
    for one in map(as_mapping, targets):
        if one.get("name"):
            yield _Backend(str(one["name"]), None, port, ("spec", "to"))


def _proxy(data: Mapping[str, Any]) -> Iterator[_Backend]:
    """Traefik's and Contour's routes: lists of Services."""
    for i, route in enumerate(as_list(dig(data, "spec.routes"))):
        for j, one in enumerate(map(as_mapping, as_list(as_mapping(route).get("services")))):
            if one.get("name"):
                space = one.get("namespace")
                steps: Path = ("spec", "routes", i, "services", j)
                port = port_in(one.get("port"))
                yield _Backend(str(one["name"]), str(space) if space else None, port, steps)


def _webhooks(data: Mapping[str, Any]) -> Iterator[_Backend]:
    for index, hook in enumerate(as_list(data.get("webhooks"))):
        path: Path = ("webhooks", index, "clientConfig", "service")
        yield from _client(dig(hook, "clientConfig.service"), path)


def _client(service: Any, path: Path) -> Iterator[_Backend]:
    """A Service that the API server calls, on port 443 where none is named."""
    said = as_mapping(service)
    if said.get("name"):
        space = said.get("namespace")
        port = port_in(said.get("port") or 443)
        yield _Backend(str(said["name"]), str(space) if space else None, port, path)


_READERS: dict[str, Callable[[Mapping[str, Any]], Iterator[_Backend]]] = {
    "Ingress": _ingress,
    "Route": _openshift,
    **dict.fromkeys(_ROUTES, _gateway),
    **dict.fromkeys(_PROXIES, _proxy),
}


def _is_custom(manifest: Manifest) -> bool:
    group = manifest.api_version.rpartition("/")[0]
    known = group in _NO_WORKLOADS or group.endswith(".k8s.io")
    return not known and not manifest.pods and not group.startswith("kustomize")


def _mentioned(manifest: Manifest, backends: Backends, names: ServiceNames) -> _Found:
    """Services that a custom resource names in full: whoever reads it connects to them.

    Of an Ingress the annotations are read, such as the address that decides who may pass.
    """
    is_ingress = manifest.kind == "Ingress"
    data = dig(manifest.data, "metadata.annotations") if is_ingress else manifest.data.get("spec")
    for text in _strings(data):
        for mention in names.find(text, "value"):
            if not mention.is_full:
                continue
            said = _evidence(manifest, ("spec",), f"{manifest.kind} {manifest.name}")
            for service in backends.named(mention, manifest):
                for endpoint in arrived(mention, service, backends, names):
                    yield endpoint, "cluster", said


def _strings(data: Any, depth: int = 0) -> Iterator[str]:
    """The texts in some data that may hold the full name of a Service."""
    if isinstance(data, str):
        if ".svc" in data:
            yield data
    elif isinstance(data, Mapping | list) and depth < 40:
        for one in data.values() if isinstance(data, Mapping) else data:
            yield from _strings(one, depth + 1)


def _of_monitors(
    manifests: Sequence[Manifest], actors: Sequence[Actor], backends: Backends
) -> _Found:
    for manifest in manifests:
        if manifest.kind == "ServiceMonitor":
            yield from _service_monitor(manifest, backends)
        elif manifest.kind == "PodMonitor":
            yield from _pod_monitor(manifest, actors, backends)


def _service_monitor(manifest: Manifest, backends: Backends) -> _Found:
    selector = selector_of(dig(manifest.data, "spec.selector"))
    for service in backends.services:
        if not selector.match(service.labels) or not _watches(manifest, service, backends):
            continue
        for index, one in enumerate(as_list(dig(manifest.data, "spec.endpoints"))):
            path: Path = ("spec", "endpoints", index)
            said = _evidence(manifest, path, f"ServiceMonitor {manifest.name}")
            port, target = (port_in(as_mapping(one).get(name)) for name in ("port", "targetPort"))
            for actor in backends.behind(service):
                if port is None and target is not None:
                    yield from (
                        (endpoint, "monitoring", said) for endpoint in _own_port(actor, target)
                    )
                    continue
                for endpoint in endpoints(service, actor, port):
                    yield endpoint, "monitoring", said


def _pod_monitor(manifest: Manifest, actors: Sequence[Actor], backends: Backends) -> _Found:
    selector = selector_of(dig(manifest.data, "spec.selector"))
    for actor in actors:
        if not selector.match(actor.workload.labels) or not _watches(manifest, actor, backends):
            continue
        for index, one in enumerate(as_list(dig(manifest.data, "spec.podMetricsEndpoints"))):
            path: Path = ("spec", "podMetricsEndpoints", index)
            said = _evidence(manifest, path, f"PodMonitor {manifest.name}")
            for name in ("port", "portNumber", "targetPort"):
                wanted = port_in(as_mapping(one).get(name))
                if wanted is not None:
                    yield from (
                        (endpoint, "monitoring", said) for endpoint in _own_port(actor, wanted)
                    )


def _watches(manifest: Manifest, one: Service | Actor, backends: Backends) -> bool:
    """Whether a monitor looks into the namespace of a Service or workload."""
    chosen = as_mapping(dig(manifest.data, "spec.namespaceSelector"))
    if chosen.get("any") is True:
        return True
    names = as_list(chosen.get("matchNames"))
    if names:
        own = one.place.namespace
        given = backends.namespaces.kustomizations.namespaces(one.place.folder)
        return own in names or (own is None and (not given or bool(given & set(names))))
    return backends.namespaces.same(place_of_manifest(manifest), one.place) is not False


def _own_port(actor: Actor, wanted: int | str) -> Iterator[Endpoint]:
    if isinstance(wanted, int):
        yield Endpoint(actor, wanted, "TCP")
        return
    for port in actor.workload.ports or ():
        if port.name == wanted:
            yield Endpoint(actor, port.number, port.protocol)


def _behind(backends: Backends, service: Service, port: int | str | None) -> Iterator[Endpoint]:
    for actor in backends.behind(service):
        yield from endpoints(service, actor, port)


def _evidence(manifest: Manifest, path: Path, what: str) -> Evidence:
    return Evidence(file=manifest.file, line=line_of(manifest, path), what=what)


def _called(said: Evidence, what: str) -> Evidence:
    return Evidence(file=said.file, line=said.line, what=what)
