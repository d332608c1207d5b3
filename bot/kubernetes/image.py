"""Image references: registry, repository, tag, digest; read as the container runtimes read them.

The grammar is that of github.com/distribution/reference: `[registry[:port]/]path[:tag][@digest]`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.frozen import frozen

DOCKER_HUB = "docker.io"
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?P<name>(?:{_HOST}/)?{_COMPONENT}(?:/{_COMPONENT})*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?"
    r"(?:@(?P<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?",
    re.ASCII,
)
_IDENTIFIER = re.compile(r"[a-f0-9]{64}")
_PLACEHOLDER = re.compile(r"[${}<>%()\[\]*]|(?:^|[/:@])[A-Z][A-Z0-9_-]+(?:$|[/:@])")
# the hexadecimal digits of the digests that the grammar names (opencontainers/go-digest)
_DIGITS = {"sha256": 64, "sha384": 96, "sha512": 128}
_MAX_PATH = 255
_MAX_LENGTH = 1024
"""Host, path, tag and digest at their longest; the expression is not asked about more."""


@frozen
class ImageReference:
    """A reference taken apart; `repository` is written out, as in docker.io/library/nginx."""

    repository: str
    tag: str | None
    digest: str | None

    @property
    def registry(self) -> str:
        """The host that it is pulled from, with its port."""
        return self.repository.partition("/")[0]


@lru_cache(maxsize=8192)
def parse(reference: str) -> ImageReference | None:
    """Take a reference apart; None where the grammar does not allow it.

    `host:5000/app` has a port, not a tag. Names without a registry are Docker Hub's.
    """
    match = _REFERENCE.fullmatch(reference) if len(reference) <= _MAX_LENGTH else None
    if match is None or _IDENTIFIER.fullmatch(reference):
        return None
    registry, path = _split(match["name"])
    digest = match["digest"]
    if path != path.lower() or len(path) > _MAX_PATH or not _fits(digest):
        return None
    return ImageReference(repository=f"{registry}/{path}", tag=match["tag"], digest=digest)


def is_placeholder(reference: str) -> bool:
    """Whether a text stands for an image that something else fills in: ${IMAGE}, IMAGE_NAME."""
    short = reference[:_MAX_LENGTH]
    return parse(reference) is None and _PLACEHOLDER.search(short) is not None


def _split(name: str) -> tuple[str, str]:
    """Registry and path: the first part is a registry if it looks like a host."""
    first, slash, rest = name.partition("/")
    is_host = "." in first or ":" in first or first == "localhost" or first != first.lower()
    if not slash or not is_host:
        return DOCKER_HUB, name if slash else f"library/{name}"
    if first in ("index.docker.io", DOCKER_HUB):
        return DOCKER_HUB, rest if "/" in rest else f"library/{rest}"
    return first, rest


def _fits(digest: str | None) -> bool:
    """Whether a digest has as many digits as its algorithm gives."""
    if digest is None:
        return True
    algorithm, _, digits = digest.partition(":")
    return len(digits) == _DIGITS.get(algorithm, len(digits))
