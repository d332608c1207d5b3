"""What the app-template chart makes of its values: the pods alone, as far as values tell.

The chart lives elsewhere, and most repositories that use it hold no other workload. Its values say
all of a pod: `controllers.NAME.containers.NAME`, `defaultPodOptions`, `persistence`. Facts:
bjw-s-labs/helm-charts, charts/library/common (values.yaml and templates/lib, versions 3 and 4).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bot.engine.helm.merge import merged
from bot.engine.helm.rendering import NotRendered, Output, Request
from bot.engine.helm.taint import Landing
from bot.kubernetes.workload import as_list, as_mapping
from bot.yamlpatch import Path, Unreadable, plain

NAME = "app-template"
_KINDS = {
    "deployment": ("apps/v1", "Deployment"),
    "statefulset": ("apps/v1", "StatefulSet"),
    "daemonset": ("apps/v1", "DaemonSet"),
    "job": ("batch/v1", "Job"),
    "cronjob": ("batch/v1", "CronJob"),
}
_POD = (
    "automountServiceAccountToken",
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "hostUsers",
    "securityContext",
)
_CONTAINER = (
    "args",
    "command",
    "envFrom",
    "lifecycle",
    "ports",
    "resources",
    "securityContext",
    "workingDir",
)
_VOLUMES = {"emptyDir": "emptyDir", "configMap": "configMap", "secret": "secret"}


def render(request: Request) -> bytes:
    """The pods of an app-template's values. Raises NotRendered where there are none."""
    values: dict[str, Any] = {}
    for data in request.values:
        try:
            values = merged(values, as_mapping(plain(data)))
        except Unreadable as error:
            raise NotRendered(error.reason) from error
    found = list(_objects(values, request.release))
    if not found:
        raise NotRendered("its values hold no controller with a container")
    head = f"---\n# Source: {NAME}/templates/common.yaml\n"
    return "".join(f"{head}{json.dumps(one, indent=2)}\n" for one in found).encode()


def _objects(values: Mapping[str, Any], release: str) -> Iterator[dict[str, Any]]:
    controllers = as_mapping(values.get("controllers"))
    enabled = {key: as_mapping(one) for key, one in controllers.items() if _is_on(one)}
    for name, controller in enabled.items():
        if as_mapping(controller.get("containers")):
            known = as_mapping(values.get("defaultPodOptions"))
            pod = _pod(values, name, controller, known)
            whole = release if len(enabled) == 1 else f"{release}-{name}"
            yield _object(str(controller.get("type") or "deployment"), whole, name, pod)


def landings_of(values: Mapping[str, Any], output: Output) -> tuple[Landing, ...]:
    """Where the values of pods and containers arrive: what the chart says by its fields' names."""
    enabled = [
        (key, as_mapping(one))
        for key, one in as_mapping(values.get("controllers")).items()
        if _is_on(one) and as_mapping(as_mapping(one).get("containers"))
    ]
    found: list[Landing] = []
    for manifest, (name, controller) in zip(output.manifests, enabled, strict=False):
        pod = manifest.pod_path
        if pod is not None:
            what = manifest.file, manifest.kind, manifest.name
            arriving = (*_of_pod(values, name, controller), *_of_containers(name, controller))
            found += [
                Landing(values=path, object=what, path=(*pod, *place), is_whole=False)
                for path, place in arriving
            ]
    return tuple(found)


def _of_pod(
    values: Mapping[str, Any], name: str, controller: Mapping[str, Any]
) -> Iterator[tuple[Path, Path]]:
    own: Path = ("controllers", name, "pod")
    yield own, ()
    known = as_mapping(values.get("defaultPodOptions"))
    shared = "securityContext" in known and "securityContext" not in as_mapping(
        controller.get("pod")
    )
    base: Path = ("defaultPodOptions",) if shared else own
    yield (*base, "securityContext"), ("securityContext",)


def _of_containers(name: str, controller: Mapping[str, Any]) -> Iterator[tuple[Path, Path]]:
    defaults = as_mapping(controller.get("defaultContainerOptions"))
    for field in ("initContainers", "containers"):
        listed = as_mapping(controller.get(field))
        enabled = [(key, as_mapping(one)) for key, one in listed.items() if _is_on(one)]
        for index, (key, own) in enumerate(enabled):
            yield ("controllers", name, field, key), (field, index)
            for one in ("securityContext", "resources"):
                if one in defaults and one not in own:
                    path = ("controllers", name, "defaultContainerOptions", one)
                    yield path, (field, index, one)


