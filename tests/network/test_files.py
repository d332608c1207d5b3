"""The files of new policies: valid, commented, listed where their workload is, rendered."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import yaml

from bot.kubernetes.namespace import Place
from bot.kubernetes.network_parts import Workload
from bot.kubernetes.schema import problems
from bot.kubernetes.version import LATEST
from tests.network.world import corpus, pair, planned, proposed, specs, surveyed, workload
from tests.tools import tools

APP = pair("api", 9000) + workload("web", env={"API_HOST": "api"})
KUSTOMIZATION = """\
# who runs this: the shop team
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
- app.yaml # all of it
"""


def test_each_rule_says_what_it_rests_on() -> None:
    text = proposed(APP).policies["api.networkpolicy.yaml"].decode()
    assert (
        text
        == """\
# Who may connect to Deployment api, as the manifests show it (podsec policies).
# Addresses that programs have built in are not seen: try this out before you rely on it.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: api
spec:
  podSelector:
    matchLabels:
      app: api
  policyTypes:
  - Ingress
  ingress:
  # web: env API_HOST, app.yaml:23
  - from:
    - podSelector:
        matchLabels:
          app: web
    ports:
    - protocol: TCP
      port: 9000
"""
    )


def test_files_stand_beside_the_workload_and_are_listed_there() -> None:
    files = {"deploy/app.yaml": APP, "deploy/kustomization.yaml": KUSTOMIZATION}
    found = proposed(files)
    assert list(found.policies) == [
        "deploy/api.networkpolicy.yaml",
        "deploy/web.networkpolicy.yaml",
    ]
    lines = "- api.networkpolicy.yaml\n- web.networkpolicy.yaml\n"
    assert found.kustomizations == {"deploy/kustomization.yaml": (KUSTOMIZATION + lines).encode()}
    assert not found.unlisted


def test_a_file_of_a_folder_below_is_listed_by_its_path_from_the_owner() -> None:
    files = {
        "deploy/parts/app.yaml": APP,
        "deploy/kustomization.yaml": KUSTOMIZATION.replace("app.yaml", "parts/app.yaml"),
    }
    listed = proposed(files).kustomizations["deploy/kustomization.yaml"].decode()
    assert "- parts/api.networkpolicy.yaml\n" in listed


def test_what_no_kustomization_lists_is_told() -> None:
    files = {"deploy/app.yaml": APP, "deploy/kustomization.yaml": KUSTOMIZATION.replace("app", "x")}
    found = proposed(files)
    assert not found.kustomizations
    assert found.unlisted == ("deploy/api.networkpolicy.yaml", "deploy/web.networkpolicy.yaml")


def test_a_second_run_has_nothing_to_add() -> None:
    files = {"deploy/app.yaml": APP, "deploy/kustomization.yaml": KUSTOMIZATION}
    first = proposed(files)
    again = {**files, **first.policies, **first.kustomizations}
    assert not proposed(again).policies
    assert not proposed(again).kustomizations


def test_the_same_manifests_give_the_same_bytes_in_any_order() -> None:
    parts = {"a.yaml": pair("api", 9000), "b.yaml": workload("web", env={"API_HOST": "api"})}
    turned = dict(reversed(list(parts.items())))
    assert list(proposed(parts).policies.items()) == list(proposed(turned).policies.items())


def test_a_name_that_a_policy_has_already_is_not_taken() -> None:
    there = (
        "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: api}\n"
        "spec: {podSelector: {matchLabels: {app: other}}}\n"
    )
    assert {one.name for one in planned(APP + there).written} == {"api-deployment", "web"}


def test_common_labels_of_a_kustomization_cut_nobody(tmp_path: Path) -> None:
    """Kustomize adds them to what a policy says of others, too."""
    head = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
    files = {
        "kustomization.yaml": f"{head}namespace: shop\nresources: [api, web]\n",
        "api/kustomization.yaml": f"{head}commonLabels: {{team: api}}\nresources: [app.yaml]\n",
        "api/app.yaml": pair("api", 9000),
        "web/kustomization.yaml": f"{head}commonLabels: {{team: web}}\nresources: [app.yaml]\n",
        "web/app.yaml": workload("web", env={"API_HOST": "api"}),
    }
    found = proposed(files, egress="restrict")
    rendered = render({**files, **found.policies, **found.kustomizations}, tmp_path)
    after = surveyed({"all.yaml": rendered})
    ends = {actor.name: actor.workload for actor in after.inferred.actors}
    assert after.network.verdict(ends["api"], "Ingress") == "covered"
    assert after.network.connection(ends["web"], ends["api"], 9000).allowed
    dns = Workload(name="dns", place=Place("kube-system"), labels={"k8s-app": "kube-dns"})
    assert after.network.connection(ends["web"], dns, 53, "UDP").allowed
    assert not after.network.connection(ends["api"], ends["web"], 9000).allowed


def render(files: Mapping[str, str | bytes], folder: Path) -> bytes:
    """What kubectl makes of a tree."""
    for path, data in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(data if isinstance(data, bytes) else data.encode())
    made = subprocess.run(
        [tools() / "kubectl", "kustomize", folder],
        capture_output=True,
        check=True,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
    )
    return made.stdout


def test_files_are_valid_and_kubectl_renders_them(shared: Path, tmp_path: Path) -> None:
    base = corpus(shared, "GoogleCloudPlatform_microservices-demo/kustomize/base")
    found = proposed(base, egress="restrict", dns="standard")
    for text in found.policies.values():
        for document in specs(text):
            assert not list(problems(document, "networking.k8s.io/v1", "NetworkPolicy", LATEST))
    rendered = render({**base, **found.policies, **found.kustomizations}, tmp_path)
    documents = list(yaml.load_all(rendered, Loader=yaml.CSafeLoader))
    policies = {one["metadata"]["name"]: one for one in documents if one["kind"] == "NetworkPolicy"}
    assert len(policies) == 12
    assert policies == {one.name: one.document for one in found.planned.written}
