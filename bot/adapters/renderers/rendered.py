"""What a renderer printed to objects with their origins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from bot.engine.read import load
from bot.kubernetes.kinds import Kinds
from bot.model.manifest import Manifest
from bot.model.rendering import Origin, Rendered, Root

_BETWEEN = re.compile(rb"^---[ \t]*$\n?", re.MULTILINE)
OriginOf = Callable[[Manifest, bytes], Origin]


def rendered_file(root: Root) -> str:
    """How what a root makes is called where a file is: in its own folder."""
    variant = f"-{root.variant}" if root.variant else ""
    return f"{root.folder}/rendered{variant}.yaml".lstrip("/")


def read_rendered(root: Root, text: bytes, kinds: Kinds, origin: OriginOf) -> Iterator[Rendered]:
    """The objects of what was printed, document by document: no bound of a file holds for it."""
    for part in _BETWEEN.split(text):
        if b"kind:" not in part:
            continue
        for manifest in load(rendered_file(root), part, kinds)[0]:
            found = origin(manifest, part)
            yield Rendered(root=root, manifest=_unmarked(manifest), origin=found)


def _unmarked(manifest: Manifest) -> Manifest:
    """The object without the annotations that only say where it was written."""
    metadata = manifest.data.get("metadata")
    noted = metadata.get("annotations") if isinstance(metadata, dict) else None
    if not isinstance(metadata, dict) or not isinstance(noted, dict):
        return manifest
    kept = {key: value for key, value in noted.items() if key not in MARKS}
    rest = {key: value for key, value in metadata.items() if key != "annotations"}
    new = {**rest, **({"annotations": kept} if kept else {})}
    return replace(manifest, data={**manifest.data, "metadata": new})


MARKS = (
    "config.kubernetes.io/origin",
    "alpha.config.kubernetes.io/transformations",
)
"""Where kustomize says what it did (buildMetadata: originAnnotations, transformerAnnotations)."""
