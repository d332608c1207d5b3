"""What the schema's rules say depends on what kustomize may add, and on nothing that is unknown."""

from __future__ import annotations

import pytest

from bot.config import DEFAULT
from bot.engine.check import check, view_of
from bot.engine.read import load
from bot.model.finding import Finding
from tests.rules.record import RULES

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: web:1
        env: [{value: x}]
"""


def told(files: dict[str, str], *, complete: bool = True) -> list[tuple[str, str]]:
    manifests = [one for path, text in files.items() for one in load(path, text.encode())[0]]
    found = check(manifests, RULES, DEFAULT, view_of(manifests, complete=complete))
    return [(f.file, f.field) for f in found if f.rule == "invalid-value"]


NAME = "spec.template.spec.containers[0].env[0].name"


def test_a_missing_selector_is_told_where_nothing_may_add_it() -> None:
    files = {"a/web.yaml": WEB, "b/kustomization.yaml": "resources: []\n"}
    assert told(files) == [("a/web.yaml", "spec.selector"), ("a/web.yaml", NAME)]
    assert told(files, complete=False) == [("a/web.yaml", NAME)]


@pytest.mark.parametrize(
    ("home", "kustomization"),
    [
        ("base", "base/kustomization.yaml"),
        ("crd/pieces", "crd/kustomization.yaml"),
        ("a/b/c", "kustomization.yaml"),
    ],
)
def test_a_kustomization_around_it_may_add_it(home: str, kustomization: str) -> None:
    files = {f"{home}/web.yaml": WEB, kustomization: "commonLabels: {app: web}\n"}
    assert told(files) == [(f"{home}/web.yaml", NAME)]


def test_a_base_that_an_overlay_builds_may_get_it_there() -> None:
    files = {"base/web.yaml": WEB, "prod/kustomization.yaml": "resources: [../base]\n"}
    assert told(files) == [("base/web.yaml", NAME)]


def findings(text: str, rule: str) -> list[Finding]:
    manifests, _ = load("web.yaml", text.encode())
    return [f for f in check(manifests, RULES, DEFAULT) if f.rule == rule]


def test_a_value_is_not_repeated_since_it_may_be_a_secret() -> None:
    text = WEB.replace("{value: x}", "{name: PASSWORD, value: 20191225}")
    (found,) = findings(text, "invalid-value")
    assert "20191225" not in found.message
    assert found.container == "web"


@pytest.mark.parametrize("key", ["a.b/c", "a]b", "0", "", "x" * 300])
def test_a_field_of_any_name_is_found_in_its_place(key: str) -> None:
    text = WEB.replace("{labels: {app: web}}", f"{{labels: {{app: web, '{key}': 5}}}}")
    found = [f for f in findings(text, "invalid-value") if "labels" in f.field]
    assert [(f.region.line, f.message.count("labels")) for f in found] == [(6, 1)]


def test_two_rules_do_not_speak_of_one_field() -> None:
    text = WEB.replace("env: [{value: x}]", "securityContext: {fsGroup: 2000}")
    assert findings(text, "unknown-field") == []
    assert len(findings(text, "misplaced-pod-field")) == 1
