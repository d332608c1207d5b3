"""Which objects a file holds, and what of it is not judged."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.engine.read import load, without_patches, without_schema
from bot.kubernetes.custom_kinds import KNOWN
from bot.kubernetes.partial import LISTED_AS_A_PATCH
from bot.kubernetes.version import LATEST

POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: shop}\nspec: {containers: [{name: a, image: b}]}\n"
)
TEMPLATE = "{spec: {containers: [{name: a, image: b}]}}"


def named(text: str | bytes, path: str = "x.yaml") -> list[tuple[str, str]]:
    manifests, _ = load(path, text if isinstance(text, bytes) else text.encode())
    return [(manifest.kind, manifest.name) for manifest in manifests]


def reasons(text: str | bytes, path: str = "x.yaml") -> list[tuple[int, str]]:
    _, skipped = load(path, text if isinstance(text, bytes) else text.encode())
    return [(item.line, item.reason) for item in skipped]


def workload(version: str, kind: str, spec: str) -> str:
    return f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: shop}}\nspec: {spec}\n"


def test_each_document_of_a_file_is_an_object() -> None:
    text = f"# a comment\n---\n{POD}---\n---\n{POD.replace('shop', 'cart')}..."
    assert named(text) == [("Pod", "shop"), ("Pod", "cart")]


def test_the_items_of_lists_are_objects_wherever_they_nest() -> None:
    inner = {"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Secret"}]}
    outer = {"apiVersion": "v1", "kind": "List", "items": [inner, None, 5, {"kind": "Pod"}]}
    manifests, _ = load("x.json", json.dumps(outer).encode())
    assert [(m.kind, m.base) for m in manifests] == [("Secret", ("items", 0, "items", 0))]


def test_the_items_of_a_typed_list_need_not_say_what_they_are() -> None:
    item = {"metadata": {"name": "a"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    pods = {"apiVersion": "v1", "kind": "PodList", "items": [item]}
    (manifest,), _ = load("x.json", json.dumps(pods).encode())
    assert (manifest.kind, manifest.api_version, manifest.name) == ("Pod", "v1", "a")
    assert manifest.pod_path == ("spec",)


def test_a_kind_that_only_ends_like_a_list_is_an_object() -> None:
    assert named("apiVersion: example.com/v1\nkind: AllowList\nitems: {}\n") == [("AllowList", "")]


def test_json_is_read_with_several_values_and_escapes_in_pairs() -> None:
    one = '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "%s"}}'
    assert named(one % "a" + one % r"\ud83d\ude00", "x.json") == [
        ("ConfigMap", "a"),
        ("ConfigMap", "😀"),
    ]


KIND = "apiVersion: v1\nkind: Pod\n"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (KIND + "a: {\n", 4, "not valid YAML: did not find expected node content"),
        (KIND + "a: {{ .x }}\n", 3, "template text: not judged"),
        (KIND + "a: b: c\n", 3, "not valid YAML: mapping values are not allowed in this context"),
        (KIND.encode() + b"a: \xff\n", 3, "not UTF-8"),
        (KIND + "a: \x00\n", 3, "holds a NUL character"),
        (KIND + "a:\n " + "- " * 200 + "x", 4, "nested too deep"),
        (KIND + "a: " + "[" * 900, 3, "nested too deep"),
        (KIND + "a: " + '{"b":' * 1200, 3, "nested too deep"),
        (KIND + "a: &a [*a]\n", 3, "alias *a holds itself"),
        (KIND + "a: *a\n", 3, "alias *a has no anchor"),
        ("- {op: add, path: /apiVersion, value: {kind: x}}\n", 1, "JSON patch: not judged"),
        ("x", 1, "no Kubernetes object"),
        ("", 1, "no Kubernetes object"),
    ],
)  # fmt: skip
def test_what_cannot_be_judged_says_why(text: str | bytes, line: int, reason: str) -> None:
    assert named(text) == []
    assert reasons(text) == [(line, reason)]


@pytest.mark.parametrize("opening", ["[", '{"a":', "- ", "? ", "[{a: ", "[\n"])
def test_nesting_that_would_overflow_the_stack_is_refused(opening: str) -> None:
    ((_, reason),) = reasons(f"{KIND}a:\n  {opening * 50_000}")
    assert "nest" in reason or "more than 100,000 lines and values" in reason


def test_aliases_of_aliases_are_no_bomb() -> None:
    layers = "".join(f"a{n}: &a{n} [{f'*a{n - 1}, ' * 10}]\n" for n in range(1, 12))
    ((line, reason),) = reasons(f"{KIND}a0: &a0 x\n{layers}")
    assert line > 2
    assert reason == "aliases expand to too much: a YAML bomb"


def test_a_broken_document_leaves_the_others() -> None:
    text = f"{POD}---\n{KIND}a: b: c\n---\n{POD.replace('shop', 'cart')}"
    assert named(text) == [("Pod", "shop"), ("Pod", "cart")]
    ((line, reason),) = reasons(text)
    assert line == 8
    assert reason.startswith("not valid YAML")


def test_charts_are_told_from_other_templates() -> None:
    text = f"{KIND}a: {{{{ .Values.x }}}}\n"
    assert reasons(text, "chart/templates/x.yaml") == [(3, "Helm template: not judged")]
    assert reasons(text, "x.yaml") == [(3, "template text: not judged")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (workload("apps/v1", "Deployment", "{replicas: 3}"), "partial Deployment, a patch"),
        (workload("v1", "Pod", "{containers: [{name: a}]}"), "partial Pod, a patch"),
        (workload("serving.knative.dev/v1", "Service", "{}"), "partial Service, a patch"),
        (workload("argoproj.io/v1alpha1", "Rollout", "{workloadRef: {name: x}}"), "another workl"),
        (f"{POD}$patch: delete\n", "a patch of a Pod"),
    ],
)
def test_a_piece_of_an_object_is_not_judged(text: str, reason: str) -> None:
    assert named(text) == []
    ((line, said),) = reasons(text)
    assert line == 1
    assert reason in said


def test_a_file_that_a_kustomization_lists_as_a_patch_is_not_judged() -> None:
    files = {
        "o/kustomization.yaml": "patches: [{path: ../b/web.yaml}]\n",
        "b/web.yaml": POD,
        "b/other.yaml": POD,
    }
    manifests = [one for file, text in files.items() for one in load(file, text.encode())[0]]
    kept, skipped = without_patches(manifests)
    assert [one.file for one in kept] == ["o/kustomization.yaml", "b/other.yaml"]
    assert [(item.file, item.reason) for item in skipped] == [("b/web.yaml", LISTED_AS_A_PATCH)]


def test_a_kustomization_need_not_say_what_it_is() -> None:
    assert named("resources: [x]\n", "a/kustomization.yaml") == [("Kustomization", "")]
    assert named("kind: Component\nresources: [x]\n", "kustomization.yml") == [("Component", "")]


def test_custom_resources_by_shape_are_workloads() -> None:
    text = workload("example.com/v1", "Worker", f"{{template: {TEMPLATE}}}")
    (manifest,), skipped = load("x.yaml", text.encode())
    assert manifest.pod_path == ("spec", "template", "spec")
    assert skipped == ()


@pytest.mark.parametrize("spec", ["{template: {spec: {containers: [{name: a}]}}}", "{}", "[]"])
def test_an_object_without_images_is_no_workload(spec: str) -> None:
    (manifest,), skipped = load("x.yaml", workload("example.com/v1", "Worker", spec).encode())
    assert manifest.pods == ()
    assert skipped == ()


def test_a_pod_in_a_place_that_nobody_knows_is_said() -> None:
    text = workload("example.com/v1", "Worker", f"{{leader: {TEMPLATE}}}")
    ((_, reason),) = reasons(text)
    assert reason == (
        "Worker: what looks like a pod at 'spec.leader.spec' is not judged; 'kinds' may name it"
    )
    kinds = KNOWN.extended([("example.com", "Worker", ("spec", "leader", "spec"))])
    (manifest,), skipped = load("x.yaml", text.encode(), kinds)
    assert manifest.pod_path == ("spec", "leader", "spec")
    assert skipped == ()


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("helm.toolkit.fluxcd.io/v2", "HelmRelease"),
        ("helm.cattle.io/v1", "HelmChart"),
        ("template.openshift.io/v1", "Template"),
    ],
)
def test_what_must_be_rendered_first_is_said(version: str, kind: str) -> None:
    (manifest,), (skipped,) = load("x.yaml", workload(version, kind, "{}").encode())
    assert manifest.kind == kind
    assert "not judged" in skipped.reason


@pytest.mark.parametrize("metadata", ["5", "[]", "{name: {a: b}, namespace: [x]}", "{name: 5}"])
def test_a_name_is_text_or_nothing(metadata: str) -> None:
    text = f"apiVersion: v1\nkind: Service\nmetadata: {metadata}\n"
    (manifest,), _ = load("x.yaml", text.encode())
    assert manifest.name == ("5" if metadata == "{name: 5}" else "")
    assert manifest.namespace is None


@pytest.mark.parametrize("kind", ["5", "[Pod]", "{a: b}", "", "true"])
def test_what_names_no_kind_is_no_object(kind: str) -> None:
    assert named(f"apiVersion: v1\nkind: {kind}\nspec: {{}}\n") == []


def test_objects_without_a_schema_are_counted() -> None:
    custom: dict[str, Any] = {"apiVersion": "example.com/v1", "kind": "Worker"}
    old = {"apiVersion": "extensions/v1beta1", "kind": "Ingress"}
    both = {"apiVersion": "v1", "kind": "List", "items": [custom, old]}
    manifests, _ = load("x.json", json.dumps(both).encode())
    assert without_schema(manifests, LATEST) == 2
    manifests, _ = load("x.yaml", POD.encode())
    assert without_schema(manifests, LATEST) == 0
