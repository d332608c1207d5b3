"""Which kinds make pods, and where these stand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.kubernetes.custom_kinds import KNOWN, UNKNOWN, embedded
from bot.kubernetes.kinds import BUILT_IN, EACH, is_built_in, pattern, places

SPEC: dict[str, Any] = {"containers": [{"name": "cart", "image": "cart:1"}]}


def at(path: tuple[str | int, ...], value: Any) -> Any:
    """`value` below a path; `EACH` is a list of one."""
    for step in reversed(path):
        value = [value] if step == EACH else {str(step): value}
    return value


@pytest.mark.parametrize(
    ("version", "kind", "path"),
    [
        ("v1", "Pod", "spec"),
        ("v1", "PodTemplate", "template.spec"),
        ("v1", "ReplicationController", "spec.template.spec"),
        ("apps/v1", "ReplicaSet", "spec.template.spec"),
        ("apps/v1beta2", "Deployment", "spec.template.spec"),
        ("extensions/v1beta1", "Deployment", "spec.template.spec"),
        ("extensions/v1beta1", "DaemonSet", "spec.template.spec"),
        ("apps/v1", "StatefulSet", "spec.template.spec"),
        ("batch/v1", "Job", "spec.template.spec"),
        ("batch/v1", "CronJob", "spec.jobTemplate.spec.template.spec"),
        ("batch/v1beta1", "CronJob", "spec.jobTemplate.spec.template.spec"),
        ("argoproj.io/v1alpha1", "Rollout", "spec.template.spec"),
        ("serving.knative.dev/v1", "Service", "spec.template.spec"),
        ("apps.openshift.io/v1", "DeploymentConfig", "spec.template.spec"),
        ("keda.sh/v1alpha1", "ScaledJob", "spec.jobTargetRef.template.spec"),
        ("apps.kruise.io/v1alpha1", "CloneSet", "spec.template.spec"),
        ("jobset.x-k8s.io/v1alpha2", "JobSet", "spec.replicatedJobs[].template.spec.template.spec"),
    ],
)
def test_a_pod_is_found_where_its_kind_has_it(version: str, kind: str, path: str) -> None:
    shapes = KNOWN.known(version, kind)
    assert shapes is not None
    data = at(pattern(path), SPEC)
    (place,) = places(shapes, data)
    expected = tuple(0 if step == EACH else step for step in pattern(path))
    assert place.path == expected
    assert place.is_whole


@pytest.mark.parametrize(
    ("version", "kind"),
    [("v1", "Service"), ("serving.knative.dev/v1", "Route"), ("v1", "Rollout"), ("apps/v1", "Pod")],
)
def test_the_group_belongs_to_the_name_of_a_kind(version: str, kind: str) -> None:
    assert KNOWN.known(version, kind) is None


def test_every_pod_of_an_object_with_several_is_found() -> None:
    shapes = KNOWN.known("ray.io/v1", "RayCluster") or ()
    group = {"template": {"spec": SPEC}}
    data = {"spec": {"headGroupSpec": group, "workerGroupSpecs": [group, group]}}
    assert [place.path for place in places(shapes, data)] == [
        ("spec", "headGroupSpec", "template", "spec"),
        ("spec", "workerGroupSpecs", 0, "template", "spec"),
        ("spec", "workerGroupSpecs", 1, "template", "spec"),
    ]


def test_values_of_a_mapping_are_found_by_their_keys() -> None:
    shapes = KNOWN.known("kubeflow.org/v1", "PyTorchJob") or ()
    data = {"spec": {"pytorchReplicaSpecs": {"Master": {"template": {"spec": SPEC}}}}}
    (place,) = places(shapes, data)
    assert place.path == ("spec", "pytorchReplicaSpecs", "Master", "template", "spec")


def test_a_workflow_is_judged_by_what_is_written_in_its_templates() -> None:
    shapes = KNOWN.known("argoproj.io/v1alpha1", "Workflow") or ()
    templates = [
        {"name": "a", "container": {"image": "a:1"}, "sidecars": [{"name": "s", "image": "s:1"}]},
        {"name": "b", "script": {"image": "b:1"}, "initContainers": [{"name": "i"}, "odd"]},
        {"name": "steps", "steps": []},
    ]
    found = list(places(shapes, {"spec": {"templates": templates}}))
    assert [(place.path, place.containers) for place in found] == [
        (("spec",), ()),
        (("spec", "templates", 0), (
            ("containers", ("container",)), ("containers", ("sidecars", 0)),
        )),
        (("spec", "templates", 1), (
            ("initContainers", ("initContainers", 0)), ("containers", ("script",)),
        )),
        (("spec", "templates", 2), ()),
    ]  # fmt: skip
    assert not any(place.is_whole or place.edits != "nothing" for place in found)


def test_knative_takes_edits_of_containers_alone() -> None:
    (shape,) = KNOWN.known("serving.knative.dev/v1", "Service") or ()
    assert shape.edits == "containers"


def test_a_config_adds_kinds_and_replaces_known_ones() -> None:
    added = [
        ("example.com", "Worker", ("spec", "pods", EACH, "spec")),
        ("example.com", "Worker", ("spec", "leader")),
        ("argoproj.io", "Rollout", ("spec", "pod")),
    ]
    kinds = KNOWN.extended(added)
    worker = kinds.known("example.com/v1", "Worker") or ()
    data = {"spec": {"pods": [{"spec": SPEC}], "leader": SPEC}}
    assert [p.path for p in places(worker, data)] == [
        ("spec", "pods", 0, "spec"),
        ("spec", "leader"),
    ]
    rollout = kinds.known("argoproj.io/v1alpha1", "Rollout") or ()
    assert [shape.path for shape in rollout] == [("spec", "pod")]
    assert kinds.known("apps/v1", "Deployment") == BUILT_IN.known("apps/v1", "Deployment")


def test_what_stands_in_the_way_of_a_path_is_no_pod() -> None:
    for wrong in (None, [], "x", 5, {"spec": None}, {"spec": {"template": ["spec"]}}):
        assert list(places(UNKNOWN, {"spec": wrong})) == []


def test_a_pod_anywhere_in_an_unknown_object_is_named() -> None:
    data = {"spec": {"a": [{"b": 1}, {"inner": SPEC}], "containers": [{"name": "no image"}]}}
    assert list(embedded(data)) == [("spec", "a", 1, "inner")]


def test_the_search_for_pods_ends() -> None:
    wide = {"spec": [{"x": n} for n in range(50_000)]}
    deep: Any = SPEC
    for _ in range(500):
        deep = {"k": deep}
    assert list(embedded(wide)) == []
    assert list(embedded(deep)) == []


def test_kubernetes_own_groups_are_told_from_others() -> None:
    own = ("v1", "apps/v1", "networking.k8s.io/v1", "rbac.authorization.k8s.io/v1")
    others = ("jobset.x-k8s.io/v1alpha2", "argoproj.io/v1alpha1", "example.com/v1")
    assert [is_built_in(version) for version in own] == [True] * 4
    assert [is_built_in(version) for version in others] == [False] * 3


def test_every_row_of_the_tables_is_reachable() -> None:
    for (group, kind), shapes in KNOWN.shapes.items():
        for shape in shapes:
            data = json.loads(json.dumps(at(shape.path, SPEC)))
            assert list(places([shape], data)), (group, kind)
