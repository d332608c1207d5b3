"""Live: the process answers. Ready: the job store answers too."""

from __future__ import annotations

from fastapi import APIRouter, Response
from starlette.concurrency import run_in_threadpool

from bot.ports import Jobs


def router(jobs: Jobs) -> APIRouter:
    """The routes for probes."""
    found = APIRouter()

    @found.get("/healthz")
    async def live() -> Response:
        return Response("ok\n", media_type="text/plain")

    @found.get("/readyz")
    async def ready() -> Response:
        if await run_in_threadpool(jobs.ready):
            return Response("ok\n", media_type="text/plain")
        return Response("the job store does not answer\n", 503, media_type="text/plain")

    return found
