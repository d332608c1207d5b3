"""The files around those of a pull request, so that absence among them means absence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.engine.read import mentions_object
from bot.kubernetes.kustomization import folder_of
from bot.model.change import ChangedFile, ChangeSet
from bot.model.delivery import PullRef
from bot.ports import Forge
from bot.workflows.check_path import Asked

_SUFFIXES = (".yaml", ".yml")
_MOST_FOLDERS = 3


def around(
    forge: Forge, pull: PullRef, changes: ChangeSet, asked: Asked, most: int
) -> ChangeSet | None:
    """The change with all manifests of its trees, of which at most `most` are read.

    A tree is what stands below the first folder of a path, or the folder itself where that is too
    much. None where there is no such tree, or it is too large: then nothing is known of what is
    absent. What the change does not touch is read at its base.
    """
    changed = [file for file in changes.files if _is_manifest(file, asked)]
    folders = {folder_of(file.path) for file in changed}
    tops = {folder.partition("/")[0] for folder in folders}
    if not changed or "" in tops or len(tops) > _MOST_FOLDERS or changes.is_cut:
        return None
    known = {file.path for file in changes.files}
    names = [
        name
        for top in sorted(tops)
        for name in forge.paths(pull.repository, pull.base_sha, top)
        if name.endswith(_SUFFIXES) and name not in known and asked.config.paths.hold(name)
    ]
    for chosen in (names, list(_near(names, folders))):
        if len(chosen) <= most:
            unchanged = (_unchanged(forge, pull, name) for name in chosen)
            return ChangeSet(files=(*changed, *unchanged))
    return None


def _is_manifest(file: ChangedFile, asked: Asked) -> bool:
    texts = (file.data, file.base_data)
    holds = asked.config.paths.hold(file.path) and file.path.endswith(_SUFFIXES)
    return holds and any(data is not None and mentions_object(file.path, data) for data in texts)


def _near(names: Iterable[str], folders: set[str]) -> Iterator[str]:
    return (name for name in names if folder_of(name) in folders)


def _unchanged(forge: Forge, pull: PullRef, name: str) -> ChangedFile:
    data = forge.read(pull.repository, pull.base_sha, name)
    return ChangedFile(path=name, status="unchanged", data=data, base_data=data, hunks=())
