"""What a workload may connect to, where that is to be restricted."""

from __future__ import annotations

import pytest

from tests.network.world import pair, planned, policy, workload

DB = pair("db", 5432)


def rules(
    more: str = "", *, container: str = "", env: dict[str, str] | None = None, **pod: str
) -> str:
    app = DB + workload("web", env={"DB_HOST": "db", **(env or {})}, container=container, **pod)
    return str(policy(app + more, "web", egress="restrict").get("egress"))


def test_a_frontend_and_a_backend_get_the_articles_policies_with_dns() -> None:
    app = DB + workload("web", env={"DB_HOST": "db"}) + pair("ignored", 9000)
    front = policy(app, "web", egress="restrict")
    back = policy(app, "db", egress="restrict")
    assert front["policyTypes"] == back["policyTypes"] == ["Ingress", "Egress"]
    to_db = {
        "to": [{"podSelector": {"matchLabels": {"app": "db"}}}],
        "ports": [{"protocol": "TCP", "port": 5432}],
    }
    assert front["egress"][0] == to_db
    assert back["ingress"][0]["from"] == [{"podSelector": {"matchLabels": {"app": "web"}}}]
    assert "5432" not in str(back["egress"])
    assert all("'port': 53" in str(spec["egress"]) for spec in (front, back))


@pytest.mark.parametrize(
    ("dns", "wanted"),
    [
        ("standard", "kube-dns"),
        ("openshift", "openshift-dns"),
        ("any", "'ports': [{'protocol': 'UDP'"),
    ],
)
def test_dns_is_where_the_config_says(dns: str, wanted: str) -> None:
    spec = policy(DB + workload("web", env={"DB_HOST": "db"}), "web", egress="restrict", dns=dns)
    assert wanted in str(spec["egress"])


@pytest.mark.parametrize(
    ("env", "wanted"),
    [
        ({"PAY": "https://api.stripe.com"}, "'port': 443"),
        ({"SMTP_HOST": "smtp.sendgrid.net"}, "0.0.0.0/0"),
        ({"OLD_ADDR": "10.1.2.3:8443"}, "10.1.2.3/32"),
        ({"OTHER": "http://api.billing.svc:80"}, "'kubernetes.io/metadata.name': 'billing'"),
        ({"K8S": "https://kubernetes.default.svc"}, "6443"),
    ],
)
def test_known_ways_out_stay_open(env: dict[str, str], wanted: str) -> None:
    assert wanted in rules(env=env)
    assert wanted not in rules()


@pytest.mark.parametrize(
    "value", ["http://legacy:8080", "https://db.corp.internal", "http://${REGION}.example.net"]
)
def test_a_host_that_is_not_understood_keeps_egress_free(value: str) -> None:
    assert rules(env={"BACKEND_URL": value}) == "None"


def test_egress_stays_free_where_addresses_are_not_in_view() -> None:
    assert rules(container="envFrom: [{configMapRef: {name: elsewhere}}]") == "None"


BINDING = """---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: b}
roleRef: {kind: ClusterRole, name: r, apiGroup: rbac.authorization.k8s.io}
subjects: [{kind: ServiceAccount, name: robot, namespace: shop}]
"""
ROBOT = """---
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot%s}
"""


def test_a_client_of_the_api_server_reaches_it() -> None:
    assert "6443" in rules(BINDING, pod="serviceAccountName: robot")
    assert "6443" not in rules(BINDING, pod="serviceAccountName: other")


def test_the_clouds_metadata_is_blocked_unless_an_identity_is_used() -> None:
    identity = ROBOT % ", annotations: {eks.amazonaws.com/role-arn: 'arn:aws:iam::1:role/r'}"
    assert "169.254.169.254/32" in rules(identity, pod="serviceAccountName: robot")
    assert "169.254.169.254/32" in rules(env={"AWS_REGION": "eu-west-1"})
    plain = rules(
        ROBOT % "", pod="serviceAccountName: robot", env={"PAY": "https://api.stripe.com"}
    )
    assert "169.254.169.254/32" not in plain
    assert "'except': ['169.254.0.0/16']" in plain


def test_ports_that_nobody_is_seen_to_use_stay_reachable_from_the_namespace() -> None:
    app = DB + workload("web", env={"DB_HOST": "db"}) + pair("cache", 6379)
    plan = planned(app, egress="restrict")
    ends = {actor.name: actor.workload for actor in plan.survey.inferred.actors}
    assert plan.after.connection(ends["web"], ends["cache"], 6379).allowed
    assert not plan.after.connection(ends["cache"], ends["db"], 5432).allowed
