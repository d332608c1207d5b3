"""Jobs as JSON: the stored format. Fields are added with a default, never renamed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from bot.model.delivery import CommentRef, Job, PullRef, RepositoryRef


def to_json(job: Job) -> dict[str, Any]:
    """A job as plain data."""
    return asdict(job)


def from_json(data: dict[str, Any]) -> Job:
    """The job that `to_json` wrote."""
    pull, comment = data["pull"], data["comment"]
    return Job(
        **{
            **data,
            "repository": RepositoryRef(**data["repository"]),
            "pull": _pull(pull) if pull is not None else None,
            "comment": _comment(comment) if comment is not None else None,
        }
    )


def _comment(data: dict[str, Any]) -> CommentRef:
    lines = data.get("lines")
    return CommentRef(**{**data, "lines": (lines[0], lines[1]) if lines else None})


def _pull(data: dict[str, Any]) -> PullRef:
    return PullRef(**{**data, "repository": RepositoryRef(**data["repository"])})
