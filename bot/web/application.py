"""The FastAPI application."""

from __future__ import annotations

from fastapi import FastAPI

from bot.ports import Jobs
from bot.web import health, webhook


def application(jobs: Jobs, secrets: tuple[str, ...], max_body_bytes: int) -> FastAPI:
    """Compose the web application. `secrets` are the webhook secrets that hold now."""
    app = FastAPI(title="podsec", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(webhook.router(jobs, secrets, max_body_bytes))
    app.include_router(health.router(jobs))
    return app
