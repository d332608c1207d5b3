"""The table: which event and action makes which job. The payload is read here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.model.delivery import CommentRef, Delivery, Job, RepositoryRef, pull_ref
from bot.workflows.run_command import commands

REVIEWED = ("opened", "synchronize", "reopened", "ready_for_review")
ACKNOWLEDGED = ("ping", "installation", "installation_repositories")


def route(delivery: Delivery) -> tuple[Job, ...]:
    """The jobs of a delivery; none for what podsec does not act on.

    A delivery without an installation is a repository's own hook, not the App's.
    """
    make = _TABLE.get((delivery.event, str(delivery.payload.get("action"))))
    if make is None or not isinstance(delivery.payload.get("installation"), dict):
        return ()
    return make(delivery)


def _repository(payload: Mapping[str, Any]) -> RepositoryRef:
    found = payload["repository"]
    return RepositoryRef(
        id=found["id"],
        full_name=found["full_name"],
        installation=payload["installation"]["id"],
    )


def _check(delivery: Delivery) -> tuple[Job, ...]:
    """Check the changed manifests: a review of what is new, and a check run."""
    payload = delivery.payload
    repository = _repository(payload)
    pull = pull_ref(repository, payload["pull_request"])
    job = Job(
        id=f"check/{repository.id}/{pull.number}/{delivery.id}",
        kind="check_pull_request",
        key=f"{repository.id}/{pull.number}",
        repository=repository,
        number=pull.number,
        at=payload["pull_request"]["updated_at"],
        opened=payload["action"] == "opened",
        new_head=payload["action"] in ("opened", "synchronize"),
        pull=pull,
    )
    return (job,)


def _command(delivery: Delivery) -> tuple[Job, ...]:
    """Do what a `/podsec` line in the comment asks; other comments make no job."""
    payload = delivery.payload
    comment, issue = payload["comment"], payload["issue"]
    author, body = comment["user"] or {}, comment["body"] or ""
    if "pull_request" not in issue or author.get("type") != "User" or not commands(body):
        return ()
    repository = _repository(payload)
    job = Job(
        id=f"command/{repository.id}/{issue['number']}/{delivery.id}",
        kind="run_command",
        key=f"{repository.id}/{issue['number']}",
        repository=repository,
        number=issue["number"],
        at=comment["created_at"],
        comment=CommentRef(id=comment["id"], author=author["login"], body=body),
    )
    return (job,)


_TABLE: dict[tuple[str, str], Callable[[Delivery], tuple[Job, ...]]] = {
    **{("pull_request", action): _check for action in REVIEWED},
    ("issue_comment", "created"): _command,
}
