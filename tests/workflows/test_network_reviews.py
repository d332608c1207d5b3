"""NetworkPolicies in pull requests: what the review says, and what the follow-up brings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.adapters.github import GitHubForges
from bot.adapters.records import MemoryRecords
from bot.errors import UserError
from bot.model.delivery import Delivery, Job
from bot.rule.load import load_rules
from bot.sandbox import Sandbox, SandboxRepository
from bot.workflows.check_pull_request import check_pull_request
from bot.workflows.operator import Operator
from bot.workflows.propose_policies import propose_policies
from bot.workflows.review_images import ImageScans
from bot.workflows.route import route
from tests.network.world import pair, service, workload

OPERATOR = Operator(rules=load_rules(), records=MemoryRecords())
NO_SCANS = ImageScans(scanning=None, web_url="https://github.com")
WEB = workload("web", env={"API_URL": "http://api:80/"})
API = workload("api", ports={"main": 9000}) + service("api", 80, 9000)
KUSTOMIZATION = "kind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\nresources:\n- web.yaml\n- api.yaml\n"
BASE = {"k8s/web.yaml": WEB, "k8s/kustomization.yaml": KUSTOMIZATION, "other/a.txt": "a"}


class Desk:
    """A repository of the sandbox with an application in it."""

    def __init__(self, sandbox: Sandbox, forges: GitHubForges) -> None:
        self._sandbox, self._forges = sandbox, forges
        self.repository: SandboxRepository = sandbox.create_repository("acme/shop", BASE)

    def open(self, files: dict[str, str]) -> int:
        self.repository.commit("feature", files, "Change")
        return self.repository.open_pull(head="feature", base="main", title="Change")

    def job(self) -> Job:
        """What the latest push of a person asks for."""
        sent = [
            d
            for d in self._sandbox.deliveries
            if d.event == "pull_request" and d.payload["pull_request"]["base"]["ref"] == "main"
        ]
        (job,) = route(Delivery(id=sent[-1].id, event=sent[-1].event, payload=sent[-1].payload))
        return job

    def check(self, number: int) -> dict[str, Any]:
        with self._forges.open(self.job().repository) as forge:
            check_pull_request(self.job(), forge, OPERATOR, NO_SCANS)
        sha = self.repository.pull(number)["head"]["sha"]
        (found,) = self.repository.check_runs(sha)
        return found

    def propose(self) -> tuple[str, ...]:
        with self._forges.open(self.job().repository) as forge:
            return propose_policies(self.job(), forge, OPERATOR, "octo-dev")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    sandbox = Sandbox(tmp_path / "github", webhook_secret="unused", webhook_url=None)
    with sandbox.running() as url:
        yield Desk(sandbox, GitHubForges(1, sandbox.private_key_pem, url, 0.0))


def test_a_workload_without_a_policy_gets_a_comment_with_its_clients_once(desk: Desk) -> None:
    number = desk.open({"k8s/api.yaml": API})
    desk.check(number)
    said = [c for c in desk.repository.review_comments(number) if "NetworkPolicy" in c["body"]]
    (comment,) = said
    assert (comment["path"], comment["line"]) == ("k8s/api.yaml", 4)
    assert "| `9000/TCP` | web | env API" in comment["body"]
    assert "/podsec policies" in comment["body"]
    desk.repository.commit("feature", {"k8s/notes.txt": "more\n"}, "More")
    desk.check(number)
    again = [c for c in desk.repository.review_comments(number) if "NetworkPolicy" in c["body"]]
    assert len(again) == 1


def test_the_follow_up_carries_files_a_table_and_a_graph(desk: Desk) -> None:
    number = desk.open({"k8s/api.yaml": API})
    (url,) = desk.propose()
    pull = desk.repository.pull(int(url.rpartition("/")[2]))
    assert pull["draft"]
    assert pull["head"]["ref"] == f"podsec/fix/{number}-network"
    assert pull["base"]["ref"] == "feature"
    assert "| `api` | anyone: 9000, other ports | web: 9000 |" in pull["body"]
    assert "```mermaid\nflowchart LR\n" in pull["body"]
    ref = pull["head"]["ref"]
    policy = yaml.safe_load(desk.repository.read(ref, "k8s/api.networkpolicy.yaml") or b"")
    assert policy["spec"]["ingress"][0]["from"] == [
        {"podSelector": {"matchLabels": {"app": "web"}}}
    ]
    listed = yaml.safe_load(desk.repository.read(ref, "k8s/kustomization.yaml") or b"")
    assert listed["resources"] == ["web.yaml", "api.yaml", "api.networkpolicy.yaml"]
    assert desk.repository.read(ref, "k8s/web.networkpolicy.yaml") is None
    assert desk.propose() == (url,)


def test_a_policy_that_cuts_an_edge_is_told_in_review_and_check(desk: Desk) -> None:
    desk.repository.commit("main", {"k8s/api.yaml": API}, "Add api")
    deny = (
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: shut}\n"
        "spec: {podSelector: {matchLabels: {app: api}}}\n"
    )
    number = desk.open({"k8s/shut.yaml": deny})
    check = desk.check(number)
    assert "web → `api` `9000/TCP` | is cut" in check["summary"]
    assert check["conclusion"] == "neutral"
    (review,) = desk.repository.reviews(number)
    assert "blocked by shut" in review["body"]


def test_what_cannot_be_proposed_is_said(desk: Desk) -> None:
    desk.open({"k8s/ui.yaml": pair("ui", 8080)})
    with pytest.raises(UserError, match=r"Deployment ui: .* who connects to whom"):
        desk.propose()


def test_manifests_in_the_root_have_no_known_neighbours(desk: Desk) -> None:
    number = desk.open({"api.yaml": API})
    desk.check(number)
    bodies = [comment["body"] for comment in desk.repository.review_comments(number)]
    assert not any("NetworkPolicy" in body for body in bodies)
    with pytest.raises(UserError, match="cannot see all manifests"):
        desk.propose()
