"""Move the literal secrets of a pull request, with what its neighbours in the tree say."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from itertools import islice
from secrets import token_bytes

from bot.engine.check import view_of
from bot.engine.read import kinds_of, load
from bot.engine.secret_repair import moving, repair_secrets
from bot.kubernetes.kustomization import entries, folder_of
from bot.kubernetes.view import View
from bot.model.change import ChangeSet
from bot.model.delivery import PullRef
from bot.model.finding import Report
from bot.model.manifest import Manifest
from bot.model.move import Moved
from bot.model.plan import Repair
from bot.ports import Forge
from bot.workflows.check_path import Asked

Read = Callable[[str], "bytes | None"]
_MOST_NEIGHBOURS = 40
"""Files that are read beside those of the change: each is a request."""
_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")


def reading(forge: Forge, pull: PullRef) -> Read:
    """Files of the pull request's head."""
    return lambda path: forge.read(pull.repository, pull.head_sha, path)


def move_secrets(
    report: Report, changes: ChangeSet, asked: Asked, view: View, read: Read
) -> tuple[Repair, Moved]:
    """The repair and what must be done for it; `view` holds the objects after the change.

    The key by which equal values are told lives as long as this call, and is kept nowhere.
    """
    kinds = kinds_of(asked.config)
    manifests: list[Manifest] = []
    folders = sorted({folder_of(finding.file) for finding in moving(report)})
    around = (pair for folder in folders for pair in _neighbours(folder, read))
    for path, data in islice(around, _MOST_NEIGHBOURS):
        if changes.file(path) is None:
            manifests += load(path, data, kinds)[0]
    wider = view.with_more(view_of(manifests, complete=False).objects)
    key = token_bytes(32)
    return repair_secrets(report, changes, asked.rules, asked.config, wider, key=key, read=read)


def _neighbours(folder: str, read: Read) -> Iterator[tuple[str, bytes]]:
    """The kustomization of a folder, and the files that it lists."""
    for name in _KUSTOMIZATIONS:
        path = posixpath.join(folder, name)
        data = read(path)
        if data is None:
            continue
        yield path, data
        for manifest in load(path, data)[0]:
            for entry in entries(manifest.data):
                listed = posixpath.normpath(posixpath.join(folder, entry))
                if listed.endswith((".yaml", ".yml")) and not listed.startswith(".."):
                    found = read(listed)
                    if found is not None:
                        yield listed, found
