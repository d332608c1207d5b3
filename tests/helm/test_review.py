"""Pull requests of repositories with charts: what they change as rendered, and their fixes."""

from __future__ import annotations

from bot.adapters.github import GitHubForges
from bot.sandbox import Sandbox
from tests.conftest import ROOT
from tests.gitops.test_review import Desk, files_of, sandbox

__all__ = ["sandbox"]
WEB = ROOT / "fixtures" / "repos" / "helm_applicationset" / "repo"
SWITCHES = ROOT / "fixtures" / "repos" / "helm_switches" / "repo"


def test_values_that_bring_a_finding_are_told_though_no_template_changed(
    sandbox: tuple[Sandbox, GitHubForges],
) -> None:
    desk = Desk(*sandbox, files_of(WEB))
    said, places, _ = desk.review({"envs/production.yaml": "replicas: 4\ndebug: true\n"})
    assert "is privileged" in said
    assert "it holds with ApplicationSet/web now" in said
    assert places == []
    assert "1 object, as rendered" in said
    said = said.replace("\\n", "\n")
    assert "+      - name: shell" in said
    assert "+          privileged: true" in said


def test_a_change_that_renders_the_same_says_nothing_of_the_cluster(
    sandbox: tuple[Sandbox, GitHubForges],
) -> None:
    desk = Desk(*sandbox, files_of(WEB))
    said, _, _ = desk.review({"envs/production.yaml": "# as it was\nreplicas: 4\n"})
    assert "as rendered" not in said
    assert "privilege escalation" not in said


def test_no_secret_of_a_chart_is_repeated(sandbox: tuple[Sandbox, GitHubForges]) -> None:
    files = {
        "chart/Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n",
        "chart/values.yaml": "password: aeH4ohWahTh8\n",
        "chart/templates/all.yaml": (
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n"
            "data:\n  password: {{ .Values.password | b64enc }}\n  salt: {{ randAlphaNum 9 }}\n"
            "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n  containers:\n"
            "    - name: p\n      image: registry.example.com/p:1.0.0\n      env:\n"
            "        - {name: PASSWORD, value: {{ .Values.password }}}\n"
        ),
    }
    desk = Desk(*sandbox, files)
    said, _, _ = desk.review({"chart/values.yaml": "password: ZieZ6aighaiv\n"})
    assert "2 objects, as rendered" in said
    assert "(hidden, changed)" in said
    for secret in ("ZieZ6aighaiv", "aeH4ohWahTh8", "WmllWjZhaWdoYWl2"):
        assert secret not in said


def test_a_template_of_the_change_is_commented_and_fixed_by_a_follow_up(
    sandbox: tuple[Sandbox, GitHubForges],
) -> None:
    before = files_of(SWITCHES)
    jobs = before.pop("templates/jobs.yaml")
    desk = Desk(*sandbox, before)
    _, places, _ = desk.review({"templates/jobs.yaml": jobs})
    assert places
    assert all(place.startswith("templates/jobs.yaml:") for place in places)
    desk.fix()
    branches = [name for name in desk.repository.branches() if name.startswith("podsec/")]
    assert branches
    changed = set().union(*(desk.changed(branch) for branch in branches))
    assert "templates/jobs.yaml" in changed
    assert changed <= {"templates/jobs.yaml", "values.yaml"}
