"""The files of new policies, and the kustomizations that list what they stand beside."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain, count

from bot.engine.network.plan import SUFFIX
from bot.kubernetes.kustomization import entries, folder_of, is_kustomization
from bot.kubernetes.network_grants import Planned, Proposed, Written
from bot.kubernetes.text_sources import Read
from bot.model.manifest import Manifest
from bot.yamlpatch import Append, Refused, edit


def propose(planned: Planned, manifests: Sequence[Manifest], read: Read) -> Proposed:
    """The texts; `read` gives a file of the tree. A file that is there is never written over."""
    written = [_free(one, read) for one in planned.written]
    kustomizations, unlisted = enlisted(written, manifests, read)
    return Proposed(
        planned=planned,
        policies={one.path: text_of(one) for one in written},
        kustomizations=kustomizations,
        unlisted=unlisted,
    )


def _free(one: Written, read: Read) -> Written:
    """With another path where a file stands already."""
    stem = one.path.removesuffix(SUFFIX)
    paths = chain((one.path,), (f"{stem}.{number}{SUFFIX}" for number in count(2)))
    return replace(one, path=next(path for path in paths if read(path) is None))


def text_of(one: Written) -> bytes:
    """The text of a new policy, with its comments; it was read back as what it is to say."""
    from bot.yamlpatch.create import NewFile, create  # noqa: PLC0415  # 0.1 s that few runs need

    return create([NewFile(value=one.document, comment=one.comment, notes=one.notes)])


def enlisted(
    written: Iterable[Written], manifests: Iterable[Manifest], read: Read
) -> tuple[Mapping[str, bytes], tuple[str, ...]]:
    """The kustomizations that list the manifests, with the new files beside them.

    And the new files that none lists, though one stands in their folder or above.
    """
    owners = _owners(manifests)
    added: dict[str, tuple[Manifest, list[Append]]] = {}
    unlisted: list[str] = []
    folders = {folder_of(owner.file) for found in owners.values() for owner in found}
    for one in written:
        found = owners.get(posixpath.normpath(one.beside), ())
        if not found and any(_holds(folder, one.path) for folder in folders):
            unlisted.append(one.path)
        for owner in found:
            entry = posixpath.relpath(one.path, folder_of(owner.file) or ".")
            patch = Append(document=owner.document, path=("resources",), value=entry)
            added.setdefault(owner.file, (owner, []))[1].append(patch)
    files: dict[str, bytes] = {}
    for path, (owner, patches) in sorted(added.items()):
        data = _edited(path, patches, read)
        if data is None:
            folder = folder_of(owner.file)
            unlisted += [posixpath.join(folder, str(patch.value)) for patch in patches]
        else:
            files[path] = data
    return files, tuple(sorted(unlisted))


def _owners(manifests: Iterable[Manifest]) -> dict[str, list[Manifest]]:
    """By file: the kustomizations that list it among their resources."""
    found: dict[str, list[Manifest]] = {}
    for manifest in manifests:
        if is_kustomization(manifest.api_version, manifest.kind) and not manifest.base:
            resources = {"resources": manifest.data.get("resources")}
            for entry in entries(resources):
                path = posixpath.normpath(posixpath.join(folder_of(manifest.file), entry))
                found.setdefault(path, []).append(manifest)
    return found


def _holds(folder: str, path: str) -> bool:
    return not folder or path.startswith(f"{folder}/")


def _edited(path: str, patches: Sequence[Append], read: Read) -> bytes | None:
    data = read(path)
    try:
        return edit(data, list(patches)).data if data is not None else None
    except Refused:
        return None
