"""Image references: registry, repository, tag, digest."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TAG = re.compile(r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageReference:
    """A reference taken apart; `repository` is written out, as in docker.io/library/nginx."""

    repository: str
    tag: str | None
    digest: str | None


def parse(reference: str) -> ImageReference:
    """Take a reference apart. `host:5000/app` has a port, not a tag."""
    name, _, digest = reference.partition("@")
    head, slash, last = name.rpartition("/")
    last, colon, tag = last.partition(":")
    path = f"{head}{slash}{last}"
    first = path.partition("/")[0]
    is_host = "/" in path and ("." in first or ":" in first or first == "localhost")
    if not is_host:
        path = f"docker.io/{path}" if "/" in path else f"docker.io/library/{path}"
    valid = tag if colon and _TAG.match(tag) else None
    return ImageReference(repository=path, tag=valid, digest=digest or None)
