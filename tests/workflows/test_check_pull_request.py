"""The workflow over the sandbox, job by job: no queue, no worker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.github import GitHubForges
from bot.adapters.records import MemoryRecords
from bot.errors import Unavailable
from bot.model.change import ChangeSet
from bot.model.delivery import Delivery, Job, PullRef
from bot.rule.load import load_rules
from bot.sandbox import Sandbox, SandboxRepository
from bot.workflows.check_pull_request import check_pull_request
from bot.workflows.judge_pull_request import collect
from bot.workflows.operator import Operator
from bot.workflows.review_images import ImageScans
from bot.workflows.route import route

NO_SCANS = ImageScans(scanning=None, web_url="https://github.com")
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: app
spec:
  containers:
  - name: app
    image: myapp:latest
"""


class Desk:
    """A repository of the sandbox, and jobs that are done when the test says so."""

    def __init__(self, sandbox: Sandbox, forges: GitHubForges) -> None:
        self.sandbox, self._forges = sandbox, forges
        self.operator = Operator(rules=load_rules(), records=MemoryRecords())
        self.repository: SandboxRepository = sandbox.create_repository("acme/shop", {"a": "b"})

    def open(self, files: dict[str, str]) -> int:
        self.repository.commit("feature", files, "Change")
        return self.repository.open_pull(head="feature", base="main", title="Change")

    def jobs(self) -> list[Job]:
        """The jobs of all that was sent so far."""
        sent = [d for d in self.sandbox.deliveries if d.event == "pull_request"]
        return [
            job for d in sent for job in route(Delivery(id=d.id, event=d.event, payload=d.payload))
        ]

    def work(self, job: Job, *, enforce: bool = False) -> Any:
        with self._forges.open(job.repository) as forge:
            operator = replace(self.operator, mode="enforce" if enforce else "advise")
            return check_pull_request(job, forge, operator, NO_SCANS)

    def check(self, number: int) -> dict[str, Any]:
        sha = self.repository.pull(number)["head"]["sha"]
        (found,) = self.repository.check_runs(sha)
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    sandbox = Sandbox(tmp_path / "github", webhook_secret="unused", webhook_url=None)
    with sandbox.running() as url:
        yield Desk(sandbox, GitHubForges(1, sandbox.private_key_pem, url, 0.0))


@pytest.mark.parametrize(
    ("config", "enforce", "conclusion"),
    [
        ("failOn: low\n", False, "neutral"),
        ("failOn: low\n", True, "failure"),
        ("failOn: critical\n", True, "neutral"),
    ],
)
def test_the_check_fails_where_the_operator_enforces_from_the_configs_severity_on(
    desk: Desk, config: str, enforce: bool, conclusion: str
) -> None:
    desk.repository.commit("main", {".podsec.yaml": config}, "Configure")
    number = desk.open({"pod.yaml": POD})
    desk.work(desk.jobs()[-1], enforce=enforce)
    assert desk.check(number)["conclusion"] == conclusion


def test_an_enforced_check_passes_where_nothing_is_introduced(desk: Desk) -> None:
    number = desk.open({"main.go": "package main\n"})
    desk.work(desk.jobs()[-1], enforce=True)
    assert desk.check(number)["conclusion"] == "success"


def test_a_review_whose_lines_github_refuses_says_all_in_its_body_once(desk: Desk) -> None:
    number = desk.open({"pod.yaml": POD})
    desk.sandbox.fail("POST", "/reviews$", status=422, message="Unprocessable Entity")
    desk.work(desk.jobs()[-1])
    (review,) = desk.repository.reviews(number)
    assert desk.repository.review_comments(number) == []
    assert "mutable-image-tag" in review["body"]
    desk.repository.commit("feature", {"NOTES.md": "more\n"}, "Push")
    desk.work(desk.jobs()[-1])
    assert len(desk.repository.reviews(number)) == 1
    assert len(desk.check(number)["annotations"]) > 0


def test_a_job_of_a_former_head_leaves_the_present_one_to_its_own_job(desk: Desk) -> None:
    number = desk.open({"pod.yaml": POD})
    desk.repository.commit("feature", {"other.yaml": POD}, "Push")
    former, present = desk.jobs()
    assert desk.work(former) is None
    assert desk.repository.reviews(number) == []
    assert desk.work(present) is not None
    assert {c["path"] for c in desk.repository.review_comments(number)} == {
        "pod.yaml",
        "other.yaml",
    }
    assert desk.check(number)["conclusion"] == "neutral"


def test_the_same_job_twice_says_nothing_twice(desk: Desk) -> None:
    number = desk.open({"pod.yaml": POD})
    (job,) = desk.jobs()
    desk.work(job)
    desk.work(replace(job, attempt=2))
    assert len(desk.repository.reviews(number)) == 1
    assert desk.check(number)["conclusion"] == "neutral"


class Lagging:
    """A forge whose list of files is of another head for a while."""

    def __init__(self, pull: PullRef, late: int) -> None:
        self._pull, self.late = pull, late

    def changes(self, pull: PullRef) -> ChangeSet:
        self.late -= 1
        return ChangeSet(head=pull.head_sha if self.late < 0 else "0" * 40)

    def pull(self, *_: object) -> PullRef:
        return self._pull


@pytest.mark.parametrize("late", [0, 1, 2])
def test_a_list_that_lags_behind_the_head_is_read_again(desk: Desk, late: int) -> None:
    desk.open({"pod.yaml": POD})
    pull = desk.jobs()[-1].pull
    assert pull is not None
    found, changes = collect(Lagging(pull, late), pull)  # type: ignore[arg-type]
    assert (found, changes.head) == (pull, pull.head_sha)


def test_a_list_that_lags_on_and_on_is_read_later(desk: Desk) -> None:
    desk.open({"pod.yaml": POD})
    pull = desk.jobs()[-1].pull
    assert pull is not None
    with pytest.raises(Unavailable):
        collect(Lagging(pull, 9), pull)  # type: ignore[arg-type]
