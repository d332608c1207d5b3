"""Clair v4 over its HTTP API: the indexer is told of the layers, the matcher is asked.

Facts: quay/clair httptransport (handlers and JSON schemas). Clair fetches the layers itself, from
the URLs that it is given: so only of registries that the list names, on addresses that were looked
at. Clair gets the token of the registry, never a password.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.adapters.scanners.clair_report import clair_report, is_clair
from bot.adapters.scanners.document import mapping, mappings, moment, parsed, text
from bot.errors import (
    ConfigError,
    Gone,
    Malformed,
    NotPermitted,
    RateLimited,
    Rejected,
    Unavailable,
    Unlisted,
)
from bot.http import Client, Hosts, Limits, Request, Response
from bot.model.image import ImageManifest, Pinned
from bot.model.vulnerability import ImageReport, ScannerState
from bot.ports import Registry

_FINISHED = "IndexFinished"
_INDEX = "/indexer/api/v1/index_report"
_REPORT = "/matcher/api/v1/vulnerability_report"
_UPDATES = "/matcher/api/v1/internal/update_operation?latest=true"
_MOST_BYTES = 100_000_000
_TOKEN_LIFE = 300
"""Seconds that a token of podsec's own holds: as long as Quay's do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClairOptions:
    """Where Clair is, and its pre-shared key (base64, as in Clair's own config), if it has one."""

    url: str
    key: str = field(default="", repr=False)
    issuer: str = "podsec"


class ClairScanner:
    """Clair 4.x. Several threads may share it."""

    def __init__(self, options: ClairOptions, registry: Registry) -> None:
        self._url = options.url.rstrip("/")
        self._key = _key(options.key)
        self._issuer = options.issuer
        self._client = Client(Hosts([_host_of(options.url)]))
        self._registry = registry

    def state(self, seconds: float) -> ScannerState:
        """The state of its indexer, and when an updater last ran.

        The API that tells the latter is internal, so it may be closed: then there is no date.
        """
        answer = self._ask("GET", "/indexer/api/v1/index_state", seconds)
        indexer = text(mapping(parsed(answer.body, "Clair's state")).get("state"))
        try:
            answer = self._ask("GET", _UPDATES, seconds)
            found = mapping(parsed(answer.body, "Clair's list of updates"))
        except (Gone, NotPermitted, Rejected, Malformed):
            found = {}
        return ScannerState(name="clair", version=indexer, database=_newest(found))

    def scan(self, image: Pinned, platform: str, seconds: float) -> ImageReport:
        """Have the image indexed, then ask for its vulnerabilities.

        Raises Unavailable while Clair has not loaded its database (status 202 without a body).
        """
        if not self._registry.is_listed(image.repository):
            host = image.repository.partition("/")[0]
            raise Unlisted(f"{host} is not on the list of registries by name: Clair would go there")
        deadline = time.monotonic() + seconds
        manifest = self._registry.manifest(image, platform)
        index = self._submit(image, manifest, deadline)
        answer = self._ask("GET", f"{_REPORT}/{manifest.digest}", _left(deadline))
        if answer.status == 202:
            message = "Clair has not loaded its vulnerability database yet"
            raise Unavailable(message, retry_after=60)
        document = parsed(answer.body, "Clair's report")
        if not is_clair(document):
            raise Malformed("Clair answered something else than a vulnerability report")
        report = clair_report(document, image.reference, self.state(_left(deadline)))
        return replace(report, digest=image.digest, platform=platform, partial=_problem(index))

    def _submit(self, image: Pinned, manifest: ImageManifest, deadline: float) -> Mapping[str, Any]:
        """The index report. Clair indexes again only what it has not, or what its indexer outgrew.

        No `If-None-Match` is sent: Clair answers 304 and 412 by the state of its indexer alone,
        before it looks whether it knows the image.
        """
        layers = self._registry.layers(image, manifest.platform)
        body = {
            "hash": manifest.digest,
            "layers": [
                {
                    "hash": layer.digest,
                    "uri": layer.url,
                    "headers": {name: [value] for name, value in layer.headers.items()},
                }
                for layer in layers
            ],
        }
        answer = self._ask("POST", _INDEX, _left(deadline), body=body)
        return mapping(parsed(answer.body, "Clair's index report"))

    def _ask(
        self,
        method: str,
        path: str,
        seconds: float,
        *,
        body: Any = None,
    ) -> Response:
        sent = {"Accept": "application/json", **self._login()}
        if body is not None:
            sent["Content-Type"] = "application/json"
        request = Request(
            url=f"{self._url}{path}",
            method=method,
            headers=sent,
            body=json.dumps(body).encode() if body is not None else None,
        )
        limits = Limits(seconds=seconds, most_bytes=_MOST_BYTES, redirects=0)
        return _sound(self._client.send(request, limits))

    def _login(self) -> dict[str, str]:
        """A token of a few minutes, signed with the key (RFC 7519, HS256)."""
        if self._key is None:
            return {}
        now = int(time.time())
        claims = {"iss": self._issuer, "iat": now, "nbf": now - 30, "exp": now + _TOKEN_LIFE}
        header = {"alg": "HS256", "typ": "JWT"}
        signed = _packed(header) + b"." + _packed(claims)
        signature = hmac.new(self._key, signed, hashlib.sha256).digest()
        return {"Authorization": f"Bearer {(signed + b'.' + _base64(signature)).decode()}"}


def _sound(answer: Response) -> Response:
    """The answer, if it is one. Raises what the caller is to do next."""
    status = answer.status
    if status in (200, 201, 202):
        return answer
    said = _message(answer.body)
    if status in (401, 403):
        raise NotPermitted(f"Clair does not take podsec's key{said}")
    if status == 404:
        raise Gone(f"Clair does not know this image{said}")
    if status == 429:
        raise RateLimited("Clair indexes as many images as it may", retry_after=60)
    if status >= 500:
        raise Unavailable(f"Clair failed with status {status}{said}")
    raise Rejected(f"Clair refused the request with status {status}{said}")


def _message(body: bytes) -> str:
    """What Clair's errors say (error.schema.json), to be put behind a sentence."""
    try:
        found = text(mapping(parsed(body, "an error")).get("message"))
    except Malformed:
        return ""
    return f": {found[:200]}" if found else ""


def _problem(index: Mapping[str, Any]) -> str:
    if index.get("success") is True and text(index.get("state")) in (_FINISHED, ""):
        return ""
    why = text(index.get("err"))[:200] or f"it stopped at {text(index.get('state')) or 'no state'}"
    return f"Clair did not index all of the image: {why}"


def _newest(updates: Mapping[str, Any]) -> datetime | None:
    dates = (moment(one.get("date")) for found in updates.values() for one in mappings(found))
    return max((date for date in dates if date is not None), default=None)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise Unavailable("Clair took longer than it may")
    return left


def _key(written: str) -> bytes | None:
    try:
        return base64.b64decode(written, validate=True) if written else None
    except (binascii.Error, ValueError) as error:
        raise ConfigError("the pre-shared key of Clair is no base64") from error


def _host_of(url: str) -> str:
    """The entry of a list of hosts that admits a URL of the operator's."""
    scheme, separator, rest = url.partition("://")
    if scheme not in ("http", "https") or not separator or not rest:
        raise ConfigError(f"{url!r} is no URL of Clair: expected https://HOST")
    return f"{scheme}://{rest.split('/')[0]}"


def _packed(value: Mapping[str, Any]) -> bytes:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
