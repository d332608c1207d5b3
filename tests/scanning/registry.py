"""A registry on loopback: the distribution API, tokens, pages of tags, and every refusal."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from tests.http.serving import Answer, Asked, Server, serving
from tests.scanning.images import INDEX, MANIFEST, Image, digest, index

REFUSALS = {
    "secret": (401, "UNAUTHORIZED"),
    "denied": (403, "DENIED"),
    "limit": (429, "TOOMANYREQUESTS"),
    "broken": (500, "UNKNOWN"),
    "nope": (404, "MANIFEST_UNKNOWN"),
}


@dataclass
class Shelf:
    """What the registry has; `token` is what it wants to see, `password` who gets one."""

    tags: dict[str, dict[str, bytes]] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    token: str | None = None
    password: tuple[str, str] | None = None
    realm: str | None = None
    page: int = 1000
    mangle: Callable[[bytes], bytes] = bytes
    has_digest_header: bool = True

    def put(self, path: str, tag: str, *images: Image) -> str:
        """Keep an image under a tag; of several images an index. The digest of what it names."""
        for image in images:
            for blob in (image.packed, image.config_blob, image.manifest):
                self.blobs[digest(blob)] = blob
        named = images[0].manifest if len(images) == 1 else index(*images)
        self.blobs[digest(named)] = named
        self.tags.setdefault(path, {})[tag] = named
        return digest(named)

    def answer(self, asked: Asked) -> Answer:
        url = urlsplit(asked.path)
        if url.path == "/token":
            return self._give_token(asked)
        if self.token is not None and asked.headers.get("authorization") != f"Bearer {self.token}":
            realm = self.realm or f"http://{asked.headers['host']}/token"
            challenge = f'Bearer realm="{realm}",service="test",scope="repository:other:push"'
            return Answer(status=401, headers={"WWW-Authenticate": challenge})
        if url.path == "/v2/":
            return Answer(body=b"{}")
        path, kind, name = self._split(url.path)
        for word, (status, code) in REFUSALS.items():
            if word in path.split("/"):
                body = json.dumps({"errors": [{"code": code, "message": word}]}).encode()
                headers = {"Retry-After": "7"} if status == 429 else {}
                return Answer(status=status, body=body, headers=headers)
        if kind == "tags":
            return self._list(path, url.query)
        found = self.tags.get(path, {}).get(name) if kind == "manifests" else None
        body = found if found is not None else self.blobs.get(name)
        if body is None:
            missing = json.dumps({"errors": [{"code": "MANIFEST_UNKNOWN"}]}).encode()
            return Answer(status=404, body=missing)
        return self._give(body)

    @staticmethod
    def _split(path: str) -> tuple[str, str, str]:
        head, kind, name = path.rsplit("/", 2)
        return head.removeprefix("/v2/"), kind, name

    def _give(self, body: bytes) -> Answer:
        try:
            is_index = b"manifests" in body[:200] and "manifests" in json.loads(body)
        except ValueError:
            is_index = False
        headers = {"Content-Type": INDEX if is_index else MANIFEST}
        if self.has_digest_header:
            headers["Docker-Content-Digest"] = digest(body)
        return Answer(body=self.mangle(body), headers=headers)

    def _give_token(self, asked: Asked) -> Answer:
        if self.password is not None:
            pair = ":".join(self.password).encode()
            if asked.headers.get("authorization") != f"Basic {base64.b64encode(pair).decode()}":
                return Answer(status=401)
        return Answer(body=json.dumps({"token": self.token, "expires_in": 300}).encode())

    def _list(self, path: str, query: str) -> Answer:
        names = sorted(self.tags.get(path, {}))
        last = parse_qs(query).get("last", [""])[0]
        rest = [name for name in names if name > last]
        shown = rest[: self.page]
        headers = {}
        if len(rest) > self.page:
            headers["Link"] = f'</v2/{path}/tags/list?n=1&last={shown[-1]}>; rel="next"'
        return Answer(body=json.dumps({"name": path, "tags": shown}).encode(), headers=headers)


@contextmanager
def running(shelf: Shelf) -> Iterator[Server]:
    with serving(shelf.answer) as server:
        yield server
