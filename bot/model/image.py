"""An image that a manifest names: where it is named, and what a registry says it is now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from bot.frozen import frozen
from bot.model.finding import Region
from bot.model.vulnerability import ImageReport
from bot.yamlpatch import Path

LINUX = "linux/amd64"
"""What is looked at where nothing says another platform."""


@frozen
class ImageUse:
    """One container that names an image; `path` is that of the name below the document's root."""

    reference: str
    file: str
    document: int
    path: Path
    region: Region
    kind: str
    name: str
    namespace: str | None
    container: str
    is_windows: bool = False

    @property
    def subject(self) -> tuple[str, str, str | None, str, str]:
        """The container, whatever image it names: what a change is compared by."""
        return self.file, self.kind, self.namespace, self.name, self.container


@frozen
class Pinned:
    """An image and the digest that it stands for now; `digest` may be that of an index.

    `repository` is written out, as in docker.io/library/nginx. `tag_digest` is where the tag of a
    reference with a digest leads now, None where it has none or that was not asked.
    """

    repository: str
    tag: str | None
    digest: str
    tag_digest: str | None = None

    @property
    def reference(self) -> str:
        """How programs are told of it: a name that cannot mean another image tomorrow."""
        return f"{self.repository}@{self.digest}"

    @property
    def has_drifted(self) -> bool:
        """Whether its tag leads elsewhere than the digest beside it."""
        return self.tag_digest is not None and self.tag_digest != self.digest


@frozen
class Layer:
    """One layer: its digest, and how another program may fetch it."""

    digest: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)


@frozen
class ImageManifest:
    """The manifest of one platform of an image; sizes in bytes."""

    digest: str
    platform: str
    config: str
    layers: tuple[str, ...]
    size: int


@frozen
class Download:
    """How large an image may be and how long it may take, in bytes and seconds."""

    most_bytes: int = 2_000_000_000
    seconds: float = 300


@frozen
class ImagePlan:
    """An image to be scanned once, and all containers that run it; or why it is not."""

    reference: str
    platform: str
    uses: tuple[ImageUse, ...]
    reason: str = ""


@frozen
class ImageAnswer:
    """What is known of an image: a report, or the reason why there is none.

    `moved_from` is the digest that its tag led to when podsec last looked, where it leads
    elsewhere now. A reason beside a report says why that is an older one.
    """

    plan: ImagePlan
    image: Pinned | None = None
    report: ImageReport | None = None
    reason: str = ""
    moved_from: str | None = None
    newer: tuple[tuple[str, ImageReport], ...] = ()
    """Reports of newer tags, the smallest first, where these were asked for."""

    @property
    def has_moved(self) -> bool:
        """Whether its tag leads elsewhere than it did, or than the digest beside it says."""
        return self.moved_from is not None or (self.image is not None and self.image.has_drifted)
