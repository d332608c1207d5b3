"""What an operator says of own images: `images: {"registry.corp/java-*": {uid: 1000}}`."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Protocol

from bot.kubernetes.image_facts import (
    Capabilities,
    Fact,
    Files,
    ImageFacts,
    NonRoot,
    Source,
    Writable,
)


class OwnImage(Protocol):
    """Facts on the images whose registry and path a glob matches; None is what is not said.

    `capabilities` are those that the image needs, without CAP_; none said means that it needs none.
    """

    @property
    def match(self) -> str:
        """The glob."""

    @property
    def uid(self) -> int | None:
        """The user that it is made for."""

    @property
    def gid(self) -> int | None:
        """Its group."""

    @property
    def nonroot(self) -> bool | None:
        """Whether it runs as another than root."""

    @property
    def writable(self) -> tuple[str, ...]:
        """All paths that it writes to."""

    @property
    def capabilities(self) -> tuple[str, ...]:
        """The capabilities that it needs."""


def facts_of(repository: str, entries: Iterable[OwnImage]) -> ImageFacts | None:
    """What the first entry that matches tells; the operator's word is sure."""
    entry = next((one for one in entries if fnmatchcase(repository, one.match)), None)
    if entry is None:
        return None
    source = Source(f"the config's images entry {entry.match!r}", sure=True)
    return ImageFacts(
        family=repository,
        nonroot=_nonroot(entry, source),
        capabilities=Fact(Capabilities(of_files=entry.capabilities), source),
        files=_files(entry, source),
    )


def _nonroot(entry: OwnImage, source: Source) -> Fact[NonRoot] | None:
    if entry.nonroot is False or entry.uid == 0:
        return Fact(NonRoot(verdict="no"), source)
    if entry.uid is None and entry.nonroot is None:
        return None
    return Fact(
        NonRoot(verdict="yes", uid=entry.uid, gid=entry.gid, fs_group=entry.gid or entry.uid),
        source,
    )


def _files(entry: OwnImage, source: Source) -> Fact[Files] | None:
    """Paths that are said are all; where none is said, nothing is known."""
    if not entry.writable:
        return None
    writable = tuple(Writable(path=path) for path in entry.writable)
    return Fact(Files(verdict="with_mounts", writable=writable), source)
