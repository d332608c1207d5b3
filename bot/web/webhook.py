"""POST /webhook: verify, store, answer; the work comes later.

Source: GitHub, "Validating webhook deliveries" and "Best practices for using webhooks": the
signature is an HMAC-SHA256 of the raw body, an answer is due within ten seconds.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from bot.errors import Unavailable
from bot.model.delivery import Delivery
from bot.ports import Jobs

_log = logging.getLogger("podsec.web")
_GUID = re.compile(r"[0-9A-Za-z-]{1,64}")
_EVENT = re.compile(r"[a-z0-9_]{1,64}")
_DIGITS = 12


class Refused(Exception):
    """A request that is not taken: an HTTP status and one line."""

    def __init__(self, status: int, line: str) -> None:
        super().__init__(line)
        self.status = status
        self.line = line


def router(jobs: Jobs, secrets: tuple[str, ...], max_body_bytes: int) -> APIRouter:
    """The webhook's route."""
    found = APIRouter()

    @found.post("/webhook")
    async def receive(request: Request) -> Response:
        try:
            body = await _body(request, max_body_bytes)
            delivery = await run_in_threadpool(_read, request.headers, body, secrets)
        except Refused as refusal:
            _log.warning("delivery_refused", extra={"reason": refusal.line})
            return _line(refusal.status, refusal.line)
        if delivery.event == "ping":
            return _line(200, "pong")
        try:
            new = await run_in_threadpool(jobs.accept, delivery)
        except Unavailable as error:
            _log.error("delivery_not_stored", extra={"delivery": delivery.id})
            return _line(503, str(error))
        fields = {
            "delivery": delivery.id,
            "event": delivery.event,
            "action": delivery.payload.get("action"),
            "new": new,
        }
        _log.info("delivery_stored", extra=fields)
        return _line(202, "accepted" if new else "known")

    return found


def _read(headers: Mapping[str, str], body: bytes, secrets: tuple[str, ...]) -> Delivery:
    """A verified delivery. Raises Refused; nothing is parsed before the signature holds."""
    if not _signed(body, headers.get("x-hub-signature-256", ""), secrets):
        raise Refused(401, "the signature is missing or wrong")
    guid, event = headers.get("x-github-delivery", ""), headers.get("x-github-event", "")
    if not _GUID.fullmatch(guid) or not _EVENT.fullmatch(event):
        raise Refused(400, "X-GitHub-Delivery or X-GitHub-Event is missing or malformed")
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused(415, "set the App's webhook content type to application/json")
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "the body is not JSON") from error
    if not isinstance(payload, dict):
        raise Refused(400, "the body is not a JSON object")
    return Delivery(id=guid, event=event, payload=payload)


async def _body(request: Request, max_body_bytes: int) -> bytes:
    """The raw body, counted while it comes: a chunked one has no length."""
    length = request.headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise Refused(400, "Content-Length is no number")
    if len(length) > _DIGITS or int(length) > max_body_bytes:
        raise Refused(413, f"the body is larger than {max_body_bytes} bytes")
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > max_body_bytes:
                raise Refused(413, f"the body is larger than {max_body_bytes} bytes")
            parts.append(part)
    except ClientDisconnect as error:
        raise Refused(400, "the body broke off") from error
    return b"".join(parts)


def _signed(body: bytes, header: str, secrets: tuple[str, ...]) -> bool:
    """Whether one of the secrets signed the body; each is tried, in constant time."""
    given = header.encode("utf-8", "replace")
    matches = [
        hmac.compare_digest(
            b"sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode(), given
        )
        for secret in secrets
    ]
    return any(matches)


def _line(status: int, text: str) -> Response:
    return Response(text + "\n", status, media_type="text/plain")
