"""The App manifest flow: a form makes an App, its code is turned into secrets once.

Source: GitHub, "Registering a GitHub App from a manifest".
"""

from __future__ import annotations

import json
import secrets
from typing import Any
from urllib.parse import parse_qs, urlencode

from fastapi import FastAPI, Request, Response

from bot.sandbox import shapes
from bot.sandbox.http import Call
from bot.sandbox.world import Refusal, World

_LONGEST_NAME = 34


def mount(app: FastAPI, world: World) -> None:
    """Give the application the pages that take a manifest."""

    async def create(request: Request) -> Response:
        form = parse_qs((await request.body()).decode())
        try:
            manifest = _manifest(form.get("manifest", [""])[0])
        except Refusal as refusal:
            return Response(refusal.message, refusal.status, media_type="text/plain")
        code = secrets.token_hex(20)
        with world.lock:
            world.codes[code] = manifest
        state = request.query_params.get("state", "")
        back = f"{manifest['redirect_url']}?{urlencode({'code': code, 'state': state})}"
        return Response(None, 302, {"Location": back})

    app.add_api_route("/settings/apps/new", create, methods=["POST"])
    app.add_api_route("/organizations/{org}/settings/apps/new", create, methods=["POST"])


def _manifest(text: str) -> dict[str, Any]:
    """A manifest with what GitHub demands. Raises Refusal 422."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise Refusal(422, "The manifest is not JSON") from error
    hook = found.get("hook_attributes") or {}
    for name, value in (("url", found.get("url")), ("redirect_url", found.get("redirect_url"))):
        if not isinstance(value, str) or not value.startswith("http"):
            raise Refusal(422, f"{name} is missing or no URL")
    if not isinstance(hook.get("url"), str):
        raise Refusal(422, "hook_attributes.url is missing")
    if not 0 < len(found.get("name", "")) <= _LONGEST_NAME:
        raise Refusal(422, "name is missing or too long")
    return dict(found)


def convert(call: Call) -> tuple[int, Any]:
    """Turn a code into the App's secrets; it is good once."""
    manifest = call.world.codes.pop(call.params["code"], None)
    if manifest is None:
        raise Refusal(404, "Not Found")
    made = shapes.app(call.world, manifest.get("default_permissions", {}))
    return 201, made | {
        "name": manifest["name"],
        "slug": manifest["name"].lower().replace(" ", "-"),
        "events": manifest.get("default_events", []),
        "client_secret": secrets.token_hex(20),
        "webhook_secret": secrets.token_hex(20),
        "pem": call.access.private_key_pem,
    }
