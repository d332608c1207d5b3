"""What np-guard's synthesis gets wrong or leaves out (its limits a to l): podsec does not."""

from __future__ import annotations

import pytest

from tests.network.world import (
    declined,
    edges,
    exposures,
    pair,
    planned,
    policy,
    service,
    surveyed,
    workload,
)

DB = pair("db", 5432)


@pytest.mark.parametrize(
    "pod",
    [
        'initContainers: [{name: wait, image: w, command: [sh, -c, "until nc -z db 5432; do sleep 1; done"]}]',
        "ephemeralContainers: [{name: look, image: w, env: [{name: DB_URL, value: 'postgres://db/shop'}]}]",
    ],
)
def test_a_init_and_ephemeral_containers_are_read(pod: str) -> None:
    assert edges(DB + workload("web", pod=pod)) == {"web>db:5432"}


@pytest.mark.parametrize(
    "field",
    [
        "readinessProbe: {exec: {command: [pg_isready, -h, db]}}",
        'lifecycle: {postStart: {exec: {command: [sh, -c, "curl -s http://db:5432/"]}}}',
    ],
)
def test_a_probes_and_hooks_that_run_in_the_pod_are_read(field: str) -> None:
    assert edges(DB + workload("web", container=field)) == {"web>db:5432"}


def test_a_secrets_are_read() -> None:
    secret = """---
apiVersion: v1
kind: Secret
metadata: {name: s}
data: {url: cG9zdGdyZXM6Ly91c2VyOnB3QGRiOjU0MzIvc2hvcA==}
"""
    uses = "envFrom: [{secretRef: {name: s}}]"
    found = surveyed(DB + secret + workload("web", container=uses)).inferred.edges
    assert [(edge.source.name, edge.target.name) for edge in found] == [("web", "db")]
    assert "pw" not in str(found[0].evidence)


def test_b_one_text_may_name_many_and_a_file_has_many_lines() -> None:
    brokers = pair("kafka-a", 9092) + pair("kafka-b", 9092) + pair("cache", 6379)
    config = """---
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data:
  app.properties: |
    name=shop
    cache.host=cache
    brokers=kafka-a:9092,kafka-b:9092
    theme=dark
"""
    reads = workload("web", pod="volumes: [{name: c, configMap: {name: c}}]")
    wanted = {"web>kafka-a:9092", "web>kafka-b:9092", "web>cache:6379"}
    assert edges(brokers + config + reads) == wanted
    listed = workload("web", env={"BROKERS": "kafka-a:9092,kafka-b:9092", "CACHE": "cache"})
    assert edges(brokers + listed) == wanted


@pytest.mark.parametrize(
    "value",
    [
        "db.shop.svc",
        "db.shop.svc.cluster.local.",
        "db.shop.svc.k8s.acme.corp:5432",
        "db-0.db.shop.svc.cluster.local",
        "db-0.db",
        "postgres://$(DB_SERVICE_HOST):$(DB_SERVICE_PORT)/shop",
        "postgres://${DB_SERVICE_HOST}/shop",
        "postgres://$(HOST)/shop",
    ],
)
def test_c_all_names_of_a_service_are_known_and_variables_are_expanded(value: str) -> None:
    db = workload("db", kind="StatefulSet", namespace="shop", ports={"sql": 5432})
    front = service("db", 5432, namespace="shop", spec="clusterIP: None")
    web = workload("web", namespace="shop", env={"HOST": "db", "DB_URL": value})
    alone = workload("web", namespace="shop", env={"DB_URL": value})
    assert edges(db + front + web) == {"web>db:5432"}
    if "$(HOST)" not in value:
        assert edges(db + front + alone) == {"web>db:5432"}


def test_d_a_port_that_a_headless_service_does_not_name_is_the_pods_own() -> None:
    kafka = workload("kafka", kind="StatefulSet", ports={"client": 9092})
    headless = service("kafka", 9092, spec="clusterIP: None")
    client = workload("web", env={"BROKER": "kafka-0.kafka:9094"})
    assert edges(kafka + headless + client) == {"web>kafka:9094"}
    assert (
        edges(kafka + service("kafka", 9092) + workload("web", env={"BROKER": "kafka:9094"}))
        == set()
    )


@pytest.mark.parametrize("spec", ["type: ExternalName, externalName: db.example.com", ""])
def test_e_a_service_without_a_selector_leads_to_no_workload(spec: str) -> None:
    outside = service("legacy", 5432, app="", spec=spec)
    app = pair("other", 5432) + workload("web", env={"DB_HOST": "legacy", "OTHER_HOST": "other"})
    assert edges(outside + app) == {"web>other:5432"}


def test_e_an_external_name_may_stand_for_a_service_in_view() -> None:
    alias = service(
        "sql", 5432, app="", spec="type: ExternalName, externalName: db.data.svc.cluster.local"
    )
    db = pair("db", 5432, namespace="data")
    web = workload("web", env={"DB_HOST": "sql"})
    assert edges(alias + db + web) == {"web>db:5432"}


def test_f_the_same_name_in_two_namespaces_is_two_workloads() -> None:
    two = "".join(
        pair("api", 8080, namespace=space) + workload(client, namespace=space, env={"API_URL": "http://api:8080"})
        for space, client in (("red", "red-web"), ("blue", "blue-web"))
    )  # fmt: skip
    written = [one for one in planned(two).written if one.name == "api"]
    found = {one.document["metadata"]["namespace"]: str(one.document["spec"]) for one in written}
    assert ("red-web" in found["red"], "blue-web" in found["red"]) == (True, False)
    assert ("red-web" in found["blue"], "blue-web" in found["blue"]) == (False, True)
    assert len({one.path for one in written}) == 2


