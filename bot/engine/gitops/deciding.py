"""The place that decides a field of a rendered object: its source, a patch, an image entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.engine.gitops.draft import objects
from bot.engine.gitops.patches import PatchText, Said, patch_texts, said_of
from bot.engine.gitops.sources import Source, translated
from bot.frozen import frozen
from bot.kubernetes.kustomization import is_kustomization
from bot.kubernetes.workload import as_list, as_mapping, reach
from bot.model.files import Files
from bot.model.manifest import Manifest
from bot.model.rendering import Rendered
from bot.yamlpatch import Outline, Path, Stream


@frozen
class Place:
    """Where a field is decided: a path in a document of a file, and how an edit may reach it.

    `prefix` stands for the object's `stripped` first steps in that document; None where a fix
    cannot be written there. `inside` and the shifts are those of a patch that is text in a
    kustomization.
    """

    file: str
    stream: Stream | Outline
    document: int
    path: Path
    prefix: Path | None
    stripped: int = 0
    data: Any = None
    inside: Path | None = None
    lines: int = 0
    columns: int = 0
    what: str = "source"


class Deciders:
    """What decides the fields of rendered objects; each file is read once."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._kustomizations: dict[str, Manifest | None] = {}
        self._patches: dict[str, tuple[PatchText, ...]] = {}

    def place(self, rendered: Rendered, source: Source | None, path: Path) -> Place | None:
        """Where a field, whose path is that in the rendered object, is decided.

        None where nothing in view says so.
        """
        manifest = rendered.manifest
        own = _in_source(manifest, source, path)
        if own is not None and source is not None:
            same = reach(source.data, own) == reach(manifest.data, path)
            if same:
                return _at_source(source, own)
        name = source.name if source is not None else manifest.name
        found = self._image(rendered, path) or self._patch(rendered, name, path, own)
        if found is not None:
            return found
        if own is not None and source is not None:
            return _at_source(source, own)
        return self._kustomization(rendered)

    def _patch(self, rendered: Rendered, name: str, path: Path, own: Path | None) -> Place | None:
        """The patch that goes farthest along the field; of equals the last, which wins."""
        best: Said | None = None
        for file in rendered.origin.configured:
            for text in self._texts(file):
                for said in said_of(text, rendered.manifest, name, path, own):
                    if best is None or said.depth >= best.depth:
                        best = said
        floor = _container_depth(path)
        if best is None or (best.depth < floor and not best.removes):
            return None
        return _at_patch(best)

    def _image(self, rendered: Rendered, path: Path) -> Place | None:
        """The entry of `images:` that gives an image its name, tag or digest; the last wins."""
        if path[-1:] != ("image",):
            return None
        image = str(reach(rendered.manifest.data, path))
        for file in reversed(rendered.origin.configured):
            kustomization = self._read(file)
            if kustomization is None:
                continue
            for index, entry in enumerate(as_list(kustomization.data.get("images"))):
                if _makes(as_mapping(entry), image):
                    return _at_kustomization(kustomization, ("images", index), "images")
        return None

    def _kustomization(self, rendered: Rendered) -> Place | None:
        """The last kustomization that changed the object: what it does is not told apart."""
        for file in reversed(rendered.origin.configured):
            kustomization = self._read(file)
            if kustomization is not None:
                return _at_kustomization(kustomization, (), "kustomization")
        return None

    def _read(self, file: str) -> Manifest | None:
        if file not in self._kustomizations:
            found = (
                one
                for one in objects(self._files, file)
                if is_kustomization(one.api_version, one.kind)
            )
            self._kustomizations[file] = next(found, None)
        return self._kustomizations[file]

    def _texts(self, file: str) -> tuple[PatchText, ...]:
        if file not in self._patches:
            kustomization = self._read(file)
            found: Iterator[PatchText] = iter(())
            if kustomization is not None:
                found = patch_texts(file, kustomization.data, self._files)
            self._patches[file] = tuple(found)
        return self._patches[file]


def _in_source(manifest: Manifest, source: Source | None, path: Path) -> Path | None:
    return translated(path, manifest.data, source.data) if source is not None else None


def _container_depth(path: Path) -> int:
    """How many steps lead to the list item that a field is in: a patch must have that item."""
    items = [depth for depth, step in enumerate(path, 1) if isinstance(step, int)]
    return items[-1] if items else 1


def _at_source(source: Source, path: Path) -> Place:
    return Place(
        file=source.file,
        stream=source.stream,
        document=source.document,
        path=(*source.base, *path),
        prefix=source.base,
        data=source.data,
    )


def _at_patch(said: Said) -> Place:
    text = said.text
    data = text.stream.value(said.document)
    return Place(
        file=text.file,
        stream=text.stream,
        document=said.document,
        path=said.path,
        prefix=said.prefix,
        stripped=said.stripped,
        data=reach(data, said.prefix) if said.prefix else data,
        inside=text.inside,
        lines=text.lines if text.inside is not None else 0,
        columns=text.columns if text.inside is not None else 0,
        what="patch",
    )


def _at_kustomization(kustomization: Manifest, path: Path, what: str) -> Place:
    stream = kustomization.stream
    return Place(
        file=kustomization.file,
        stream=stream,
        document=kustomization.document,
        path=path,
        prefix=None,
        what=what,
    )


def _makes(entry: Mapping[str, Any], image: str) -> bool:
    """Whether an entry of `images:` may have made this image (types.Image)."""
    name = str(entry.get("newName") or entry.get("name"))
    tag, digest = entry.get("newTag"), entry.get("digest")
    if digest is not None:
        return image.startswith(name) and image.endswith(f"@{digest}")
    if tag is not None:
        return image == f"{name}:{tag}" or image.startswith(f"{name}:{tag}@")
    return entry.get("newName") is not None and image.startswith(name)
