"""What is judged, by the kind of an object and by what kustomizations say of its file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.kubernetes.partial import LISTED_AS_A_PATCH
from tests.cli.conftest import SOFT, Git, Run

WORKER = """\
apiVersion: example.com/v1
kind: Worker
metadata: {name: worker}
spec:
  pools:
  - pod:
      containers: [{name: run, image: "run:1", securityContext: {privileged: true}}]
"""
KINDS = "kinds: [{group: example.com, kind: Worker, path: spec.pools.*.pod}]\n"
MANY = 60
"""More files than are judged in memory at once."""


def put(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def checked(run: Run, *arguments: str) -> Any:
    return run("check", "--format", "json", *arguments).json


@pytest.fixture(params=[1, MANY], ids=["in-memory", "tree"])
def crowd(request: pytest.FixtureRequest, home: Path) -> int:
    """Files that nothing is to be said of."""
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: shop}\n"
    put(home, {f"crowd/{n}.yaml": text for n in range(request.param)})
    count: int = request.param
    return count


def test_a_file_that_a_kustomization_lists_as_a_patch_is_skipped(
    run: Run, home: Path, crowd: int
) -> None:
    files = {
        "base/soft.yaml": SOFT,
        "prod/soft.yaml": SOFT,
        "prod/json.yaml": "- {op: x, path: y}\n",
    }
    put(home, {**files, "prod/kustomization.yaml": "patches: [{path: soft.yaml}]\n"})
    said = checked(run, ".")
    assert {row["file"] for row in said["findings"]} == {"base/soft.yaml"}
    reasons = {row["file"]: row["reason"] for row in said["skipped"]}
    assert reasons["prod/soft.yaml"] == LISTED_AS_A_PATCH
    assert said["summary"]["workloads"] == 1
    assert said["summary"]["files"] == crowd + 4
    again = checked(run, ".")
    assert again == said


def test_a_kind_of_the_config_is_judged(run: Run, home: Path, crowd: int) -> None:
    put(home, {"worker.yaml": WORKER})
    before = checked(run, ".")
    assert before["findings"] == []
    assert any("'spec.pools.0.pod'" in row["reason"] for row in before["skipped"])
    put(home, {".podsec.yaml": KINDS})
    after = checked(run, ".")
    (privileged,) = [row for row in after["findings"] if row["rule"] == "privileged-container"]
    assert privileged["pointer"] == ("/spec/pools/0/pod/containers/0/securityContext/privileged")
    assert (privileged["container"], privileged["document"]) == ("run", 0)
    assert after["summary"]["workloads"] == after["summary"]["without_schema"] == 1


def test_a_change_of_a_patch_is_judged_on_neither_side(run: Run, git: Git) -> None:
    kustomization = "patches: [{path: image.yaml}]\n"
    git.commit(image=SOFT, kustomization=kustomization)
    git.commit(image=SOFT.replace("          privileged: true\n", "          runAsUser: 0\n"))
    said = checked(run, "--diff", "HEAD~1..HEAD")
    assert said["findings"] == []
    assert said["fixed"] == []
    assert LISTED_AS_A_PATCH in {row["reason"] for row in said["skipped"]}


def test_what_was_a_whole_object_and_is_a_patch_now_is_not_credited(run: Run, git: Git) -> None:
    git.commit(image=SOFT)
    git.commit(kustomization="patches: [{path: image.yaml}]\n")
    said = checked(run, "--diff", "HEAD~1..HEAD")
    assert said["findings"] == []
    assert said["fixed"] == []


def test_a_fix_of_a_custom_resource_finds_its_pod(run: Run, home: Path) -> None:
    rollout = SOFT.replace("apps/v1", "argoproj.io/v1alpha1").replace("Deployment", "Rollout")
    put(
        home,
        {
            "rollout.yaml": rollout.replace(
                "          privileged: true\n", "          runAsNonRoot: true\n"
            )
        },
    )
    run("fix", "rollout.yaml")
    text = (home / "rollout.yaml").read_text(encoding="utf-8")
    assert "          allowPrivilegeEscalation: false\n" in text
    assert "      securityContext:\n        seccompProfile:\n" in text


def test_a_fix_leaves_what_a_controller_completes(run: Run, home: Path) -> None:
    task = "apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: t}\nspec:\n  steps:\n"
    task += (
        "  - {name: s, image: 'golang:latest', securityContext: {allowPrivilegeEscalation: true}}\n"
    )
    put(home, {"task.yaml": task})
    rows = checked(run, "task.yaml")["findings"]
    assert {row["fix"] for row in rows} == {"advice"}
    run("fix", "--unsafe", "task.yaml")
    assert (home / "task.yaml").read_text(encoding="utf-8") == task