def test_g_the_pods_of_a_statefulset_reach_each_other() -> None:
    kafka = workload("kafka", kind="StatefulSet", ports={"client": 9092, "internal": 9093})
    app = kafka + service("kafka", 9092) + workload("web", env={"BROKER": "kafka:9092"})
    plan = planned(app)
    pods = next(a.workload for a in plan.survey.inferred.actors if a.name == "kafka")
    assert plan.after.connection(pods, pods, 9093).allowed
    web = next(a.workload for a in plan.survey.inferred.actors if a.name == "web")
    assert not plan.after.connection(web, pods, 9093).allowed


def test_h_labels_that_change_with_a_release_select_nothing() -> None:
    db = workload(
        "db",
        labels="app: db, app.kubernetes.io/version: '1', helm.sh/chart: db-1",
        ports={"sql": 5432},
    )
    job = """---
apiVersion: batch/v1
kind: Job
metadata: {name: job}
spec:
  template:
    metadata: {labels: {app: job, app.kubernetes.io/version: "1", job-name: job}}
    spec: {containers: [{name: job, image: job, env: [{name: DB_HOST, value: db}]}]}
"""
    app = db + service("db", 5432) + job
    assert policy(app, "db")["podSelector"] == {"matchLabels": {"app": "db"}}
    assert policy(app, "job")["podSelector"] == {"matchLabels": {"app": "job"}}
    assert "version" not in str(policy(app, "db"))


def test_i_dns_is_udp_and_tcp_and_of_the_node() -> None:
    rules = policy(DB + workload("web", env={"DB_HOST": "db"}), "web", egress="restrict")["egress"]
    dns = next(rule for rule in rules if {"protocol": "TCP", "port": 53} in rule["ports"])
    assert {"protocol": "UDP", "port": 53} in dns["ports"]
    assert {"ipBlock": {"cidr": "169.254.20.10/32"}} in dns["to"]


def test_j_egress_is_free_unless_it_is_asked_for_and_then_known_hosts_stay_reachable() -> None:
    web = workload("web", env={"DB_HOST": "db", "PAY": "https://api.stripe.com/v1"})
    assert policy(DB + web, "web")["policyTypes"] == ["Ingress"]
    rules = str(policy(DB + web, "web", egress="restrict")["egress"])
    assert all(part in rules for part in ("0.0.0.0/0", "'port': 443", "169.254.0.0/16"))
    hidden = workload("web", env={"DB_HOST": "db", "OLD": "http://legacy:8080"})
    assert policy(DB + hidden, "web", egress="restrict")["policyTypes"] == ["Ingress"]


def test_k_no_policy_selects_pods_that_are_not_in_view() -> None:
    app = DB + workload("web", env={"DB_HOST": "db"})
    assert all(one.document["spec"]["podSelector"] for one in planned(app).written)


def test_l_a_client_on_the_host_network_is_let_in_and_gets_no_policy_itself() -> None:
    agent = workload("agent", pod="hostNetwork: true", env={"DB_HOST": "db"})
    app = DB + agent
    assert policy(app, "db")["ingress"] == [{"ports": [{"protocol": "TCP", "port": 5432}]}]
    assert "host network" in declined(app)["agent"]


WEBHOOK = """---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: w}
webhooks: [{name: w.example.com, clientConfig: {service: {name: web, namespace: shop, port: 443}}}]
"""
API = """---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1.example.com}
spec: {service: {name: web, namespace: shop}, group: example.com, version: v1}
"""
CRD = """---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec: {conversion: {strategy: Webhook, webhook: {clientConfig: {service: {name: web, namespace: shop}}}}}
"""
MONITOR = """---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: m, namespace: shop, labels: {a: b}}
spec: {selector: {matchLabels: {watch: this}}, endpoints: [{port: "443"}, {targetPort: 9000}]}
"""
PODS = """---
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: {name: m, namespace: ops}
spec: {namespaceSelector: {any: true}, selector: {matchLabels: {app: web}}, podMetricsEndpoints: [{port: main}]}
"""


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        (WEBHOOK, {"web:8443 anyone"}),
        (API, {"web:8443 anyone"}),
        (CRD, {"web:8443 anyone"}),
        (MONITOR, {"web:8443 monitoring", "web:9000 monitoring"}),
        (PODS, {"web:8443 monitoring"}),
    ],
)
def test_l_the_api_server_and_monitors_are_clients_too(more: str, wanted: set[str]) -> None:
    web = workload("web", namespace="shop", ports={"main": 8443})
    front = service("web", 443, 8443, namespace="shop", metadata="labels: {watch: this}")
    front = front.replace("{port: 443, ", '{name: "443", port: 443, ')
    assert exposures(web + front + more) == wanted


def test_l_annotations_of_pods_and_host_ports_are_read() -> None:
    scraped = 'annotations: {prometheus.io/scrape: "true", prometheus.io/port: "9100"}'
    port = "ports: [{containerPort: 8080, hostPort: 80}]"
    app = workload("web", metadata=scraped) + workload("node", container=port).replace(
        "ports: [], ", ""
    )
    assert exposures(app) == {"web:9100 monitoring", "node:8080 anyone"}
