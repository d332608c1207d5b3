"""The network of the objects in view: their policies, namespaces and workloads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.kubernetes.kustomization import Kustomizations, folder_of
from bot.kubernetes.namespace import Namespaces, Place
from bot.kubernetes.network_parts import ContainerPort, Policy, Workload, policy_of
from bot.kubernetes.network_policy import Network
from bot.kubernetes.selector import ALL_KEYS, Keys, labels_of
from bot.kubernetes.view import Seen, View
from bot.kubernetes.workload import CONTAINER_LISTS, as_list, as_mapping

GROUP = "networking.k8s.io"
# kinds of other groups that restrict pods as well: name, and whether they hold in all namespaces
_FOREIGN = {
    "CiliumNetworkPolicy": False,
    "CiliumClusterwideNetworkPolicy": True,
    "GlobalNetworkPolicy": True,
    "AdminNetworkPolicy": True,
    "BaselineAdminNetworkPolicy": True,
    "ClusterNetworkPolicy": True,
}
# labels that controllers put on the pods that they make, by kind (Well-Known Labels)
_ADDED: dict[str, Keys] = {
    "Pod": frozenset(),
    "ReplicationController": frozenset(),
    "ReplicaSet": frozenset(),
    "Deployment": frozenset({"pod-template-hash"}),
    "DaemonSet": frozenset({"controller-revision-hash", "pod-template-generation"}),
    "StatefulSet": frozenset(
        {
            "controller-revision-hash",
            "statefulset.kubernetes.io/pod-name",
            "apps.kubernetes.io/pod-index",
        }
    ),
}
_JOB_LABELS = frozenset(
    {
        "controller-uid",
        "job-name",
        "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-name",
        "batch.kubernetes.io/job-completion-index",
    }
)
_ADDED |= {
    "Job": _JOB_LABELS,
    "CronJob": _JOB_LABELS,
    "Rollout": frozenset({"rollouts-pod-template-hash"}),
    "DeploymentConfig": frozenset({"deployment", "deploymentconfig"}),
}


def network_of(view: View) -> Network:
    """The policies in view, ready to be asked; use it through `view.derived`."""
    policies = (policy_seen(seen) for seen in policies_in(view))
    return Network(policies, view.derived(namespaces_of), _foreign(view))


def namespaces_of(view: View) -> Namespaces:
    """The namespaces in view; use it through `view.derived`."""
    labels = {seen.name: labels_of(seen.labels) for seen in view.of_kind("Namespace")}
    return Namespaces(labels, view.derived(kustomizations_of))


def kustomizations_of(view: View) -> Kustomizations:
    """The kustomizations in view; use it through `view.derived`."""
    found = view.of_kind("Kustomization", "Component")
    return Kustomizations((seen.file, seen.data) for seen in found)


def policies_in(view: View) -> Iterator[Seen]:
    """The NetworkPolicies in view; Calico has a kind of that name too."""
    return (seen for seen in view.of_kind("NetworkPolicy") if seen.group == GROUP)


def policy_seen(seen: Seen) -> Policy:
    """A policy in view."""
    return policy_of({**seen.data, "metadata": {"name": seen.name}}, place_of(seen))


def place_of(seen: Seen) -> Place:
    """Where an object in view goes."""
    return Place(seen.namespace, folder_of(seen.file))


def workloads_in(view: View) -> Iterator[Workload]:
    """The workloads in view, as policies see them."""
    return (workload_seen(seen) for seen in view.workloads() if seen.kind != "PodTemplate")


def workload_seen(seen: Seen) -> Workload:
    """A workload in view, as policies see it."""
    return workload(
        name=seen.name,
        kind=seen.kind,
        place=place_of(seen),
        labels=seen.pod_labels,
        spec=seen.pod,
    )


def workload(
    *, name: str, kind: str, place: Place, labels: Mapping[str, Any], spec: Mapping[str, Any]
) -> Workload:
    """The pods of a workload, as policies see them. Other kinds may add any label."""
    return Workload(
        name=name,
        place=place,
        labels=labels_of(labels),
        unsure=_ADDED.get(kind, ALL_KEYS),
        ports=tuple(_ports(spec)),
        host_network=spec.get("hostNetwork") is True,
    )


def _ports(spec: Mapping[str, Any]) -> Iterator[ContainerPort]:
    for which in CONTAINER_LISTS:
        for container in map(as_mapping, as_list(spec.get(which))):
            for port in map(as_mapping, as_list(container.get("ports"))):
                number = port.get("containerPort")
                if isinstance(number, int):
                    protocol = str(port.get("protocol") or "TCP")
                    yield ContainerPort(str(port.get("name") or ""), number, protocol)


def _foreign(view: View) -> Iterator[Place | None]:
    for kind, everywhere in _FOREIGN.items():
        for seen in view.of_kind(kind):
            yield None if everywhere else place_of(seen)
    for seen in view.of_kind("NetworkPolicy"):
        if seen.group.endswith("projectcalico.org"):
            yield place_of(seen)
