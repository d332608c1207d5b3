"""Which kinds hold a pod, and where."""

from __future__ import annotations

from bot.yamlpatch import Path

_TEMPLATE: Path = ("spec", "template", "spec")

# group (without version) and kind; the built-in ones as the Pod Security admission lists them
POD_PATHS: dict[tuple[str, str], Path] = {
    ("", "Pod"): ("spec",),
    ("", "PodTemplate"): ("template", "spec"),
    ("", "ReplicationController"): _TEMPLATE,
    ("apps", "ReplicaSet"): _TEMPLATE,
    ("apps", "Deployment"): _TEMPLATE,
    ("apps", "StatefulSet"): _TEMPLATE,
    ("apps", "DaemonSet"): _TEMPLATE,
    ("extensions", "Deployment"): _TEMPLATE,
    ("extensions", "DaemonSet"): _TEMPLATE,
    ("extensions", "ReplicaSet"): _TEMPLATE,
    ("batch", "Job"): _TEMPLATE,
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template", "spec"),
    ("argoproj.io", "Rollout"): _TEMPLATE,
    ("serving.knative.dev", "Service"): _TEMPLATE,
    ("serving.knative.dev", "Configuration"): _TEMPLATE,
    ("apps.openshift.io", "DeploymentConfig"): _TEMPLATE,
}


def pod_path(api_version: str, kind: str) -> Path | None:
    """Where the pod spec of a kind stands below the object; None for what is no workload."""
    group = api_version.rpartition("/")[0]
    return POD_PATHS.get((group, kind))
