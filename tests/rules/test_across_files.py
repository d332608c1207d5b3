"""What rules say of one file depends on the others: only where those are in view."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.config import DEFAULT, Config, parse
from bot.engine.check import check, view_of
from bot.engine.fix import fix_file
from bot.engine.read import load
from bot.kubernetes.version import Version
from bot.rule.load import Rules
from bot.rule.rule import Rule
from tests.rules import record
from tests.rules.record import RULES
from tests.rules.test_examples import name
from tests.rules.test_laws import strange

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
      - name: web
        image: web
        envFrom:
        - configMapRef: {name: settings}
"""
POLICY = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
spec:
  podSelector: {SELECTOR}
"""
LABELLED = POLICY.replace("SELECTOR", "matchLabels: {app: web}")
FOR_ALL = POLICY.replace("SELECTOR", "")
OTHER_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\ndata: {a: b}\n"


def found(
    rule: str, files: Mapping[str, str], *, complete: bool = True, config: Config = DEFAULT
) -> list[tuple[str, str]]:
    """Where a rule finds something in a directory, and what it says."""
    manifests = [m for path, text in files.items() for m in load(path, text.encode())[0]]
    findings = check(manifests, RULES, config, view_of(manifests, complete=complete))
    return [(f.file, f.message) for f in findings if f.rule == rule]


def files(rule: str, given: Mapping[str, str], **more: Any) -> list[str]:
    return [file for file, _ in found(rule, given, **more)]


def test_absence_means_nothing_where_a_part_is_in_view() -> None:
    given = {"web.yaml": WEB, "other.yaml": OTHER_MAP}
    for rule in ("unrestricted-network", "service-account-token", "dangling-reference"):
        assert files(rule, given) == ["web.yaml"]
        assert files(rule, given, complete=False) == []


def test_a_policy_in_a_folder_below_selects() -> None:
    assert files("unrestricted-network", {"a/web.yaml": WEB, "a/policies/p.yaml": FOR_ALL}) == []


def test_a_policy_for_all_pods_of_another_tree_does_not() -> None:
    given = {"a/web.yaml": WEB, "b/p.yaml": FOR_ALL}
    assert files("unrestricted-network", given) == ["a/web.yaml"]


def test_a_policy_for_its_labels_in_another_tree_may() -> None:
    assert files("unrestricted-network", {"a/web.yaml": WEB, "b/p.yaml": LABELLED}) == []


def test_an_overlay_protects_its_base() -> None:
    given = {
        "base/web.yaml": WEB,
        "base/kustomization.yaml": "resources: [web.yaml]\n",
        "overlays/prod/kustomization.yaml": "resources: [../../base, policy.yaml]\n",
        "overlays/prod/policy.yaml": FOR_ALL,
    }
    assert files("unrestricted-network", given) == []


def test_a_policy_in_a_namespace_that_the_workload_does_not_name_is_explained() -> None:
    named = LABELLED.replace("name: web", "name: web\n  namespace: prod")
    ((_, message),) = found("unrestricted-network", {"web.yaml": WEB, "p.yaml": named})
    assert "'web' selects its labels in the namespace 'prod'" in message


def test_a_kustomization_that_gives_the_namespace_leaves_it_open() -> None:
    given = {
        "web.yaml": WEB,
        "kustomization.yaml": "namespace: prod\nresources: [web.yaml]\n",
        "elsewhere/p.yaml": LABELLED.replace("name: web", "name: web\n  namespace: prod"),
    }
    assert files("unrestricted-network", given) == []


def test_a_kustomization_that_names_the_version_takes_the_place_of_the_tag() -> None:
    assert files("mutable-image-tag", {"web.yaml": WEB}) == ["web.yaml"]
    images = "resources: [web.yaml]\nimages: [{name: web, newTag: 1.4.2}]\n"
    assert files("mutable-image-tag", {"web.yaml": WEB, "kustomization.yaml": images}) == []
    others = images.replace("name: web", "name: api")
    given = {"web.yaml": WEB, "kustomization.yaml": others}
    assert files("mutable-image-tag", given) == ["web.yaml"]


def test_a_base_is_given_its_version_by_an_overlay_with_a_namespace() -> None:
    given = {
        "base/web.yaml": WEB,
        "base/kustomization.yaml": "namespace: shop\nresources: [web.yaml]\n",
        "prod/kustomization.yaml": "resources: [../base]\nimages: [{name: web, digest: 'sha256:1'}]\n",
    }
    assert files("mutable-image-tag", given) == []


def test_a_generated_config_map_is_there() -> None:
    given = {"web.yaml": WEB, "other.yaml": OTHER_MAP}
    assert files("dangling-reference", given) == ["web.yaml"]
    generator = "resources: [web.yaml]\nconfigMapGenerator: [{name: settings, envs: [.env]}]\n"
    assert files("dangling-reference", {**given, "kustomization.yaml": generator}) == []


def test_what_a_remote_base_brings_is_not_known_to_be_absent() -> None:
    given = {
        "web.yaml": WEB,
        "other.yaml": OTHER_MAP,
        "kustomization.yaml": "resources: [web.yaml, 'https://example.com/settings.yaml']\n",
    }
    assert files("dangling-reference", given) == []


def test_an_application_installs_what_is_not_in_view() -> None:
    application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: shop}\n"
    given = {"web.yaml": WEB, "other.yaml": OTHER_MAP, "argocd/shop.yaml": application}
    assert files("dangling-reference", given) == []
    idle = {"web.yaml": WEB, "p.yaml": LABELLED.replace("app: web", "app: api")}
    assert files("idle-network-policy", idle) == ["p.yaml"]
    assert files("idle-network-policy", {**idle, "argocd/shop.yaml": application}) == []


def test_a_kustomization_is_seen_and_not_judged() -> None:
    manifests, skipped = load("kustomization.yaml", b"namespace: prod\nresources: [web.yaml]\n")
    assert [(m.kind, m.data["namespace"]) for m in manifests] == [("Kustomization", "prod")]
    assert [item.reason for item in skipped] == ["Kustomization: not judged"]
    assert check(manifests, RULES, DEFAULT) == ()


def test_a_view_keeps_no_value_of_a_secret() -> None:
    text = """