def _is_on(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("enabled") is not False


def _object(kind: str, name: str, controller: str, pod: Mapping[str, Any]) -> dict[str, Any]:
    version, known = _KINDS.get(kind, _KINDS["deployment"])
    labels = {"app.kubernetes.io/instance": name, "app.kubernetes.io/controller": controller}
    template = {"template": {"metadata": {"labels": labels}, "spec": pod}}
    spec: dict[str, Any] = template
    if known == "CronJob":
        spec = {"schedule": "@daily", "jobTemplate": {"spec": template}}
    elif known != "Job":
        spec = {"selector": {"matchLabels": labels}, **template}
    return {"apiVersion": version, "kind": known, "metadata": {"name": name}, "spec": spec}


def _pod(
    values: Mapping[str, Any], name: str, controller: Mapping[str, Any], known: Mapping[str, Any]
) -> dict[str, Any]:
    """The pod: its own options win whole, as `defaultPodOptionsStrategy: overwrite` says."""
    own = as_mapping(controller.get("pod"))
    if values.get("defaultPodOptionsStrategy") == "merge":
        own = merged(known, own)
    said = {key: own.get(key, known.get(key)) for key in _POD}
    # since version 4 the token is not mounted unless somebody asks; before, the other way round
    said["automountServiceAccountToken"] = bool(said["automountServiceAccountToken"])
    pod: dict[str, Any] = {key: value for key, value in said.items() if value is not None}
    defaults = as_mapping(controller.get("defaultContainerOptions"))
    for field in ("initContainers", "containers"):
        listed = as_mapping(controller.get(field))
        containers = [
            _container(values, name, key, as_mapping(one), defaults)
            for key, one in listed.items()
            if _is_on(one)
        ]
        if containers:
            pod[field] = containers
    volumes = list(_volumes(values, name))
    return {**pod, **({"volumes": volumes} if volumes else {})}


def _container(
    values: Mapping[str, Any],
    controller: str,
    name: str,
    own: Mapping[str, Any],
    defaults: Mapping[str, Any],
) -> dict[str, Any]:
    image = merged(as_mapping(defaults.get("image")), as_mapping(own.get("image")))
    tag, digest = image.get("tag"), image.get("digest")
    text = str(image.get("repository") or "")
    text += f":{tag}" if tag is not None else ""
    text += f"@{digest}" if digest is not None else ""
    out: dict[str, Any] = {"name": name, "image": text}
    for key in _CONTAINER:
        value = own.get(key, defaults.get(key))
        if value is not None:
            out[key] = value
    env = list(_env(own.get("env")))
    mounts = list(_mounts(values, controller, name))
    return {
        **out,
        **({"env": env} if env else {}),
        **({"volumeMounts": mounts} if mounts else {}),
    }


def _env(env: Any) -> Iterator[dict[str, Any]]:
    """Variables are a list as in Kubernetes, or a mapping whose values may be mappings."""
    for one in as_list(env):
        if isinstance(one, Mapping):
            yield dict(one)
    for name, value in as_mapping(env).items():
        if isinstance(value, Mapping):
            inner = value if "valueFrom" in value or "value" in value else {"valueFrom": value}
            yield {"name": name, **inner}
        elif value is not None:
            yield {"name": name, "value": value if isinstance(value, str) else json.dumps(value)}


def _volumes(values: Mapping[str, Any], controller: str) -> Iterator[dict[str, Any]]:
    for name, one in _mounted(values, controller):
        kind = str(one.get("type") or "persistentVolumeClaim")
        if kind == "hostPath":
            yield {"name": name, "hostPath": {"path": one.get("hostPath")}}
        elif kind in _VOLUMES:
            yield {"name": name, _VOLUMES[kind]: {}}
        else:
            yield {"name": name, "persistentVolumeClaim": {"claimName": name}}


def _mounts(values: Mapping[str, Any], controller: str, container: str) -> Iterator[dict[str, Any]]:
    for name, one in _mounted(values, controller):
        advanced = as_mapping(as_mapping(one.get("advancedMounts")).get(controller))
        listed = as_list(advanced.get(container)) if advanced else as_list(one.get("globalMounts"))
        places = listed or ([] if "advancedMounts" in one else [{}])
        for place in map(as_mapping, places):
            path = str(place.get("path") or f"/{name}")
            yield {"name": name, "mountPath": path, "readOnly": place.get("readOnly") is True}


def _mounted(values: Mapping[str, Any], controller: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What is kept for a controller: all that no other controller has for itself."""
    for name, one in as_mapping(values.get("persistence")).items():
        kept = as_mapping(one)
        advanced = as_mapping(kept.get("advancedMounts"))
        if _is_on(one) and (not advanced or controller in advanced):
            yield str(name), kept
