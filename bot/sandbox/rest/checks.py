"""Check runs: Apps only, at most 50 annotations a call."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import quote

from bot.sandbox import shapes
from bot.sandbox.http import Call, Page, route
from bot.sandbox.shapes import node_id
from bot.sandbox.world import CheckRun, Refusal, Repository, World, now


def _shape(call: Call, run: CheckRun) -> dict[str, Any]:
    return shape(call.world, call.repository, run, call.access.granted)


def shape(
    world: World, home: Repository, run: CheckRun, permissions: dict[str, str]
) -> dict[str, Any]:
    """A check run as GitHub shows it."""
    api = f"{world.url}/repos/{home.full_name}"
    html = f"{world.url}/{home.full_name}/runs/{run.id}"
    app = shapes.app(world, permissions)
    return {
        "id": run.id,
        "head_sha": run.head,
        "node_id": node_id("CR", run.id),
        "external_id": run.external_id,
        "url": f"{api}/check-runs/{run.id}",
        "html_url": html,
        "details_url": run.details_url or html,
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": run.at,
        "completed_at": run.completed,
        "output": {
            "title": run.title,
            "summary": run.summary,
            "text": run.text,
            "annotations_count": len(run.annotations),
            "annotations_url": f"{api}/check-runs/{run.id}/annotations",
        },
        "name": run.name,
        "check_suite": {"id": run.id},
        "app": app,
        "pull_requests": [],
    }


def _create(call: Call) -> tuple[int, Any]:
    if call.caller.kind != "installation":
        raise Refusal(403, "You must authenticate via a GitHub App.")
    head = call.field("head_sha", str, needed=True)
    if call.repository.store.resolve(head) is None:
        raise Refusal(422, f"No commit found for SHA: {head}")
    run = CheckRun(
        id=call.world.new_id(),
        name=call.field("name", str, needed=True),
        head=head,
        status="queued",
        conclusion=None,
    )
    _apply(call, run)
    call.repository.checks.append(run)
    return 201, _shape(call, run)


def _apply(call: Call, run: CheckRun) -> None:
    output = call.field("output", dict, default={})
    notes = output.get("annotations") or []
    if len(notes) > 50:
        raise Refusal(422, "Invalid request.\n\nNo more than 50 items are allowed.")
    for key in ("summary", "text"):
        if len(str(output.get(key) or "").encode()) > 65535:
            raise Refusal(422, f"Invalid request.\n\nOnly 65535 characters are allowed in {key}.")
    run.actions = call.field("actions", list, default=run.actions)
    if len(run.actions) > 3:
        raise Refusal(422, "Invalid request.\n\nNo more than 3 items are allowed.")
    run.status = call.field("status", str, default=run.status)
    run.conclusion = call.field("conclusion", str, default=run.conclusion)
    if run.conclusion is not None:
        run.status, run.completed = "completed", now()
    elif run.status == "completed":
        raise Refusal(422, "Invalid request.\n\nMissing required 'conclusion' parameter.")
    run.external_id = call.field("external_id", str, default=run.external_id)
    run.details_url = call.field("details_url", str, default=run.details_url)
    run.title = output.get("title", run.title)
    run.summary = output.get("summary", run.summary)
    run.text = output.get("text", run.text)
    run.annotations += notes


def _found(call: Call) -> CheckRun:
    wanted = call.number("run")
    found = next((run for run in call.repository.checks if run.id == wanted), None)
    if found is None:
        raise Refusal(404, "Not Found")
    return found


def _get(call: Call) -> tuple[int, Any]:
    return 200, _shape(call, _found(call))


def _update(call: Call) -> tuple[int, Any]:
    run = _found(call)
    _apply(call, run)
    return 200, _shape(call, run)


def _annotations(call: Call) -> tuple[int, Any]:
    html = f"{call.world.url}/{call.repository.full_name}/blob"
    run = _found(call)
    rows = [
        {
            "path": note["path"],
            "start_line": note["start_line"],
            "end_line": note["end_line"],
            "start_column": note.get("start_column"),
            "end_column": note.get("end_column"),
            "annotation_level": note["annotation_level"],
            "title": note.get("title"),
            "message": note["message"],
            "raw_details": note.get("raw_details"),
            "blob_href": f"{html}/{run.head}/{quote(note['path'])}",
        }
        for note in run.annotations
    ]
    return 200, Page(rows=rows)


def _of_commit(call: Call) -> tuple[int, Any]:
    head = call.repository.store.resolve(call.params["ref"])
    name = call.query.get("check_name")
    rows = [
        _shape(call, run)
        for run in reversed(call.repository.checks)
        if run.head == head and (name is None or run.name == name)
    ]
    return 200, Page(rows=rows, shell="check_runs")


_route = partial(route, "/repos/{owner}/{repo}", "checks")
ROUTES = [
    _route("POST", "/check-runs", "write", _create),
    _route("GET", "/check-runs/{run:int}", "read", _get),
    _route("PATCH", "/check-runs/{run:int}", "write", _update),
    _route("GET", "/check-runs/{run:int}/annotations", "read", _annotations),
    _route("GET", "/commits/{ref}/check-runs", "read", _of_commit),
]
