"""Aqua by its REST API: what Aqua already knows of an image that it has registered.

As far as Aqua's own public client documents it: aquasecurity/terraform-provider-aquasec
client/client.go (login) and client/vulnerabilities.go (the pages). Nothing here was tried with a
real console.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from bot.adapters.scanners.aqua import AquaOptions
from bot.adapters.scanners.aqua_report import aqua_reports
from bot.adapters.scanners.document import mapping, parsed, text
from bot.errors import ConfigError, Gone, NotPermitted, RateLimited, Unavailable
from bot.http import Client, Hosts, Limits, Request, Response
from bot.model.image import Pinned
from bot.model.vulnerability import ImageReport, ScannerState

_PAGE = 200
_MOST_PAGES = 100
_MOST_BYTES = 20_000_000


class AquaConsole:
    """The vulnerabilities of an image's tag, as Aqua's console lists them."""

    def __init__(self, options: AquaOptions) -> None:
        if not (options.user and options.password):
            raise ConfigError("Aqua's console wants a user and a password")
        self._options = options
        self._url = options.host.rstrip("/")
        self._client = Client(Hosts(["/".join(self._url.split("/")[:3])]))
        self._registries = dict(options.registries)

    def state(self, seconds: float) -> ScannerState:
        """Its name alone."""
        del seconds
        return ScannerState(name="aqua")

    def scan(self, image: Pinned, platform: str, seconds: float) -> ImageReport:
        """What Aqua knows of a tag. Raises Gone for an image without one: Aqua goes by tags."""
        if image.tag is None:
            raise Gone("Aqua's console knows images by their tags; this one has none")
        deadline = time.monotonic() + seconds
        headers = {"Authorization": f"Bearer {self._login(deadline)}"}
        rows: list[Any] = []
        is_partial = False
        for page in self._pages(image, headers, deadline):
            rows += page.get("result") or []
            is_partial = is_partial or page.get("is_partial_data") is True
        whole = {"result": rows, "count": len(rows), "pagesize": _PAGE}
        found = aqua_reports({**whole, "is_partial_data": is_partial})
        empty = ImageReport(reference=image.reference, scanner=ScannerState(name="aqua"))
        report = found[0] if found else empty
        drifted = report.digest not in (None, image.digest)
        return replace(
            report,
            digest=image.digest,
            platform=platform,
            partial="Aqua scanned an older image of this tag" if drifted else report.partial,
        )

    def _pages(
        self, image: Pinned, headers: Mapping[str, str], deadline: float
    ) -> Iterator[Mapping[str, Any]]:
        host, _, path = image.repository.partition("/")
        registry = self._registries.get(host)
        if registry is None:
            raise ConfigError(f"nobody said what Aqua calls the registry {host}")
        query = {
            "pagesize": _PAGE,
            "include_vpatch_info": "true",
            "show_negligible": "true",
            "hide_base_image": "false",
            "image_name": f"{path}:{image.tag}",
            "registry_name": registry,
        }
        for number in range(1, _MOST_PAGES + 1):
            url = f"{self._url}/api/v2/risks/vulnerabilities?{urlencode({'page': number, **query})}"
            answer = self._ask(Request(url=url, headers=headers), deadline)
            page = mapping(parsed(answer.body, "Aqua's answer"))
            yield page
            count = page.get("count")
            if not isinstance(count, int) or number * _PAGE >= count:
                return

    def _login(self, deadline: float) -> str:
        body = {"id": self._options.user, "password": self._options.password}
        request = Request(
            url=f"{self._url}/api/v1/login",
            method="POST",
            headers={"Content-Type": "application/json"},
            body=json.dumps(body).encode(),
        )
        token = text(
            mapping(parsed(self._ask(request, deadline).body, "Aqua's login")).get("token")
        )
        if not token:
            raise NotPermitted("Aqua gave no token")
        return token

    def _ask(self, request: Request, deadline: float) -> Response:
        left = deadline - time.monotonic()
        if left <= 0:
            raise Unavailable("Aqua took longer than it may")
        answer = self._client.send(request, Limits(seconds=left, most_bytes=_MOST_BYTES))
        if answer.status == 200:
            return answer
        if answer.status in (401, 403):
            raise NotPermitted("Aqua does not let podsec in")
        if answer.status == 404:
            raise Gone("Aqua does not know this image")
        if answer.status == 429:
            raise RateLimited("Aqua asked for a pause", retry_after=60)
        raise Unavailable(f"Aqua answered with status {answer.status}")
