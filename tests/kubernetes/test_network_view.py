"""The network of the objects in view: which policies count, what is known of workloads."""

from __future__ import annotations

import pytest

from bot.engine.check import view_of
from bot.engine.read import load
from bot.kubernetes.network_parts import Direction, Workload
from bot.kubernetes.network_policy import Network, Verdict
from bot.kubernetes.network_view import network_of, workloads_in
from bot.kubernetes.view import View

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web, version: 2}}
    spec:
      initContainers:
      - name: proxy
        image: proxy:1
        restartPolicy: Always
        ports: [{name: admin, containerPort: 9901}]
      containers:
      - name: web
        image: web:1
        ports: [{name: http, containerPort: 8080}, {containerPort: 53, protocol: UDP}]
"""
KINDS = {
    "NetworkPolicy": "networking.k8s.io/v1",
    "CiliumNetworkPolicy": "cilium.io/v2",
    "CiliumClusterwideNetworkPolicy": "cilium.io/v2",
    "GlobalNetworkPolicy": "projectcalico.org/v3",
    "AdminNetworkPolicy": "policy.networking.k8s.io/v1alpha1",
    "BaselineAdminNetworkPolicy": "policy.networking.k8s.io/v1alpha1",
    "ClusterNetworkPolicy": "policy.networking.k8s.io/v1alpha2",
    "AuthorizationPolicy": "security.istio.io/v1",
}


def policy(
    kind: str, *, namespace: str | None = "shop", version: str = "", spec: str = "{}"
) -> str:
    where = f", namespace: {namespace}" if namespace else ""
    group = version or KINDS[kind]
    return f"---\napiVersion: {group}\nkind: {kind}\nmetadata: {{name: p{where}}}\nspec: {spec}\n"


def seen(*texts: str) -> View:
    manifests, skipped = load("all.yaml", "\n---\n".join(texts).encode())
    assert skipped == ()
    return view_of(manifests, complete=True)


def network(view: View) -> tuple[Network, Workload]:
    return view.derived(network_of), next(iter(workloads_in(view)))


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (policy("NetworkPolicy"), "covered"),
        (policy("NetworkPolicy", namespace="ops"), "none"),
        (policy("NetworkPolicy", version="projectcalico.org/v3"), "unknown"),
        (policy("NetworkPolicy", version="crd.projectcalico.org/v1", namespace="ops"), "none"),
        (policy("CiliumNetworkPolicy"), "unknown"),
        (policy("CiliumNetworkPolicy", namespace="ops"), "none"),
        (policy("CiliumClusterwideNetworkPolicy", namespace=None), "unknown"),
        (policy("GlobalNetworkPolicy", namespace=None), "unknown"),
        (policy("AdminNetworkPolicy", namespace=None), "unknown"),
        (policy("BaselineAdminNetworkPolicy", namespace=None), "unknown"),
        (policy("ClusterNetworkPolicy", namespace=None), "unknown"),
        (policy("AuthorizationPolicy"), "none"),
    ],
)
def test_policies_of_other_kinds_are_not_read_and_not_forgotten(
    text: str, verdict: Verdict
) -> None:
    known, web = network(seen(WEB, text))
    assert known.verdict(web, "Ingress") == verdict


def test_labels_and_ports_are_those_of_the_pods() -> None:
    _, web = network(seen(WEB))
    assert web.labels == {"app": "web", "version": "2"}
    assert web.number("http", "TCP") == 8080
    assert web.number("admin", "TCP") == 9901
    assert web.number("http", "UDP") is None
    assert [port.number for port in web.ports or ()] == [9901, 8080, 53]


@pytest.mark.parametrize(
    ("key", "verdict"),
    [("pod-template-hash", "unknown"), ("job-name", "none"), ("zone", "none")],
)
def test_a_label_that_its_controller_adds_may_be_there(key: str, verdict: Verdict) -> None:
    spec = f"{{podSelector: {{matchExpressions: [{{key: {key}, operator: Exists}}]}}}}"
    known, web = network(seen(WEB, policy("NetworkPolicy", spec=spec)))
    direction: Direction = "Ingress"
    assert known.verdict(web, direction) == verdict


def test_a_namespace_in_view_shows_its_labels() -> None:
    spec = (
        "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: store}}}]}]}"
    )
    deny = policy("NetworkPolicy", spec=spec)
    namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {LABELS}}\n"
    for labels, allowed in (("team: store", True), ("team: ops", False), (None, None)):
        extra = [namespace.replace("LABELS", labels)] if labels else []
        known, web = network(seen(WEB, deny, *extra))
        assert known.connection(web, web, 8080).allowed is allowed


def test_a_pod_template_makes_no_pods() -> None:
    template = WEB.replace("apps/v1", "v1").replace("kind: Deployment", "kind: PodTemplate")
    template = template.replace("spec:\n  template:", "template:", 1)
    assert list(workloads_in(seen(template))) == []
