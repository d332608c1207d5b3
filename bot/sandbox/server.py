"""The FastAPI application: REST, GraphQL and the pages."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

from bot.sandbox import graphql, manifest, pages
from bot.sandbox.access import Access
from bot.sandbox.http import Dispatcher, mount
from bot.sandbox.rest import ROUTES
from bot.sandbox.webhooks import Webhooks
from bot.sandbox.world import Refusal, World


def application(world: World, access: Access, hooks: Webhooks) -> FastAPI:
    """Compose the server."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    mount(app, ROUTES, Dispatcher(world, access, hooks))

    @app.post("/graphql")
    async def query(request: Request) -> Response:
        body = await request.body()
        authorization = request.headers.get("authorization", "")
        status, data = await run_in_threadpool(_answer, world, access, hooks, authorization, body)
        return Response(json.dumps(data), status, media_type="application/json")

    manifest.mount(app, world)
    pages.mount(app, world)
    return app


def _answer(
    world: World, access: Access, hooks: Webhooks, authorization: str, body: bytes
) -> tuple[int, dict[str, Any]]:
    with world.lock:
        try:
            asked = json.loads(body)
            caller = access.caller(authorization)
            return 200, graphql.answer(world, caller, hooks, asked["query"], asked.get("variables"))
        except Refusal as refusal:
            return refusal.status, {"message": refusal.message}
        except (ValueError, KeyError, TypeError):
            return 400, {"message": "Problems parsing JSON"}
