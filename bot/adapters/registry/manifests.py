"""Manifests of images: an index, or the manifest of one platform (OCI image specification)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.errors import Gone, Malformed
from bot.model.image import ImageManifest

_INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
ACCEPTED = ", ".join((*_INDEXES, *_MANIFESTS))
DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")


def digest_of(body: bytes, like: str = "sha256:") -> str:
    """The digest of a document, by the algorithm of another digest."""
    algorithm = like.partition(":")[0]
    return f"{algorithm}:{hashlib.new(algorithm, body).hexdigest()}"


def document(body: bytes, name: str) -> Mapping[str, Any]:
    """A manifest or an index. Raises Malformed, also for the first schema of Docker."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"{name} has a manifest that is no JSON") from error
    if not isinstance(found, dict) or found.get("schemaVersion") != 2:
        raise Malformed(f"{name} has a manifest of a kind that podsec does not read")
    return found


def platform_digest(index: Mapping[str, Any], platform: str, name: str) -> str | None:
    """The digest of a platform's manifest in an index; None where the document is no index.

    Raises Gone where the image is not made for the platform.
    """
    entries = index.get("manifests")
    if not isinstance(entries, list):
        return None
    found = list(_entries(entries))
    system, machine, variant = (*platform.split("/"), "", "")[:3]
    for entry, said in found:
        is_it = (said.get("os"), said.get("architecture")) == (system, machine)
        if is_it and (not variant or said.get("variant") == variant):
            return _digest(entry, name)
    raise Gone(f"{name} is not made for {platform}")


def read_manifest(
    manifest: Mapping[str, Any], digest: str, platform: str, name: str
) -> ImageManifest:
    """The manifest of one platform. Raises Malformed."""
    config, layers = manifest.get("config"), manifest.get("layers")
    if not isinstance(config, dict) or not isinstance(layers, list):
        raise Malformed(f"{name} has a manifest without config or layers")
    parts = [layer for layer in layers if isinstance(layer, dict)]
    sizes = (part.get("size") for part in (config, *parts))
    return ImageManifest(
        digest=digest,
        platform=platform,
        config=_digest(config, name),
        layers=tuple(_digest(part, name) for part in parts),
        size=sum(size for size in sizes if isinstance(size, int) and size > 0),
    )


def _entries(entries: list[Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    for entry in entries:
        if isinstance(entry, dict) and isinstance(entry.get("platform"), dict):
            yield entry, entry["platform"]


def _digest(entry: Mapping[str, Any], name: str) -> str:
    found = entry.get("digest")
    if not isinstance(found, str) or not DIGEST.fullmatch(found):
        raise Malformed(f"{name} has a manifest with a digest that is none")
    return found
