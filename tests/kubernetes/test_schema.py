"""What the API server would refuse, by Kubernetes' own schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema_rs
import pytest

from bot.kubernetes import released_schema
from bot.kubernetes.schema import has_schema, problems
from bot.kubernetes.version import LATEST, Version

OLDEST = Version(25)


def pod(container: Mapping[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    containers = [{"name": "cart", "image": "cart:1", **(container or {})}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "shop"},
        "spec": {"containers": containers, **spec},
    }


def found(data: Mapping[str, Any], version: Version = LATEST) -> list[tuple[str, str]]:
    judged = problems(data, data["apiVersion"], data["kind"], version)
    return [(p.fault, ".".join(map(str, p.path))) for p in judged]


def hint(container: Mapping[str, Any] | None = None, **spec: Any) -> tuple[str | None, str | None]:
    (problem,) = problems(pod(container, **spec), "v1", "Pod", LATEST)
    return problem.similar, problem.home


def test_what_the_server_takes_has_no_problem() -> None:
    container = {
        "command": None,
        "env": [{"name": "A", "value": None}, {"name": "B"}],
        "resources": {"limits": {"cpu": 1, "memory": "64Mi", "example.com/x": "1"}},
        "livenessProbe": {"httpGet": {"port": "web"}},
        "readinessProbe": {"tcpSocket": {"port": 80}},
    }
    data = pod(container, nodeSelector=None, securityContext={}, volumes=[])
    data["metadata"]["creationTimestamp"] = None
    data["status"] = {"anything": ["goes"], "phase": 5}
    assert found(data) == []


@pytest.mark.parametrize("version", [OLDEST, LATEST])
def test_unknown_fields_wrong_types_and_missing_fields_are_found(version: Version) -> None:
    container = {
        "imagePullPolcy": "Always",
        "securityContext": {"privileged": "true"},
        "ports": [{"name": "web"}],
        "args": "--verbose",
    }
    assert sorted(found(pod(container), version)) == [
        ("missing", "spec.containers.0.ports.0.containerPort"),
        ("type", "spec.containers.0.args"),
        ("type", "spec.containers.0.securityContext.privileged"),
        ("unknown", "spec.containers.0.imagePullPolcy"),
    ]


@pytest.mark.parametrize(
    ("value", "is_right"),
    [("64Mi", True), (1, True), (0.5, True), (None, True), (True, False), ([], False), ({}, False)],
)
def test_a_quantity_is_a_string_or_a_number(value: Any, is_right: bool) -> None:
    data = pod({"resources": {"requests": {"memory": value}}})
    assert (found(data) == []) == is_right


@pytest.mark.parametrize(
    ("value", "is_right"), [("web", True), (80, True), (80.5, False), (True, False), ([80], False)]
)
def test_a_port_is_a_string_or_a_whole_number(value: Any, is_right: bool) -> None:
    data = pod({"livenessProbe": {"httpGet": {"port": value}}})
    assert (found(data) == []) == is_right


def test_null_is_a_missing_value_where_one_is_required() -> None:
    assert found(pod({"env": [{"name": None}]})) == [("missing", "spec.containers.0.env.0.name")]


def test_a_release_knows_its_own_fields() -> None:
    data = pod(hostUsers=False, resources={"limits": {"memory": "1Gi"}})
    assert found(data, OLDEST) == [("unknown", "spec.resources")]
    assert found(data, LATEST) == []


@pytest.mark.parametrize(
    ("version", "kind", "release", "is_known"),
    [
        ("apps/v1", "Deployment", LATEST, True),
        ("extensions/v1beta1", "Deployment", LATEST, False),
        ("policy/v1beta1", "PodDisruptionBudget", LATEST, False),
        ("argoproj.io/v1alpha1", "Rollout", LATEST, False),
        ("autoscaling/v2beta2", "HorizontalPodAutoscaler", OLDEST, True),
        ("autoscaling/v2beta2", "HorizontalPodAutoscaler", LATEST, False),
        ("apps/v1", "Deployment", Version(9), True),
        ("apps/v1", "Deployment", Version(LATEST.minor + 1), False),
        ("v1", "PodSpec", LATEST, False),
        ("v1", "DeleteOptions", LATEST, False),
    ],
)
def test_what_has_no_schema_is_not_judged(
    version: str, kind: str, release: Version, is_known: bool
) -> None:
    assert has_schema(version, kind, release) == is_known
    data = {"apiVersion": version, "kind": kind, "spec": {"nonsense": 1}}
    assert bool(problems(data, version, kind, release)) == is_known


@pytest.mark.parametrize(
    ("container", "spec", "similar", "home"),
    [
        ({"securitycontext": {}}, {}, "securityContext", None),
        ({"imagePullPolcy": ""}, {}, "imagePullPolicy", None),
        ({"runAsNonRoot": True}, {}, None, "spec.containers[].securityContext"),
        ({"limits": {}}, {}, None, "spec.containers[].resources"),
        ({"hostNetwork": True}, {}, None, "spec"),
        ({"labels": {}}, {}, None, "metadata"),
        ({}, {"readOnlyRootFilesystem": True}, None, "spec.containers[].securityContext"),
        ({}, {"fsGroup": 2000}, None, "spec.securityContext"),
        ({}, {"kubernetes": True}, None, None),
        ({"name2": "x"}, {}, "name", None),
        ({"path": "x"}, {}, None, None),
    ],
)
def test_the_field_that_is_meant_is_named(
    container: Any, spec: Any, similar: str | None, home: str | None
) -> None:
    assert hint(container, **spec) == (similar, home)


def test_a_field_of_the_root_belongs_to_the_root() -> None:
    data = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "binaryData": {}}}
    (problem,) = problems(data, "v1", "ConfigMap", LATEST)
    assert (problem.similar, problem.home) == (None, "")


@pytest.mark.parametrize(
    "value",
    ["${REPLICAS}", "{{ .Values.x }}", "$(params.x)", "<x>", "ENC[AES256_GCM,data:x]", "__X__"],
)
def test_placeholders_are_no_wrong_types(value: str) -> None:
    assert found(pod(hostNetwork=value)) == []


def test_what_sops_adds_is_no_unknown_field() -> None:
    data = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}, "sops": {"mac": "x"}}
    assert found(data) == []
    assert found({**data, "spos": {}}) == [("unknown", "spos")]


@pytest.mark.parametrize(
    ("data", "may"),
    [
        ({"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {}}}, True),
        ({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding"}, True),
        (pod({"ports": [{"name": "x"}]}), False),
    ],
)
def test_what_kustomize_may_add_is_marked(data: dict[str, Any], may: bool) -> None:
    (problem,) = problems(data, data["apiVersion"], data["kind"], LATEST)
    assert (problem.fault, problem.may_be_added) == ("missing", may)


@pytest.mark.parametrize("wrong", [None, 5, "x", [], {}, True, 1.5])
@pytest.mark.parametrize(
    "path", ["metadata", "spec", "spec.containers", "spec.volumes", "spec.hostNetwork", "status"]
)
def test_the_walk_agrees_with_the_validator(path: str, wrong: Any) -> None:
    data = pod(volumes=[{"name": "x", "emptyDir": {}}], hostNetwork=True)
    *outer, last = path.split(".")
    (data[outer[0]] if outer else data)[last] = wrong
    name = released_schema.definition_of("v1", "Pod", LATEST)
    assert name is not None
    validator = jsonschema_rs.validator_for(released_schema.schema_of(*name))
    assert bool(found(data)) == (not validator.is_valid(data))


def test_only_the_first_problems_are_told() -> None:
    assert len(found(pod(**{f"unknown{n}": 1 for n in range(1000)}))) == 20


def test_a_schema_that_describes_itself_is_followed() -> None:
    inner: dict[str, Any] = {"type": "object", "propertys": {}}
    for _ in range(5):
        inner = {"type": "object", "properties": {"x": inner}, "default": {"any": [1]}}
    version = {"name": "v1", "schema": {"openAPIV3Schema": inner}}
    spec = {"group": "x", "names": {"kind": "X", "plural": "xs"}, "scope": "Namespaced"}
    data = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "x"},
        "spec": {**spec, "versions": [version]},
    }
    (problem,) = problems(data, data["apiVersion"], data["kind"], LATEST)
    assert problem.path[-1] == "propertys"
    assert problem.similar == "properties"


@cache
def releases() -> dict[int, dict[str, Any]]:
    return {
        minor: json.loads((folder / "_definitions.json").read_bytes())["$defs"]
        for minor, folder in released_schema.releases().items()
    }


def loosened() -> Iterator[tuple[str, str]]:
    """What older schemas require and the newest does not: it was never true."""
    newest = releases()[LATEST.minor]
    for definitions in releases().values():
        for name, definition in definitions.items():
            for field in definition.get("required", ()) if name in newest else ():
                if field not in newest[name].get("required", ()):
                    yield name, field


def test_the_newest_release_is_the_latest_that_podsec_knows() -> None:
    assert max(releases()) == LATEST.minor


def test_a_field_that_later_schemas_do_not_require_is_not_required() -> None:
    groups = ("apps", "batch", "core", "networking", "policy", "rbac", "scheduling", "discovery")
    known = {
        (name, field)
        for name, field in loosened()
        if name.split(".")[3] in groups and not name.endswith(("Status", "Condition"))
        and name.split(".")[4] == "v1"
    }  # fmt: skip
    exempt = {(name, f) for name, fields in released_schema.DEFAULTED.items() for f in fields}
    assert known - exempt == set()
    assert known & exempt != set()
