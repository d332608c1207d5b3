"""What is left alone since too little is seen of it, and what falls back to its namespace."""

from __future__ import annotations

import pytest

from tests.network.world import declined, pair, planned, policy, service, workload

CALLS = workload("web", env={"API_HOST": "api"}) + pair("api", 9000)
INGRESS = """---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: i}
spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: %s, port: {number: 80}}}}]}}]}
"""


def test_a_port_that_nobody_is_seen_to_use_is_for_its_namespace() -> None:
    app = CALLS + pair("cache", 6379)
    rules = [{"from": [{"podSelector": {}}], "ports": [{"protocol": "TCP", "port": 6379}]}]
    assert policy(app, "cache")["ingress"] == rules


def test_where_nobody_is_seen_to_talk_to_anybody_nothing_is_isolated() -> None:
    app = pair("orders", 9000) + pair("carts", 9001)
    assert declined(app).keys() == {"orders", "carts"}
    assert "shows who connects to whom" in declined(app)["orders"]


@pytest.mark.parametrize("port", [80, 443, 8080])
def test_a_port_for_people_needs_an_ingress_in_view(port: int) -> None:
    app = CALLS + pair("ui", port)
    assert "neither an Ingress" in declined(app)["ui"]
    entered = app + INGRESS % "api"
    assert policy(entered, "ui")["ingress"][0]["from"] == [{"podSelector": {}}]


def test_metrics_ports_are_for_the_monitoring_namespace() -> None:
    app = CALLS + workload("w", ports={"http-metrics": 9100})
    rule = policy(app, "w")["ingress"][0]
    assert rule["from"] == [{"namespaceSelector": {}}]
    rule = policy(app, "w", monitoring_namespace="watch")["ingress"][0]
    label = {"kubernetes.io/metadata.name": "watch"}
    assert rule["from"] == [{"namespaceSelector": {"matchLabels": label}}]


def test_a_service_may_say_that_a_port_is_for_metrics() -> None:
    named = service("w", 9100).replace("{port: 9100", "{name: metrics, port: 9100")
    rule = policy(CALLS + workload("w", ports={"m": 9100}) + named, "w")["ingress"][0]
    assert rule["from"] == [{"namespaceSelector": {}}]


def test_scraping_the_main_port_does_not_close_it_to_clients_that_are_not_seen() -> None:
    scraped = 'annotations: {prometheus.io/scrape: "true"}'
    app = CALLS + workload("o", ports={"main": 9000}) + service("o", 9000, metadata=scraped)
    rule = policy(app, "o", monitoring_namespace="watch")["ingress"][0]
    assert {"podSelector": {}} in rule["from"]


def test_exposure_may_be_for_nodes_and_outside_too() -> None:
    app = workload("web", ports={"http": 8000}) + service("web", 80, 8000) + INGRESS % "web"
    assert policy(app, "web")["ingress"][0]["from"] == [{"namespaceSelector": {}}]
    assert "from" not in policy(app, "web", exposure="any")["ingress"][0]


def test_a_workload_that_reads_addresses_that_are_not_in_view_is_let_in() -> None:
    reads = "envFrom: [{secretRef: {name: elsewhere}}]"
    app = CALLS + workload("job", container=reads)
    peers = policy(app, "api")["ingress"][0]["from"]
    assert [peer["podSelector"]["matchLabels"]["app"] for peer in peers] == ["job", "web"]
    password = "env: [{name: API_PASSWORD, valueFrom: {secretKeyRef: {name: s, key: p}}}]"
    quiet = CALLS + workload("job", container=password).replace("env: [], ", "")
    assert len(policy(quiet, "api")["ingress"][0]["from"]) == 1


def test_a_policy_that_would_also_select_what_is_left_alone_is_not_made() -> None:
    shared = workload("api", labels="app: api, part: one", ports={"main": 9000})
    other = workload("ui", labels="app: api, part: two", ports={"http": 8080})
    front = service("api", 9000) + service("ui", 8080).replace("app: ui", "part: two")
    app = workload("web", env={"API_HOST": "api"}) + shared + other + front
    assert "also selects Deployment ui" in declined(app)["api"]


POLICY = """---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: there}
spec: {podSelector: {matchLabels: {app: api}}, policyTypes: [Ingress]%s}
"""
CILIUM = """---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: c}
spec: {endpointSelector: {}}
"""


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (POLICY % "", "there restricts it already"),
        (POLICY % ", ingress: [{}]", "a rule of there lets everybody in"),
        (CILIUM, "does not read"),
    ],
)
def test_what_policies_speak_of_already_is_left_to_them(more: str, why: str) -> None:
    assert why in declined(CALLS + more)["api"]


def test_an_inferred_edge_that_a_standing_policy_blocks_is_told() -> None:
    assert [edge.target.name for edge in planned(CALLS + POLICY % "").cut] == ["api"]
    assert not planned(CALLS).cut


def test_a_service_mesh_is_left_alone() -> None:
    space = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: m, labels: {istio-injection: enabled}}\n"
    app = (
        space
        + pair("api", 9000, namespace="m")
        + workload("web", namespace="m", env={"API_HOST": "api"})
    )
    assert all("mesh" in reason for reason in declined(app).values())
    assert len(declined(app)) == 2


def test_a_pod_without_a_label_that_lasts_is_told_to_get_one() -> None:
    job = "---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec: {template: {spec: {containers: [{name: j, image: j}]}}}\n"
    assert "no label that lasts" in declined(CALLS + job)["j"]


NAMESPACE = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
SHOP = (
    NAMESPACE
    + pair("api", 9000, namespace="shop")
    + workload("web", namespace="shop", env={"API_HOST": "api"})
)


def test_a_namespace_is_denied_by_default_only_where_all_of_it_is_seen() -> None:
    def names(app: str) -> set[str]:
        return {one.name for one in planned(app, default_deny="namespace").written}

    assert names(SHOP) == {"api", "web", "default-deny"}
    assert "default-deny" not in {one.name for one in planned(SHOP).written}
    assert "default-deny" not in names(SHOP.removeprefix(NAMESPACE))
    assert "default-deny" not in names(SHOP + pair("cache", 6379, namespace="shop"))
    flux = "---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\n"
    assert "default-deny" not in names(SHOP + flux)
