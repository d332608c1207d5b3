"""Findings are those of what is rendered, each at a line that somebody wrote."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.gitops.trees import Judged, at, judged

REPOSITORIES = sorted(
    path.parent for path in (ROOT / "fixtures" / "repos").glob("*/repo") if "helm" not in str(path)
)
CORPORA = (
    "argoproj_argocd-example-apps",
    "fluxcd_flux2-kustomize-helm-example",
    "stefanprodan_podinfo",
    "GoogleCloudPlatform_microservices-demo",
)


def demand_truth(found: Judged) -> None:
    assert found.found == found.wanted
    assert found.misplaced() == []


@pytest.mark.parametrize("repository", REPOSITORIES, ids=lambda path: path.name)
def test_findings_of_a_repository_are_those_of_its_rendered_output(repository: Path) -> None:
    demand_truth(judged(at(repository / "repo")))


@pytest.mark.parametrize("name", CORPORA)
def test_findings_of_public_repositories_are_those_of_their_rendered_output(
    name: str, shared: Path, tmp_path: Path
) -> None:
    with tarfile.open(shared / "corpora" / "manifests.tar.gz") as corpora:
        wanted = [one for one in corpora.getmembers() if one.name.lstrip("./").startswith(name)]
        corpora.extractall(tmp_path, wanted, filter="data")
    found = judged(at(tmp_path / name))
    assert found.scene.renderings
    demand_truth(found)


def places(name: str) -> set[tuple[str, int, str]]:
    found = judged(at(ROOT / "fixtures" / "repos" / name / "repo"))
    return {(one.file, one.region.line, one.rule) for one in found.report.findings}


def test_a_base_that_every_root_hardens_is_not_flagged() -> None:
    rules = {rule for file, _, rule in places("kustomize_overlays") if file == "base/web.yaml"}
    assert rules == {"unrestricted-network"}  # nobody brings a policy; all else is hardened


def test_a_finding_names_the_roots_that_it_holds_in() -> None:
    found = judged(at(ROOT / "fixtures" / "repos" / "kustomize_overlays" / "repo"))
    roots = {one.rule: one.roots for one in found.report.findings if one.file == "base/worker.yaml"}
    assert roots["unlimited-memory"] == ("overlays/dev",)
    assert roots["unset-seccomp"] == ("overlays/dev", "overlays/prod")


def test_each_kind_of_patch_answers_for_what_it_says() -> None:
    assert places("kustomize_patches") >= {
        ("overlay/merge-file.yaml", 9, "privilege-escalation"),  # a container that it adds
        ("overlay/merge-file.yaml", 16, "added-capabilities"),
        ("overlay/kustomization.yaml", 19, "privileged-container"),  # merged, as text
        ("overlay/json-file.yaml", 3, "privilege-escalation"),  # added by an operation
        ("overlay/kustomization.yaml", 32, "privilege-escalation"),  # replaced, as text
        ("overlay/kustomization.yaml", 48, "host-namespaces"),  # selected by label
        ("overlay/old-merge.yaml", 8, "host-namespaces"),
        ("overlay/old-json.yaml", 2, "mutable-image-tag"),
    }


def test_a_patch_that_takes_hardening_away_is_the_place_to_look() -> None:
    debug = ("components/debug/kustomization.yaml", 15, "writable-root-filesystem")
    assert debug in places("kustomize_components")


def test_images_are_those_that_the_overlay_says() -> None:
    tags = {(file, line) for file, line, rule in places("kustomize_images") if "tag" in rule}
    assert tags == {("prod/kustomization.yaml", 7), ("base/store.yaml", 22)}


def test_what_is_not_here_is_said_and_the_rest_is_judged() -> None:
    found = judged(at(ROOT / "fixtures" / "repos" / "kustomize_remote" / "repo"))
    assert {(one.file, one.line) for one in found.report.skipped} == {
        ("kustomization.yaml", 4),
        ("kustomization.yaml", 6),
    }
    assert found.report.findings
