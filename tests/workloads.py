"""One pod in every kind of object that the Pod Security admission looks into; fields of Linux."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Json = Mapping[str, Any]


def _workload(api_version: str, kind: str) -> Callable[[Json, Json], Json]:
    def wrap(metadata: Json, spec: Json) -> Json:
        template = {"metadata": metadata, "spec": spec}
        return _object(api_version, kind, metadata, spec={"template": template})

    return wrap


def _object(api_version: str, kind: str, metadata: Json, **rest: Json) -> Json:
    own = {key: metadata[key] for key in ("name", "namespace") if key in metadata}
    return {"apiVersion": api_version, "kind": kind, "metadata": own, **rest}


def _pod(metadata: Json, spec: Json) -> Json:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def _pod_template(metadata: Json, spec: Json) -> Json:
    return _object("v1", "PodTemplate", metadata, template={"metadata": metadata, "spec": spec})


def _cron_job(metadata: Json, spec: Json) -> Json:
    job = {"template": {"metadata": metadata, "spec": spec}}
    return _object("batch/v1", "CronJob", metadata, spec={"jobTemplate": {"spec": job}})


def _list(metadata: Json, spec: Json) -> Json:
    other = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "other"}}
    pods = [other, _workload("apps/v1", "Deployment")(metadata, spec)]
    return {"apiVersion": "v1", "kind": "List", "items": pods}


KINDS: Mapping[str, Callable[[Json, Json], Json]] = {
    "Pod": _pod,
    "PodTemplate": _pod_template,
    "ReplicationController": _workload("v1", "ReplicationController"),
    "ReplicaSet": _workload("apps/v1", "ReplicaSet"),
    "Deployment": _workload("apps/v1", "Deployment"),
    "StatefulSet": _workload("apps/v1", "StatefulSet"),
    "DaemonSet": _workload("apps/v1", "DaemonSet"),
    "Job": _workload("batch/v1", "Job"),
    "CronJob": _cron_job,
    "List": _list,
}
"""By kind: a pod's metadata and spec to an object that makes it."""

# what the API server rejects on a pod with `os.name: windows` (validateWindows, core/v1)
LINUX_ONLY = {
    *("allowPrivilegeEscalation", "appArmorProfile", "capabilities", "fsGroup", "procMount"),
    *("fsGroupChangePolicy", "privileged", "readOnlyRootFilesystem", "runAsGroup", "runAsUser"),
    *("seLinuxOptions", "seccompProfile", "supplementalGroups", "sysctls"),
}
