"""The map of a repository."""

from __future__ import annotations

from bot.engine.gitops.map import map_repository
from bot.model.files import Tree
from bot.model.rendering import Root


def test_what_a_file_reaches_are_the_roots_above_it_through_bases_and_components() -> None:
    found = map_repository(
        Tree(
            content={
                "base/kustomization.yaml": b"resources: [deploy.yaml]",
                "base/deploy.yaml": b"",
                "parts/tls/kustomization.yaml": b"kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\npatches: [{path: tls.yaml}]",
                "parts/tls/tls.yaml": b"",
                "prod/kustomization.yaml": b"resources: [../base]\ncomponents: [../parts/tls]",
                "dev/kustomization.yaml": b"resources: [../base/]",
                "other/kustomization.yaml": b"resources: [a.yaml]",
            }
        )
    )
    dev, prod = Root(tool="kustomize", folder="dev"), Root(tool="kustomize", folder="prod")
    assert found.roots_of(["base/deploy.yaml"]) == (dev, prod)
    assert found.roots_of(["parts/tls/tls.yaml"]) == (prod,)
    assert found.roots_of(["base/kustomization.yaml"]) == (dev, prod)
    assert found.roots_of(["nowhere.yaml"]) == ()


def test_what_is_not_here_is_said_with_its_line_and_reason() -> None:
    found = map_repository(
        Tree(
            content={
                "kustomization.yaml": b"resources:\n- https://example.com/x.yaml\n- ../../etc\n- /etc/passwd\n- gone.yaml\n- link.yaml\nhelmCharts:\n- {name: redis}\n"
            },
            refusals={"link.yaml": "a link that leaves the repository"},
        )
    )
    said = sorted((unseen.line, unseen.reason.split(":")[0]) for unseen in found.unseen)
    assert said == [
        (2, "remote"),
        (3, "it leaves the repository"),
        (4, "an absolute path"),
        (5, "it is not here"),
        (6, "a link that leaves the repository"),
        (8, "a chart that kustomize inflates"),
    ]


def test_circles_end() -> None:
    found = map_repository(
        Tree(
            content={
                "a/kustomization.yaml": b"resources: [../b, x.yaml]",
                "a/x.yaml": b"",
                "b/kustomization.yaml": b"resources: [../a]",
            }
        )
    )
    assert len(found.reaching(["a/x.yaml"])) == 2


def test_argo_and_flux_lead_to_what_they_deploy() -> None:
    application = b"""
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop}
spec: {source: {repoURL: https://example.com/r, path: apps/shop}}
---
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: all}
spec:
  generators: [{git: {repoURL: x, directories: [{path: apps/*}]}}]
  template: {spec: {source: {repoURL: x, path: '{{path}}'}}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: flux}
spec: {path: ./apps/shop}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: redis}
spec: {chart: {spec: {chart: redis, sourceRef: {kind: HelmRepository, name: r}}}}
"""
    found = map_repository(
        Tree(
            content={
                "argo/all.yaml": application,
                "apps/shop/kustomization.yaml": b"resources: [d.yaml]",
                "apps/shop/d.yaml": b"",
                "apps/web/Chart.yaml": b"name: web",
                "apps/web/templates/d.yaml": b"",
                "apps/web/charts/sub/Chart.yaml": b"name: sub",
            }
        )
    )
    links = {(e.source.kind, e.target.kind, e.target.path) for e in found.edges}
    assert links == {
        ("application", "kustomization", "apps/shop"),
        ("application-set", "kustomization", "apps/shop"),
        ("application-set", "chart", "apps/web"),
        ("flux-kustomization", "kustomization", "apps/shop"),
        ("chart", "chart", "apps/web/charts/sub"),
    }
    assert [(unseen.what, unseen.reason) for unseen in found.unseen] == [
        ("chart redis", "a remote chart: not rendered")
    ]
