"""Pull requests of repositories with kustomizations: judged as rendered, before and after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.github import GitHubForges
from bot.adapters.records import MemoryRecords
from bot.model.delivery import Delivery, Job
from bot.rule.load import load_rules
from bot.sandbox import Sandbox, SandboxRepository
from bot.workflows.check_pull_request import check_pull_request
from bot.workflows.fix_pull_request import Followups, fix_pull_request
from bot.workflows.operator import Operator
from bot.workflows.render_change import Programs
from bot.workflows.review_images import ImageScans
from bot.workflows.route import route
from tests.conftest import ROOT
from tests.gitops.trees import kustomize
from tests.helm.charts import helm

OPERATOR = Operator(
    rules=load_rules(),
    records=MemoryRecords(),
    programs=Programs(kustomize=kustomize(), helm=helm()),
)
NO_SCANS = ImageScans(scanning=None, web_url="https://github.com")
OVERLAYS = ROOT / "fixtures" / "repos" / "kustomize_overlays" / "repo"


def files_of(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


class Desk:
    """A repository of the sandbox; a pull request is checked as it is opened."""

    def __init__(self, sandbox: Sandbox, forges: GitHubForges, files: dict[str, str]) -> None:
        self.sandbox, self._forges = sandbox, forges
        self.repository: SandboxRepository = sandbox.create_repository("acme/shop", files)

    def jobs(self) -> list[Job]:
        """The jobs of all pull requests."""
        sent = [d for d in self.sandbox.deliveries if d.event == "pull_request"]
        return [
            job for d in sent for job in route(Delivery(id=d.id, event=d.event, payload=d.payload))
        ]

    def review(self, files: dict[str, str | None]) -> tuple[str, list[str], list[str]]:
        """The check's text, what the comments stand at, and the calls that it took."""
        self.repository.commit("feature", files, "Change")
        number = self.repository.open_pull(head="feature", base="main", title="Change")
        jobs = self.jobs()
        self.sandbox.requests.clear()
        with self._forges.open(jobs[-1].repository) as forge:
            check_pull_request(jobs[-1], forge, OPERATOR, NO_SCANS)
        check = self.repository.check_runs(self.repository.pull(number)["head"]["sha"])[0]
        comments: list[dict[str, Any]] = self.repository.review_comments(number)
        places = [f"{one['path']}:{one['line']}" for one in comments]
        calls = [f"{method} {path}" for method, path, _ in self.sandbox.requests]
        bodies = "".join(str(one["body"]) for one in self.repository.reviews(number))
        return f"{check}{bodies}", places, calls

    def fix(self) -> None:
        (job, *_) = self.jobs()
        with self._forges.open(job.repository) as forge:
            fix_pull_request(job, forge, OPERATOR, Followups(asked_by="octo"))

    def changed(self, branch: str) -> set[str]:
        """The files in which a branch differs from the one that was reviewed."""
        lines = self.repository.diff("feature", branch).splitlines()
        return {line.removeprefix("+++ b/") for line in lines if line.startswith("+++ b/")}


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[tuple[Sandbox, GitHubForges]]:
    found = Sandbox(tmp_path / "github", webhook_secret="unused", webhook_url=None)
    with found.running() as url:
        yield found, GitHubForges(1, found.private_key_pem, url, 0.0)


def test_an_overlay_that_stops_to_harden_is_told_though_no_workload_changed(
    sandbox: tuple[Sandbox, GitHubForges],
) -> None:
    desk = Desk(*sandbox, files_of(OVERLAYS))
    prod = "overlays/prod/kustomization.yaml"
    soft = files_of(OVERLAYS)[prod].replace("- path: harden-web.yaml\n", "")
    said, _, calls = desk.review({prod: soft})
    assert "privilege escalation" in said
    assert "overlays/prod" in said
    assert "overlays/dev" not in said
    assert len([call for call in calls if "/git/trees/" in call]) <= 3
    assert len([call for call in calls if "/graphql" in call]) <= 6
    assert len([call for call in calls if "/git/blobs/" in call]) <= 2


def test_a_base_that_every_overlay_hardens_is_not_commented(
    sandbox: tuple[Sandbox, GitHubForges],
) -> None:
    desk = Desk(*sandbox, files_of(OVERLAYS))
    web = files_of(OVERLAYS)["base/web.yaml"].replace("containerPort: 8080", "containerPort: 8081")
    said, places, _ = desk.review({"base/web.yaml": web})
    assert places == []
    assert "privilege escalation" not in said


def test_a_sidecar_of_a_patch_is_commented_where_it_stands(
    sandbox: tuple[Sandbox, GitHubForges],
) -> None:
    desk = Desk(*sandbox, files_of(OVERLAYS))
    path = "overlays/prod/harden-web.yaml"
    text = files_of(OVERLAYS)[path]
    lines = len(text.splitlines())
    more = text + "      - name: logs\n        image: registry.example.com/logs:1.0.0\n"
    _, places, _ = desk.review({path: more})
    assert places
    assert all(place.startswith(f"{path}:") for place in places)
    assert all(int(place.rpartition(":")[2]) >= lines for place in places)


def test_follow_ups_hold_what_rendering_proves_wherever_it_is_decided(
    sandbox: tuple[Sandbox, GitHubForges],
) -> None:
    desk = Desk(*sandbox, files_of(OVERLAYS))
    path = "overlays/prod/harden-web.yaml"
    more = (
        files_of(OVERLAYS)[path]
        + "      - name: logs\n        image: registry.example.com/logs:1.0.0\n"
    )
    worker = files_of(OVERLAYS)["base/worker.yaml"] + "          privileged: true\n"
    desk.review({path: more, "base/worker.yaml": worker})
    desk.fix()
    proposed = {
        file
        for branch in desk.repository.branches()
        if branch.startswith("podsec/fix/")
        for file in desk.changed(branch)
    }
    assert proposed == {path, "base/worker.yaml"}


def test_a_plain_repository_costs_no_call_more(sandbox: tuple[Sandbox, GitHubForges]) -> None:
    desk = Desk(*sandbox, {"web.yaml": "a: b\n"})
    web = files_of(OVERLAYS)["base/web.yaml"]
    _, places, calls = desk.review({"web.yaml": web})
    assert places
    assert not [call for call in calls if "/graphql" in call]
    assert len([call for call in calls if "/git/trees/" in call]) == 1
