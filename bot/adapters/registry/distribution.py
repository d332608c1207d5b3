"""A client of the distribution API (opencontainers/distribution-spec), for reading alone."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urljoin

from bot.adapters.registry.layout import Layout
from bot.adapters.registry.manifests import (
    ACCEPTED,
    DIGEST,
    digest_of,
    document,
    platform_digest,
    read_manifest,
)
from bot.adapters.registry.tokens import Credential, Tokens
from bot.errors import (
    Gone,
    Malformed,
    NotPermitted,
    PermanentError,
    RateLimited,
    TransientError,
    Unavailable,
)
from bot.http import Client, Limits, Request, Response
from bot.kubernetes.image import ImageReference
from bot.kubernetes.image_config import read_config
from bot.model.image import Download, ImageManifest, Layer, Pinned
from bot.model.vulnerability import ImageConfig

# names that registries are written with, and the hosts that speak for them
_HOSTS = {"docker.io": "registry-1.docker.io"}
_MANIFEST = Limits(seconds=20, most_bytes=4_194_304)
"""The specification lets registries refuse manifests that are larger."""
_BLOB = Limits(seconds=30, most_bytes=4_194_304)
_TAGS = Limits(seconds=20, most_bytes=4_000_000)
_PAGES = 20
_MOST_TAGS = 20_000
_NEXT = re.compile(r'<([^>]+)>\s*;\s*rel="?next"?')
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)


class OciRegistry:
    """Registries, as far as the list of hosts lets podsec speak to them. Threads may share it."""

    def __init__(self, client: Client, credentials: Mapping[str, Credential] | None = None) -> None:
        self._client = client
        self._tokens = Tokens(client, credentials or {})

    def pin(self, reference: ImageReference) -> Pinned:
        """What a reference stands for now; a digest stands for itself.

        The registry is looked at first in any case: scanners go there next.
        """
        self._client.checked(self._base(reference.registry), public=reference.registry in _HOSTS)
        tag = reference.tag if reference.tag or reference.digest else "latest"
        if reference.digest is None:
            digest = self._digest_at(reference, str(tag))
            return Pinned(repository=reference.repository, tag=tag, digest=digest)
        if not DIGEST.fullmatch(reference.digest):
            raise Malformed(f"{reference.repository} has a digest that podsec cannot check")
        return Pinned(
            repository=reference.repository,
            tag=tag,
            digest=reference.digest,
            tag_digest=self._drifted_to(reference),
        )

    def _drifted_to(self, reference: ImageReference) -> str | None:
        """Where the tag beside a digest leads; that nobody can say so is no reason to stop."""
        try:
            return self._digest_at(reference, reference.tag) if reference.tag else None
        except (PermanentError, TransientError):
            return None

    def manifest(self, image: Pinned, platform: str) -> ImageManifest:
        """The manifest of a platform, found through the index where there is one."""
        found = self._document(image, image.digest)
        digest = platform_digest(found, platform, image.repository)
        if digest is None:
            return read_manifest(found, image.digest, platform, image.repository)
        found = self._document(image, digest)
        return read_manifest(found, digest, platform, image.repository)

    def config(self, image: Pinned, platform: str) -> ImageConfig:
        """What the image says of how it runs."""
        digest = self.manifest(image, platform).config
        body = self._read(image.repository, f"blobs/{digest}", _BLOB).body
        _demand(body, digest, image.repository)
        try:
            found: Any = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Malformed(f"{image.repository} has a config that is no JSON") from error
        inner = found.get("config") if isinstance(found, dict) else None
        return read_config(inner if isinstance(inner, dict) else {})

    def layers(self, image: Pinned, platform: str) -> tuple[Layer, ...]:
        """How another program fetches the layers; it gets the token, never a password."""
        manifest = self.manifest(image, platform)
        registry, _, path = image.repository.partition("/")
        base = f"{self._base(registry)}/v2/{path}/blobs"
        self._client.checked(f"{base}/", public=registry in _HOSTS)
        known = self._tokens.known(registry, path)
        is_token = known.get("Authorization", "").startswith("Bearer ")
        return tuple(
            Layer(digest=digest, url=f"{base}/{digest}", headers=known if is_token else {})
            for digest in manifest.layers
        )

    def is_listed(self, repository: str) -> bool:
        """Whether the list names the registry."""
        hosts = self._client.hosts
        return hosts.target(hosts.url_of(repository.partition("/")[0])).is_listed

    def is_plain(self, repository: str) -> bool:
        """Whether the list has it without TLS."""
        return self._client.hosts.url_of(repository.partition("/")[0]).startswith("http://")

    def save(self, image: Pinned, platform: str, folder: Path, limits: Download) -> None:
        """Write an image as an OCI layout; every part is checked against its digest."""
        manifest = self.manifest(image, platform)
        if manifest.size > limits.most_bytes:
            raise Malformed(f"{image.repository} is larger than {limits.most_bytes} bytes")
        deadline = time.monotonic() + limits.seconds
        layout = Layout(folder, limits.most_bytes)
        body = self._read(image.repository, f"manifests/{manifest.digest}", _MANIFEST).body
        layout.add(manifest.digest, body)
        for digest in dict.fromkeys((manifest.config, *manifest.layers)):
            left = Limits(seconds=max(1.0, deadline - time.monotonic()), most_bytes=layout.left)
            with layout.open(digest) as into:
                self._read(image.repository, f"blobs/{digest}", left, into=into)
        layout.finish(manifest.digest, len(body))

    def tags(self, reference: ImageReference) -> tuple[str, ...]:
        """The tags of a repository, as far as twenty pages tell."""
        found: list[str] = []
        rest = "tags/list?n=1000"
        for _ in range(_PAGES):
            answer = self._read(reference.repository, rest, _TAGS)
            found += _tags(answer.body, reference.repository)
            match = _NEXT.search(answer.headers.get("link", ""))
            if match is None or len(found) > _MOST_TAGS:
                break
            rest = self._next(answer.url, match[1], reference)
        return tuple(dict.fromkeys(found))

    def _next(self, url: str, link: str, reference: ImageReference) -> str:
        """The rest of the next page's path; a link that leaves the repository is not followed."""
        onward = urljoin(url, link)
        begin = url.partition("/tags/list")[0] + "/"
        if not onward.startswith(begin + "tags/list?"):
            raise Malformed(f"{reference.registry} sends to another place for further tags")
        return onward.removeprefix(begin)

    def _digest_at(self, reference: ImageReference, tag: str) -> str:
        """Where a tag leads. Asked without a body: that does not count as a pull at Docker Hub."""
        answer = self._read(reference.repository, f"manifests/{tag}", _MANIFEST, method="HEAD")
        digest = answer.headers.get("docker-content-digest", "")
        if DIGEST.fullmatch(digest):
            return digest
        body = self._read(reference.repository, f"manifests/{tag}", _MANIFEST).body
        return digest_of(body)

    def _document(self, image: Pinned, digest: str) -> Mapping[str, Any]:
        body = self._read(image.repository, f"manifests/{digest}", _MANIFEST).body
        _demand(body, digest, image.repository)
        return document(body, image.repository)

    def _base(self, registry: str) -> str:
        """The URL of a registry; its list speaks of the name, not of the host behind it."""
        if registry in _HOSTS:
            self._client.hosts.url_of(registry)
            return f"https://{_HOSTS[registry]}"
        return self._client.hosts.url_of(registry)

    def _read(
        self,
        repository: str,
        rest: str,
        limits: Limits,
        *,
        method: str = "GET",
        into: BinaryIO | None = None,
    ) -> Response:
        """Ask, once more with a token where the registry wants one."""
        registry, _, path = repository.partition("/")
        accept = {"Accept": ACCEPTED} if rest.startswith("manifests/") else {}
        request = Request(
            url=f"{self._base(registry)}/v2/{path}/{rest}",
            method=method,
            headers={**accept, **self._tokens.known(registry, path)},
            public=registry in _HOSTS,
        )
        answer = self._client.send(request, limits, into)
        challenge = answer.headers.get("www-authenticate", "")
        if answer.status == 401 and challenge:
            token = self._tokens.answer(registry, path, challenge)
            again = replace(request, headers={**accept, **token})
            answer = self._client.send(again, limits, into)
        return _sound(answer, repository)


def _sound(answer: Response, repository: str) -> Response:
    """The answer, if it is one. Raises what the caller is to do next."""
    registry, _, path = repository.partition("/")
    if answer.status == 200:
        return answer
    if answer.status in (401, 403):
        raise NotPermitted(f"{registry} does not let podsec read {path}")
    if answer.status == 404:
        raise Gone(f"{registry} does not have {path}, or not this version of it")
    if answer.status == 429:
        raise RateLimited(f"{registry} asked for a pause", _pause(answer))
    raise Unavailable(f"{registry} answered with status {answer.status}")


def _pause(answer: Response) -> float:
    said = answer.headers.get("retry-after", "")
    return float(said) if said.isdigit() else 600.0


def _demand(body: bytes, digest: str, name: str) -> None:
    if digest_of(body, digest) != digest:
        raise Malformed(f"{name} gave something else than its digest names")


def _tags(body: bytes, name: str) -> list[str]:
    try:
        found = json.loads(body)["tags"] or []
        return [tag for tag in found if isinstance(tag, str) and _TAG.fullmatch(tag)]
    except (ValueError, KeyError, TypeError) as error:
        raise Malformed(f"{name} has a list of tags that podsec cannot read") from error
