"""What the command line renders: the kustomizations that the files of a scope reach."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from bot.adapters.loaders import SUFFIXES
from bot.cli.scope import Scope
from bot.disk import DiskFiles
from bot.engine.read import kinds_of
from bot.kubernetes.partial import is_named_kustomization
from bot.model.change import ChangedFile, ChangeSet
from bot.workflows.render_roots import PLAIN, Scene, render_roots


def scene_of(scope: Scope, *, cached: bool) -> Scene:
    """Render what the files reach; nothing is looked for where no kustomization is in the tree."""
    reached = [entry.name for entry in scope.found.entries if entry.path is not None]
    files = DiskFiles(scope.home.root)
    if not reached or not any(map(is_named_kustomization, files.paths())):
        return PLAIN
    from bot.adapters.renderers import Kustomize
    from bot.cache import Cache
    from bot.cli.tree import cache_folder

    folder = cache_folder() if cached else None
    cache = Cache(folder / "rendered", time.time) if folder is not None else None
    return render_roots(files, Kustomize(kinds_of(scope.asked.config), cache), reached)


def with_sources(
    changes: ChangeSet, scene: Scene, hold: Callable[[str], bool]
) -> tuple[ChangeSet, tuple[str, ...]]:
    """The change with the sources of what is rendered, and which these are.

    A root may be built of files outside of the paths that were named; the config may leave some
    out all the same.
    """
    known = {file.path for file in changes.files}
    further = sorted(
        path
        for path in scene.read - known
        if path.endswith(SUFFIXES) and (hold(path) or path in scene.kustomizations)
    )
    if not further:
        return changes, ()
    read = ((path, scene.files.read(path)) for path in further)
    added = [ChangedFile(path=path, status="added", data=data) for path, data in read]
    files = sorted((*changes.files, *added), key=lambda file: file.path)
    return replace(changes, files=tuple(files)), tuple(further)
