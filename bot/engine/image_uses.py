"""Which images manifests name, which of them a change brings, and which can be scanned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bot.engine.pods import pods_of
from bot.kubernetes.image import is_placeholder, parse
from bot.model.finding import Region
from bot.model.image import LINUX, ImagePlan, ImageUse
from bot.model.manifest import Manifest
from bot.yamlpatch import Path

WINDOWS = "windows/amd64"


def image_uses(manifests: Iterable[Manifest]) -> tuple[ImageUse, ...]:
    """Every container of every workload that names an image, in the order of the files."""
    return tuple(use for manifest in manifests for use in _of_manifest(manifest))


def brought(uses: Iterable[ImageUse], before: Iterable[ImageUse]) -> tuple[ImageUse, ...]:
    """The uses that a change brings: a container that is new, or that named another image."""
    stood = {(use.subject, use.reference) for use in before}
    return tuple(use for use in uses if (use.subject, use.reference) not in stood)


def plan_scans(uses: Sequence[ImageUse], platform: str = LINUX) -> tuple[ImagePlan, ...]:
    """Each image once a platform, with all its uses; with the reason where it cannot be scanned."""
    by_image: dict[tuple[str, str], list[ImageUse]] = {}
    for use in uses:
        key = use.reference, WINDOWS if use.is_windows else platform
        by_image.setdefault(key, []).append(use)
    return tuple(
        ImagePlan(reference=reference, platform=where, uses=tuple(found), reason=_why(reference))
        for (reference, where), found in by_image.items()
    )


def _why(reference: str) -> str:
    """Why an image cannot be scanned; nothing where it can."""
    if parse(reference) is not None:
        return ""
    if is_placeholder(reference):
        return "it stands for an image that something else fills in"
    return "it is no image reference"


def _of_manifest(manifest: Manifest) -> Iterator[ImageUse]:
    """Of all its pods and pieces of pods: an image is one wherever it is named."""
    for pod in pods_of(manifest):
        if not isinstance(pod.spec, dict):
            continue
        for container in pod.containers:
            image = container.own("image")
            if isinstance(image, str) and image:
                path = (*container.path, "image")
                yield _use(manifest, path, image, container.name, is_windows=pod.is_windows)


def _use(
    manifest: Manifest, path: Path, image: str, container: str, *, is_windows: bool
) -> ImageUse:
    spot, _ = manifest.stream.locate(manifest.document, path)
    return ImageUse(
        reference=image,
        file=manifest.file,
        document=manifest.document,
        path=path,
        region=Region(line=spot.line, column=spot.column, end_line=spot.end_line),
        kind=manifest.kind,
        name=manifest.name,
        namespace=manifest.namespace,
        container=container,
        is_windows=is_windows,
    )
