"""Tokens of registries: what a challenge asks for, and who is told a password.

The protocol: distribution/distribution docs/spec/auth/token.md (Bearer), RFC 7617 (Basic).
"""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from bot.errors import Malformed, NotPermitted, Unavailable
from bot.http import Client, Limits, Request

_PARAMETER = re.compile(r'([a-z]+)="([^"]*)"')
# who gives out tokens for a registry, where it is another host than the registry itself
_REALMS = {
    "docker.io": ("auth.docker.io",),
    "registry-1.docker.io": ("auth.docker.io",),
    "registry.gitlab.com": ("gitlab.com",),
}
_LIFE = 60
"""Seconds that a token holds where the registry does not say (the specification's own)."""
_LIMITS = Limits(seconds=20, most_bytes=200_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """Who podsec is at a registry; `realms` are further hosts that may be told the password."""

    username: str
    password: str
    realms: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Credential({self.username!r})"

    @property
    def basic(self) -> str:
        """The header of basic authentication."""
        pair = f"{self.username}:{self.password}".encode()
        return f"Basic {base64.b64encode(pair).decode()}"


class Tokens:
    """Headers that let requests of a repository through, kept as long as they hold."""

    def __init__(self, client: Client, credentials: Mapping[str, Credential]) -> None:
        self._client = client
        self._credentials = credentials
        self._kept: dict[tuple[str, str], tuple[str, float]] = {}
        self._lock = threading.Lock()

    def known(self, registry: str, path: str) -> Mapping[str, str]:
        """The header that is known to hold; empty where none is."""
        with self._lock:
            header, until = self._kept.get((registry, path), ("", 0.0))
        return {"Authorization": header} if header and time.monotonic() < until else {}

    def answer(self, registry: str, path: str, challenge: str) -> Mapping[str, str]:
        """The header that a challenge (WWW-Authenticate) asks for. Raises NotPermitted.

        The scope is podsec's own words, to pull this repository, not what the registry says.
        """
        scheme, _, rest = challenge.partition(" ")
        if scheme.lower() == "basic":
            credential = self._credentials.get(registry)
            if credential is None:
                raise NotPermitted(f"{registry} wants a password, and podsec has none for it")
            return self._keep(registry, path, credential.basic, float(_LIFE))
        if scheme.lower() != "bearer":
            raise Malformed(f"{registry} asks for a kind of login that podsec does not know")
        told = dict(_PARAMETER.findall(rest))
        token, seconds = self._token(registry, path, told)
        return self._keep(registry, path, f"Bearer {token}", seconds)

    def _keep(self, registry: str, path: str, header: str, seconds: float) -> Mapping[str, str]:
        with self._lock:
            self._kept[registry, path] = header, time.monotonic() + seconds * 0.8
        return {"Authorization": header}

    def _token(self, registry: str, path: str, told: Mapping[str, str]) -> tuple[str, float]:
        realm = told.get("realm", "")
        query = {"service": told.get("service", ""), "scope": f"repository:{path}:pull"}
        url = f"{realm}{'&' if '?' in realm else '?'}{urlencode(query)}"
        credential = self._credentials.get(registry)
        host = urlsplit(realm).netloc.lower()
        may_know = host in self._trusted(registry, credential)
        headers = {"Authorization": credential.basic} if credential and may_know else {}
        answer = self._client.send(Request(url=url, headers=headers, public=True), _LIMITS)
        if answer.status in (401, 403):
            raise NotPermitted(f"{registry} does not let podsec read {path}")
        if answer.status != 200:
            raise Unavailable(f"{host} gave no token for {registry}: status {answer.status}")
        return _token_in(answer.body, registry)

    @staticmethod
    def _trusted(registry: str, credential: Credential | None) -> frozenset[str]:
        """The hosts that may be told the password of a registry."""
        added = credential.realms if credential is not None else ()
        return frozenset((registry, *_REALMS.get(registry, ()), *added))


def _token_in(body: bytes, registry: str) -> tuple[str, float]:
    try:
        found: Any = json.loads(body)
        token = found.get("token") or found.get("access_token")
        seconds = float(found.get("expires_in") or _LIFE)
    except (ValueError, AttributeError, TypeError) as error:
        raise Malformed(f"{registry} gave a token that podsec cannot read") from error
    if not isinstance(token, str) or not re.fullmatch(r"[\x21-\x7e]+", token):
        raise Malformed(f"{registry} gave no token")
    return token, min(max(seconds, 1.0), 3600.0)
