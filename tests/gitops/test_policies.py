"""NetworkPolicies among what is rendered: selectors from rendered pods, and whom they select."""

from __future__ import annotations

from typing import Any

from bot.engine.gitops.policies import misdirected, rendered_labels
from bot.engine.gitops.truth import Origins
from bot.model.files import Edited
from bot.model.rendering import Rendering
from bot.workflows.render_roots import render_roots
from tests.conftest import ROOT
from tests.gitops.trees import at, kustomize

PREFIX = ROOT / "fixtures" / "repos" / "kustomize_prefix" / "repo"
CACHE = ("base/app.yaml", "Deployment", "cache")
POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: cache
spec:
  podSelector:
    {selector}
  ingress:
  - from:
    - podSelector:
        {peer}
"""


def rendered(files: dict[str, str]) -> tuple[tuple[Rendering, ...], Origins]:
    tree = Edited(at(PREFIX), {name: text.encode() for name, text in files.items()})
    return render_roots(tree, kustomize(), tree.paths()).renderings, Origins(tree)


def with_policy(selector: str, peer: str = "matchLabels: {app: web}") -> dict[str, str]:
    return {
        "base/kustomization.yaml": "resources:\n- app.yaml\n- cache-networkpolicy.yaml\n",
        "base/cache-networkpolicy.yaml": POLICY.format(selector=selector, peer=peer),
    }


def test_labels_are_those_that_the_pods_have_in_every_root() -> None:
    renderings, origins = rendered({})
    assert rendered_labels(renderings, origins, CACHE) == {"app": "cache", "part-of": "shop"}
    assert rendered_labels(renderings, origins, ("base/app.yaml", "Deployment", "none")) == {}


def test_a_policy_that_selects_just_its_workload_in_every_root_is_right() -> None:
    renderings, origins = rendered(with_policy("matchLabels: {app: cache}"))
    assert len(renderings) == 2
    policy = "base/cache-networkpolicy.yaml"
    assert list(misdirected(renderings, origins, policy, CACHE)) == []


def test_a_policy_that_selects_other_pods_or_none_is_told_with_the_root() -> None:
    policy = "base/cache-networkpolicy.yaml"
    renderings, origins = rendered(with_policy("matchLabels: {}"))
    assert list(misdirected(renderings, origins, policy, CACHE)) == [
        "teams/blue: it also selects 'blue-cache-exporter-v2'",
        "teams/green: it also selects 'green-cache-exporter-v2'",
    ]
    renderings, origins = rendered(with_policy("matchLabels: {app: gone}"))
    assert next(misdirected(renderings, origins, policy, CACHE)) == (
        "teams/blue: it does not select 'blue-cache-v2'"
    )


def peers(renderings: tuple[Rendering, ...]) -> list[Any]:
    return [
        made.manifest.data["spec"]["ingress"][0]["from"][0]["podSelector"]
        for one in renderings
        for made in one.objects
        if made.manifest.kind == "NetworkPolicy"
    ]


def test_transformers_rewrite_the_labels_of_peers_and_leave_expressions_alone() -> None:
    rewritten, _ = rendered(with_policy("matchLabels: {app: cache}"))
    assert [set(one["matchLabels"]) for one in peers(rewritten)] == 2 * [{"app", "part-of", "team"}]
    expression = {"key": "app", "operator": "In", "values": ["web"]}
    peer = "matchExpressions: [{key: app, operator: In, values: [web]}]"
    kept, _ = rendered(with_policy("matchLabels: {app: cache}", peer))
    assert peers(kept) == 2 * [{"matchExpressions": [expression]}]
