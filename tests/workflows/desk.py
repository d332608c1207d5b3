"""The bot over the sandbox without queue and web: jobs are done when a test says so.

Its clock is a number: pauses that the bot is asked for pass at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.adapters.github import GitHubForges, Limiter, Limits
from bot.app import Workflows
from bot.model.delivery import Delivery, Job, Outcome
from bot.rule.load import load_rules
from bot.sandbox import Sandbox, SandboxRepository
from bot.worker import run
from bot.workflows.review_images import ImageScans
from bot.workflows.route import route

RULES = load_rules()
NO_SCANS = ImageScans(scanning=None, web_url="https://github.com")
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: {name}
spec:
  containers:
  - name: app
    image: myapp:latest
"""
_MOST = 40


class Desk:
    """A sandbox, and the bot's workflows; every test has a repository of its own."""

    def __init__(self, sandbox: Sandbox, url: str, timeout: int = 20) -> None:
        self.sandbox = sandbox
        self.now = 0.0
        limiter = Limiter(Limits(minute=10**6, hour=10**6), lambda: self.now)
        self.forges = GitHubForges(1, sandbox.private_key_pem, url, 0.0, timeout, limiter)
        self.workflows = Workflows(forges=self.forges, rules=RULES, scans=NO_SCANS, enforce=False)
        self._made = 0
        self._seen = 0

    def shop(self, files: Mapping[str, str | bytes] | None = None) -> Shop:
        """A new repository; what was sent before is no business of its."""
        self._made += 1
        home = self.sandbox.create_repository(
            f"acme/shop-{self._made}", {"README.md": "# shop\n", **(files or {})}
        )
        home.set_permission("octo-dev", "write")
        self._seen = len(self.sandbox.deliveries)
        return Shop(self, home)

    def jobs(self) -> list[Job]:
        """The jobs of what was sent since they were last asked for."""
        sent = self.sandbox.deliveries[self._seen :]
        self._seen = len(self.sandbox.deliveries)
        return [
            job for d in sent for job in route(Delivery(id=d.id, event=d.event, payload=d.payload))
        ]

    def settle(self) -> list[Outcome]:
        """Do all that is asked for, and what follows from it; returns how each job ended."""
        ended = []
        while jobs := [job for job in self.jobs() if job.kind != "refresh_repository"]:
            ended += [self.work(job) for job in jobs]
        return ended

    def work(self, job: Job) -> Outcome:
        """Do a job as the queue would: again until it is done or given up."""
        waits = 0
        for attempt in range(1, _MOST):
            now = replace(job, attempt=attempt, waits=waits)
            outcome = run(now, self.workflows.work, self.workflows.report)
            if outcome.state != "again":
                return outcome
            waits += outcome.waited
            self.now += outcome.retry_after
        raise AssertionError(f"never ends: {job}")

    def calls(self) -> list[str]:
        """What GitHub was asked since they were last asked for; numbers and hashes are X."""
        found = [f"{method} {_plain(path)}" for method, path, _ in self.sandbox.requests]
        self.sandbox.requests.clear()
        return [call for call in found if "/access_tokens" not in call]


class Shop:
    """One repository, and what people do in it."""

    def __init__(self, desk: Desk, home: SandboxRepository) -> None:
        self.desk, self.home = desk, home

    def open(self, files: Mapping[str, str | bytes | None], branch: str = "feature") -> int:
        self.home.commit(branch, files, "Change manifests")
        number = self.home.open_pull(head=branch, base="main", title="Change manifests")
        self.desk.settle()
        return number

    def push(self, files: Mapping[str, str | bytes | None], branch: str = "feature") -> None:
        self.home.commit(branch, files, "Push more")
        self.desk.settle()

    def say(self, number: int, body: str, author: str = "octo-dev") -> None:
        self.home.comment(number, body, author)
        self.desk.settle()

    def answer(self, number: int, body: str, author: str = "octo-dev") -> None:
        """Answer the first comment on a line."""
        self.home.reply(number, self.comments(number)[0]["id"], body, author)
        self.desk.settle()

    def comments(self, number: int) -> list[dict[str, Any]]:
        return self.home.review_comments(number)

    def threads(self, number: int) -> list[bool]:
        """Whether each thread is resolved."""
        said = self.home._home.pulls[number].comments
        return [comment.resolved for comment in said if comment.reply_to is None]

    def check(self, number: int) -> dict[str, Any]:
        """The one check run of the head."""
        (found,) = self.home.check_runs(self.home.pull(number)["head"]["sha"])
        return found

    def state(self) -> dict[str, Any]:
        """Everything that stands in the end but what was said in conversations."""
        pulls = self.home.pulls()
        return {
            "reviews": [[r["body"] for r in self.home.reviews(p["number"])] for p in pulls],
            "comments": [
                [(c["path"], c["line"], c["body"], c["user"]["login"]) for c in found]
                for found in (self.comments(p["number"]) for p in pulls)
            ],
            "threads": [self.threads(p["number"]) for p in pulls],
            "pulls": [(p["title"], p["draft"], p["state"], p["body"]) for p in pulls],
            "branches": {
                name: self.home._home.store.message_of(sha)[0]
                for name, sha in self.home.branches().items()
            },
            "checks": [
                [
                    (run["conclusion"], run["title"], run["summary"], run["annotations"])
                    for run in self.home.check_runs(p["head"]["sha"])
                ]
                for p in pulls
            ],
        }


def _plain(path: str) -> str:
    bare = re.sub(r"\?.*", "", re.sub(r"^/repos/acme/shop-\d+", "", path))
    return re.sub(r"[0-9a-f]{40}|(?<=/)\d+", "X", bare)
