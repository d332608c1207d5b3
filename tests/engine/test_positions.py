"""Every finding names its place: file, line, column, end line, JSON pointer, container."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.config import DEFAULT
from bot.engine.check import Checker
from bot.engine.place import dotted, pointer
from bot.engine.pods import owner_of, pods_of
from bot.engine.read import load
from bot.engine.subject import Subject
from bot.kubernetes.workload import Container, Object
from bot.model.finding import Finding
from bot.model.manifest import Manifest
from bot.rule.load import Rules
from bot.rule.rule import Context, FixMeta, Rule, RuleFix, SetField, Violation

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: shop
spec:
  containers:
    - name: cart
      image: cart:1
      securityContext:
        # why
        runAsNonRoot: false

    - image: shelf:1
      name: shelf
      args: |
        --verbose

        --twice

      env: [{name: A, value: x}]
"""
ROLLOUT = """\
# a template stands in a custom resource
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: shop}
spec:
  template:
    spec:
      initContainers:
      - {name: first, image: i, securityContext: {runAsUser: 0}}
      containers: [{name: cart,
        image: c}]
"""
TASK = """\
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: build}
spec:
  stepTemplate: {securityContext: {privileged: true}}
  steps:
    - name: run
      image: $(params.image)
    - image: golang
      securityContext: {privileged: true}
"""


def rule(scope: str, fields: tuple[str, ...], fix: SetField | None = None) -> Rule:
    """A rule that finds these fields in each of its targets."""

    def check(target: Any, _context: Context) -> Any:
        return iter([Violation(field, f"{field} of {target.name}") for field in fields])

    return Rule(
        id=f"any-{scope}",
        summary="",
        severity="low",
        profile="podsec",
        since="0.1.0",
        applies_to=scope,
        check=check,
        kinds=frozenset({"*"} if scope == "object" else ()),
        fix_meta=FixMeta(title="Set it", applicability="safe"),
        fix=(lambda *_: RuleFix(patches=(fix,))) if fix else None,
    )  # fmt: skip


def find(text: str, *rules: Rule, path: str = "x.yaml") -> tuple[Finding, ...]:
    manifests, _ = load(path, text.encode())
    return Checker(Rules(tuple(rules)), DEFAULT).check(manifests)


def places(found: tuple[Finding, ...]) -> list[tuple[int, int, int, str, str | None]]:
    return [
        (f.region.line, f.region.column, f.region.end_line, f.pointer, f.container) for f in found
    ]


@pytest.mark.parametrize(
    ("field", "line", "column", "end", "pointer_"),
    [
        ("image", 8, 7, 8, "/spec/containers/0/image"),
        ("securityContext", 9, 7, 11, "/spec/containers/0/securityContext"),
        (
            "securityContext.runAsNonRoot", 11, 9, 11,
            "/spec/containers/0/securityContext/runAsNonRoot",
        ),
        (
            "securityContext.privileged", 9, 7, 9,
            "/spec/containers/0/securityContext/privileged",
        ),
        ("resources.limits.memory", 7, 7, 7, "/spec/containers/0/resources/limits/memory"),
        ("", 7, 7, 11, "/spec/containers/0"),
    ],
)  # fmt: skip
def test_a_field_or_its_nearest_ancestor_is_named(
    field: str, line: int, column: int, end: int, pointer_: str
) -> None:
    first, *_ = find(POD, rule("container", (field,)))
    assert places((first,)) == [(line, column, end, pointer_, "cart")]
    assert first.file == "x.yaml"


def test_block_scalars_and_flow_lists_end_where_they_end() -> None:
    found = [
        f
        for f in find(POD, rule("container", ("args", "env.0.value", "env.1")))
        if f.container == "shelf"
    ]
    assert places(tuple(found)) == [
        (15, 7, 18, "/spec/containers/1/args", "shelf"),
        (20, 7, 20, "/spec/containers/1/env/1", "shelf"),
        (20, 23, 20, "/spec/containers/1/env/0/value", "shelf"),
    ]


def test_places_hold_inside_custom_resources() -> None:
    found = find(ROLLOUT, rule("container", ("image",)), rule("pod", ("hostPID",)))
    assert places(found) == [
        (7, 5, 7, "/spec/template/spec/hostPID", None),
        (9, 23, 9, "/spec/template/spec/initContainers/0/image", "first"),
        (11, 9, 11, "/spec/template/spec/containers/0/image", "cart"),
    ]


@pytest.mark.parametrize("indent", [None, 2])
def test_places_hold_inside_lists_and_json(indent: int | None) -> None:
    manifests, _ = load("x.yaml", POD.encode())
    second = manifests[0].data
    text = json.dumps(
        {"apiVersion": "v1", "kind": "List", "items": [second, second]}, indent=indent
    )
    lines = text.split("\n")
    found = find(text, rule("container", ("image",)), path="x.json")
    assert [f.pointer for f in found] == [
        f"/items/{item}/spec/containers/{n}/image" for item in (0, 1) for n in (0, 1)
    ]
    for finding in found:
        line = lines[finding.region.line - 1]
        assert line[finding.region.column - 1 :].startswith('"image"')


