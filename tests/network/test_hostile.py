"""Manifests of strangers: nothing takes long, nothing grows, nothing leaves its folder."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.network.world import planned, proposed, service, workload

LONG = 60_000
WEB = workload("web", env={"API_URL": "http://api:9000/"}) + workload("api", ports={"m": 9000})
APP = WEB + service("api", 9000)


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "text",
    [
        "http://" + "a," * LONG,
        "A_" * LONG + "_SERVICE_",
        "${a" * LONG,
        "$(a" * LONG,
        "a.-+" * LONG,
        "api:" * LONG,
        "api." * LONG + "svc",
        "://api@" * LONG,
        "x: [" * LONG + "api",
        "-h " * LONG + "api",
    ],
    ids=str.__len__,
)
def test_no_text_takes_long(text: str) -> None:
    app = workload("odd", env={"X_URL": text}, container=f"args: [{json.dumps(text)}]")
    planned(APP + app, egress="restrict")


@pytest.mark.timeout(30)
def test_variables_that_double_each_other_do_not_grow() -> None:
    env = {"A0": "http://api:9000/" * 100}
    env |= {f"A{n}": f"$(A{n - 1})" * 100 for n in range(1, 12)}
    found = planned(APP + workload("bomb", env=env)).survey.inferred
    bomb = next(actor for actor in found.actors if actor.name == "bomb")
    assert max(len(text.value) for text in found.texts[bomb].found) <= 200_000


@pytest.mark.parametrize("name", ["../../etc/passwd", "..", "a/b", "-", "UPPER", "x" * 400, "ä"])
def test_names_make_no_path_of_their_own(name: str) -> None:
    text = APP.replace(
        "metadata: {name: web}",
        f"metadata: {{name: {json.dumps(name)}, namespace: {json.dumps(name)}}}",
    )
    twice = text + workload("other").replace(
        "metadata: {name: other}", f"metadata: {{name: {json.dumps(name)}, namespace: z}}"
    )
    found = proposed({"k8s/app.yaml": twice + service("z", 1)})
    for path in found.policies:
        assert PurePosixPath(path).parent == PurePosixPath("k8s")
        assert len(PurePosixPath(path).name) < 500
    for text in found.policies.values():
        assert len(yaml.safe_load(text)["metadata"]["name"]) <= 253


ODD: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(
        [
            0,
            -1,
            10**30,
            1.5,
            "",
            "²",
            "9" * 5000,
            "api",
            [],
            {},
            [1],
            [[]],
            [None],
            {"a": 1},
            {"name": []},
        ]
    ),
)
KINDS = (
    ("networking.k8s.io/v1", "Ingress"),
    ("gateway.networking.k8s.io/v1", "HTTPRoute"),
    ("route.openshift.io/v1", "Route"),
    ("traefik.io/v1alpha1", "IngressRoute"),
    ("monitoring.coreos.com/v1", "ServiceMonitor"),
    ("monitoring.coreos.com/v1", "PodMonitor"),
    ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
    ("apiregistration.k8s.io/v1", "APIService"),
    ("v1", "Service"),
    ("v1", "ConfigMap"),
    ("v1", "Secret"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("kustomize.config.k8s.io/v1beta1", "Kustomization"),
    ("apps/v1", "Deployment"),
    ("batch/v1", "CronJob"),
)
KEYS = st.sampled_from(
    [
        "rules",
        "http",
        "paths",
        "backend",
        "service",
        "name",
        "port",
        "number",
        "backendRefs",
        "routes",
        "services",
        "to",
        "endpoints",
        "targetPort",
        "selector",
        "matchLabels",
        "matchExpressions",
        "namespaceSelector",
        "webhooks",
        "clientConfig",
        "ports",
        "type",
        "data",
        "stringData",
        "podSelector",
        "ingress",
        "egress",
        "from",
        "resources",
        "configMapGenerator",
        "literals",
        "files",
        "template",
        "spec",
        "containers",
        "env",
        "value",
        "valueFrom",
        "envFrom",
        "volumes",
        "configMap",
        "args",
        "command",
        "metadata",
        "labels",
        "annotations",
        "jobTemplate",
    ]
)
TREES = st.recursive(
    ODD,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(kind=st.sampled_from(KINDS), spec=TREES, data=st.dictionaries(KEYS, TREES, max_size=3))
def test_no_shape_of_an_object_is_a_bug(
    kind: tuple[str, str], spec: Any, data: dict[str, Any]
) -> None:
    odd = {**data, "apiVersion": kind[0], "kind": kind[1], "spec": spec}
    odd["metadata"] = {"name": "odd"}
    proposed(APP + "---\n" + json.dumps(odd), egress="restrict", default_deny="namespace")
