"""`podsec replay`: the jobs of a stored delivery, done in this process."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot import app
from bot.app import Workflows
from bot.cli.output import emit
from bot.errors import UserError
from bot.formats.rehearsed import to_plan
from bot.model.delivery import Delivery, Job
from bot.settings import Settings
from bot.worker import run as run_job
from bot.workflows.route import route


def run(file: Path, event: str | None, *, dry_run: bool) -> int:
    """Do or rehearse the jobs; 1 where one was given up. Raises PodsecError."""
    delivery = delivery_of(_text(file), event, file.name)
    jobs = route(delivery)
    if not jobs:
        emit(f"{delivery.event}: podsec does nothing on this delivery\n", None)
        return 0
    workflows = app.workflows(Settings.from_environment(os.environ))
    return max([_do(job, workflows, dry_run=dry_run) for job in jobs])


def _do(job: Job, workflows: Workflows, *, dry_run: bool) -> int:
    place = f"{job.kind} {job.repository.full_name}" + (f"#{job.number}" if job.number else "")
    if dry_run:
        emit(f"{place}:\n{to_plan(workflows.rehearse(job))}\n", None)
        return 0
    outcome = run_job(job, workflows.work, workflows.report)
    reason = f", {outcome.reason}" if outcome.reason else ""
    emit(f"{place}: {outcome.state}{reason}\n", None)
    return 0 if outcome.state == "done" else 1


def delivery_of(text: str, event: str | None, name: str) -> Delivery:
    """Read a delivery. Raises UserError where the text is none.

    GitHub shows a delivery with `guid`, `event` and `request.payload` (REST, "Get a delivery for an
    app webhook").
    """
    try:
        data = json.loads(text)
    except ValueError as error:
        raise UserError(f"{name}: is not JSON: {error}") from error
    if not isinstance(data, dict):
        raise UserError(f"{name}: expected a JSON object")
    payload, said = _parts(data)
    kind = event or said
    if kind is None:
        raise UserError(f"{name}: does not say its event: give --event, such as pull_request")
    number = data.get("guid") or data.get("id")
    return Delivery(id=f"replay-{number or name}"[:64], event=kind, payload=payload)


def _parts(data: Mapping[str, Any]) -> tuple[Mapping[str, Any], str | None]:
    """The payload, and the event where the file says it."""
    event = data.get("event") if isinstance(data.get("event"), str) else None
    request = data.get("request")
    for payload in (
        data.get("payload"),
        request.get("payload") if isinstance(request, dict) else 0,
    ):
        if isinstance(payload, dict) and event is not None:
            return payload, event
    return data, None


def _text(file: Path) -> str:
    if str(file) == "-":
        return sys.stdin.read()
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{file} cannot be read") from error
