"""The files of a commit: listed once, read many in a call, links followed within it alone."""

from __future__ import annotations

from pathlib import Path

from bot.adapters.github import GitHubForges
from bot.model.delivery import Delivery
from bot.sandbox import Sandbox
from bot.workflows.route import route

LINKS = {
    "good.yaml": "base/app.yaml",
    "folder": "base",
    "out.yaml": "../../etc/passwd",
    "root.yaml": "/etc/passwd",
    "nowhere.yaml": "gone.yaml",
}


def test_links_lead_to_files_of_the_commit_and_files_come_together(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path / "github", webhook_secret="unused", webhook_url=None)
    plain = {f"base/{name}.yaml": f"name: {name}\n" for name in ("app", "other", "third")}
    repository = sandbox.create_repository("acme/shop", {"README.md": "x"})
    repository.commit("feature", plain | LINKS, "Change")
    for name in LINKS:
        repository.chmod("feature", name, "120000")
    with sandbox.running() as url:
        repository.open_pull(head="feature", base="main", title="Change")
        (job,) = (
            job
            for sent in sandbox.deliveries
            if sent.event == "pull_request"
            for job in route(Delivery(id=sent.id, event=sent.event, payload=sent.payload))
        )
        assert job.pull is not None
        forges = GitHubForges(1, sandbox.private_key_pem, url, 0.0)
        with forges.open(job.repository) as forge:
            sandbox.requests.clear()
            files = forge.files(job.pull)
            assert set(files.paths()) == {
                "README.md",
                "good.yaml",
                *plain,
                *(name.replace("base/", "folder/") for name in plain),
            }
            assert files.read("good.yaml") == b"name: app\n"
            assert files.read("folder/third.yaml") == b"name: third\n"
            assert [files.read(name) for name in ("out.yaml", "root.yaml", "nowhere.yaml")] == [
                None,
                None,
                None,
            ]
            assert files.refused("out.yaml") == "a link that leaves the repository: it is not read"
            assert files.refused("root.yaml") is not None
            assert files.refused("base/app.yaml") is None
            calls = [(method, path.partition("?")[0]) for method, path, _ in sandbox.requests]
    assert [method for method, _ in calls] == ["GET", "POST", "POST"]
    assert calls[1][1] == calls[2][1] == "/graphql"
