"""Which images manifests name, which of them a change brings, and which can be scanned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bot.kubernetes.image import is_placeholder, parse
from bot.kubernetes.workload import CONTAINER_LISTS, reach
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
    if manifest.pod_path is None:
        return
    spec = reach(manifest.data, manifest.pod_path)
    if not isinstance(spec, dict):
        return
    is_windows = _is_windows(spec)
    for which in CONTAINER_LISTS:
        listed = spec.get(which)
        for index, container in enumerate(listed if isinstance(listed, list) else ()):
            image = container.get("image") if isinstance(container, dict) else None
            if isinstance(image, str) and image:
                path = (*manifest.base, *manifest.pod_path, which, index, "image")
                yield _use(manifest, path, image, str(container.get("name") or ""), is_windows)


def _use(manifest: Manifest, path: Path, image: str, container: str, is_windows: bool) -> ImageUse:
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


def _is_windows(spec: Mapping[str, Any]) -> bool:
    """As `spec.os.name` says, else the node selector (KEP-2802)."""
    system = spec.get("os")
    if isinstance(system, dict) and isinstance(system.get("name"), str):
        return bool(system["name"] == "windows")
    selector = spec.get("nodeSelector")
    return isinstance(selector, dict) and selector.get("kubernetes.io/os") == "windows"
