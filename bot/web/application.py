"""The FastAPI application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from bot.ports import Jobs
from bot.web import health, webhook


def application(jobs: Jobs, secrets: tuple[str, ...], max_body_bytes: int, drain: float) -> FastAPI:
    """Compose the web application. `secrets` are the webhook secrets that hold now.

    When the server ends, what runs has `drain` seconds to end too. This is the place for it:
    after a SIGTERM, uvicorn ends the process as soon as it has shut the application down.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(jobs.stop, drain)

    app = FastAPI(
        title="podsec", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan
    )
    app.include_router(webhook.router(jobs, secrets, max_body_bytes))
    app.include_router(health.router(jobs))
    return app