def test_places_hold_in_json_that_libyaml_refuses() -> None:
    pod = '{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{\n "name": "%s",\n "image": "i"}]}}'
    text = pod % "a" + "\n" + pod % r"\ud83d\ude00"
    assert places(find(text, rule("container", ("image",)))) == [
        (3, 2, 3, "/spec/containers/0/image", "a"),
        (6, 2, 6, "/spec/containers/0/image", "😀"),
    ]


def test_later_documents_and_other_line_ends_keep_the_lines() -> None:
    text = f"# one\n---\n{POD}".replace("\n", "\r\n")
    first, *_ = find(text, rule("container", ("image",)))
    assert (first.region.line, first.region.column) == (10, 7)


def test_a_rule_of_objects_or_pods_names_the_container_that_it_speaks_of() -> None:
    rules = (
        rule("object", ("spec.containers.1.args", "spec.containers", "metadata.labels[a.b/c]")),
        rule("pod", ("containers.0.image",)),
    )
    found = {f.pointer: f for f in find(POD, *rules)}
    args = found["/spec/containers/1/args"]
    assert (args.container, args.block.line, args.block.end_line) == ("shelf", 13, 20)
    assert found["/spec/containers/0/image"].container == "cart"
    whole = found["/spec/containers"]
    assert (whole.container, whole.block.line) == (None, 1)
    labels = found["/metadata/labels/a.b~1c"]
    assert (labels.region.line, labels.region.column) == (3, 1)


def test_pointers_escape_what_rfc_6901_escapes() -> None:
    path = ("a/b", "m~n", 0, "")
    assert pointer(path) == "/a~1b/m~0n/0/"
    assert dotted(("a", 0, "b.c/d")) == "a[0][b.c/d]"


def test_of_a_piece_of_a_pod_only_what_is_written_is_told() -> None:
    fields = ("image", "securityContext.privileged", "securityContext.runAsNonRoot", "")
    assert places(find(TASK, rule("container", fields))) == [
        (5, 36, 5, "/spec/stepTemplate/securityContext/privileged", "build"),
        (9, 7, 9, "/spec/steps/1/image", "build"),
        (10, 25, 10, "/spec/steps/1/securityContext/privileged", "build"),
    ]


@pytest.mark.parametrize(
    ("text", "target", "is_fixed"),
    [
        (ROLLOUT, "pod", True),
        (ROLLOUT, "container", True),
        (ROLLOUT.replace("argoproj.io/v1alpha1", "serving.knative.dev/v1").replace("Rollout", "Service"), "container", True),
        (ROLLOUT.replace("argoproj.io/v1alpha1", "serving.knative.dev/v1").replace("Rollout", "Service"), "pod", False),
        (TASK, "container", False),
    ],
)  # fmt: skip
def test_a_fix_keeps_to_what_its_kind_takes(text: str, target: str, is_fixed: bool) -> None:
    patch = SetField(field="securityContext.x", value=1, target=target)  # type: ignore[arg-type]  # one of two
    first, *_ = find(text, rule("container", ("image",), fix=patch))
    assert (first.fix is not None) == is_fixed
    assert is_fixed or "podsec does not edit it" in (first.advice or "")


def test_a_rule_that_fails_is_said_and_fails_alone() -> None:
    def check(_target: Any, _context: Context) -> Any:
        yield Violation("image", "one")
        raise RecursionError

    broken = Rule(
        id="broken", summary="", severity="low", profile="podsec", since="0.1.0",
        applies_to="container", check=check,
    )  # fmt: skip
    manifests, _ = load("x.yaml", POD.encode())
    checker = Checker(Rules((broken, rule("pod", ("hostPID",)))), DEFAULT)
    found = checker.check(manifests)
    assert [f.rule for f in found] == ["any-pod", "broken", "broken"]
    said = [(s.line, "'broken' failed" in s.reason) for s in checker.failures()]
    assert said == [(7, True), (13, True)]
    assert checker.failures() == ()


def test_a_confirmation_that_fails_is_said() -> None:
    def confirm(_question: Any, _view: Any) -> bool:
        raise KeyError

    asking = Rule(
        id="asking", summary="", severity="low", profile="podsec", since="0.1.0",
        applies_to="object", kinds=frozenset({"Pod"}), confirm=confirm,
        check=lambda *_: iter([Violation("spec", "x", question=("q",))]),
    )  # fmt: skip
    manifests, _ = load("x.yaml", POD.encode())
    checker = Checker(Rules((asking,)), DEFAULT)
    assert checker.check(manifests) == ()
    assert len(checker.failures()) == 1


def subject(manifest: Manifest) -> tuple[Object, list[Container]]:
    return owner_of(manifest), [c for pod in pods_of(manifest) for c in pod.containers]


def test_containers_without_a_name_bear_that_of_their_template() -> None:
    template = "{name: greet, container: {image: i}, sidecars: [{name: s, image: j}]}"
    text = f"apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {{name: w}}\nspec: {{templates: [{template}]}}\n"
    (manifest,), _ = load("x.yaml", text.encode())
    owner, containers = subject(manifest)
    assert owner.name == "w"
    assert [c.name for c in containers] == ["greet", "s"]
    assert Subject(manifest, owner).block.line == 1