apiVersion: v1
kind: Secret
metadata: {name: db}
data: {password: bm90LXRvLWJlLWtlcHQ=}
stringData: {token: not-to-be-kept}
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: api}
spec: {target: {name: api, template: {data: {token: not-to-be-kept}}}}
---
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: sealed}
spec: {encryptedData: {token: not-to-be-kept}, template: {data: {url: not-to-be-kept}}}
---
apiVersion: example.com/v1
kind: Database
metadata: {name: db}
spec: {password: not-to-be-kept}
"""
    manifests, _ = load("secrets.yaml", text.encode())
    seen = view_of(manifests, complete=True).objects
    assert len(seen) == 4
    assert "not-to-be-kept" not in str(seen)
    assert "bm90LXRv" not in str(seen)


def test_a_fix_that_changes_nothing_that_others_ask_for_keeps_the_view() -> None:
    manifests, _ = load("web.yaml", WEB.encode())
    view = view_of(manifests, complete=True)
    hardened = WEB.replace("image: web", "image: web:1.4.2")
    again, _ = load("web.yaml", hardened.encode())
    assert view.with_file("web.yaml", view_of(again, complete=True).objects) is view
    renamed, _ = load("web.yaml", WEB.replace("app: web", "app: api").encode())
    assert view.with_file("web.yaml", view_of(renamed, complete=True).objects) is not view


def test_resources_of_the_pod_count_from_the_version_that_knows_them() -> None:
    pod = """
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  resources:
    limits: {cpu: 1, memory: 1Gi}
  containers:
  - name: web
    image: web:1
"""
    for minor, expected in ((33, True), (34, False)):
        config = replace(DEFAULT, kubernetes_version=Version(minor), rules={"unlimited-cpu": "on"})
        for rule in ("unset-requests", "unlimited-memory", "unlimited-cpu"):
            assert bool(found(rule, {"pod.yaml": pod}, config=config)) is expected


def test_a_cpu_limit_is_set_where_the_config_names_one() -> None:
    article = parse(b"resources: article\n", ".podsec.yaml")
    assert files("unlimited-cpu", {"web.yaml": WEB}) == []
    assert files("unlimited-cpu", {"web.yaml": WEB}, config=article) == ["web.yaml"]
    off = replace(article, rules={"unlimited-cpu": "off"})
    assert files("unlimited-cpu", {"web.yaml": WEB}, config=off) == []
    manifests, _ = load("web.yaml", WEB.encode())
    findings = check(manifests, RULES, article)
    fixed = fix_file("web.yaml", WEB.encode(), findings, RULES, article, unsafe=True)
    assert b"cpu: 500m" in fixed.data
    assert b"memory: 128Mi" in fixed.data


def test_a_workload_without_a_namespace_is_asked_for_one_only_on_request() -> None:
    rules = {"default-namespace": "on"}
    assert files("default-namespace", {"w.yaml": WEB}, config=replace(DEFAULT, rules=rules)) == []
    options = {"default-namespace": {"absent": True}}
    config = replace(DEFAULT, rules=rules, options=options)
    assert files("default-namespace", {"w.yaml": WEB}, config=config) == ["w.yaml"]


def test_without_listed_registries_none_is_foreign() -> None:
    assert files("foreign-registry", {"web.yaml": WEB}) == []
    for registries, expected in (([], []), (["docker.io"], []), (["quay.io", 7], ["web.yaml"])):
        config = replace(DEFAULT, options={"foreign-registry": {"registries": registries}})
        assert files("foreign-registry", {"web.yaml": WEB}, config=config) == expected


def test_a_memory_limit_is_never_set_below_the_request_that_comes_with_it() -> None:
    config = replace(DEFAULT, memory_request="1Gi", memory_limit="128Mi")
    manifests, _ = load("web.yaml", WEB.encode())
    findings = check(manifests, RULES, config)
    fixed = fix_file("web.yaml", WEB.encode(), findings, RULES, config, unsafe=True)
    assert b"memory: 1Gi" in fixed.data
    assert b"128Mi" not in fixed.data


ASKING = [
    (rule, path)
    for rule in RULES
    if rule.confirm is not None
    for which in ("fail", "pass")
    for path in record.examples(rule, which)
]


@pytest.mark.parametrize(("rule", "path"), ASKING, ids=name)
def test_a_rule_survives_any_value_at_any_place_of_any_object(rule: Rule, path: Path) -> None:
    manifests, _ = load(path.name, path.read_bytes())
    rules, config = Rules((rule,)), record.config(rule)
    for manifest in manifests:
        others = [one for one in manifests if one is not manifest]
        for data in strange(manifest.data):
            changed, _ = load("strange.yaml", json.dumps(data).encode())
            check([*others, *changed], rules, config, view_of([*others, *changed], complete=True))
