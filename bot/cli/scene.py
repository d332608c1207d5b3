"""What the command line renders: the kustomizations and charts that files of a scope reach."""

from __future__ import annotations

import posixpath
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.adapters.loaders import SUFFIXES
from bot.cli.scope import Scope
from bot.disk import DiskFiles
from bot.engine.read import kinds_of
from bot.kubernetes.partial import is_named_kustomization
from bot.model.change import ChangedFile, ChangeSet
from bot.model.files import Files
from bot.workflows.render_roots import PLAIN, Scene, render_roots

CHART_FILE = "Chart.yaml"
_RELEASE = b"app-template"
_MOST_READ = 3000


def scene_of(scope: Scope, *, cached: bool) -> Scene:
    """Render what the files reach; nothing is looked for where nothing in the tree renders."""
    files = DiskFiles(scope.home.root)
    paths = files.paths()
    reached = [entry.name for entry in scope.found.entries if entry.path is not None]
    has_roots = any(map(is_named_kustomization, paths))
    if not reached or not (has_roots or _may_have_charts(files, paths, reached)):
        return PLAIN
    from bot.adapters.renderers import Helm, Kustomize
    from bot.cache import Cache
    from bot.cli.tree import cache_folder
    from bot.workflows.render_charts import find_charts

    folder = cache_folder() if cached else None
    cache = Cache(folder / "rendered", time.time) if folder is not None else None
    config = scope.asked.config
    scene = PLAIN
    if has_roots:
        scene = render_roots(files, Kustomize(kinds_of(config), cache), reached)
    charts = find_charts(files, Helm(cache=cache), reached, config)
    return replace(scene, files=files, charts=charts) if charts.works else scene


def _may_have_charts(files: Files, paths: Sequence[str], reached: Sequence[str]) -> bool:
    """Whether there is a chart, or something that deploys one from elsewhere: a cheap look."""
    if any(posixpath.basename(path) == CHART_FILE for path in paths):
        return True
    if len(reached) > _MOST_READ:
        return any("release" in posixpath.basename(path).lower() for path in reached)
    read = (files.read(path) for path in reached)
    return any(data is not None and _RELEASE in data for data in read)


def with_sources(
    changes: ChangeSet, scene: Scene, hold: Callable[[str], bool]
) -> tuple[ChangeSet, tuple[str, ...]]:
    """The change with the sources of what is rendered, and which these are.

    A root may be built of files outside of the paths that were named; the config may leave some
    out all the same.
    """
    known = {file.path for file in changes.files}
    read_by_roots = (path for path in scene.read - known if path.endswith(SUFFIXES))
    of_charts = (scene.charts.templates | scene.charts.reads) - known
    further = sorted(
        {
            *(path for path in read_by_roots if hold(path) or path in scene.kustomizations),
            *filter(hold, of_charts),
        }
    )
    if not further:
        return changes, ()
    read = ((path, scene.files.read(path)) for path in further)
    added = [ChangedFile(path=path, status="added", data=data) for path, data in read]
    files = sorted((*changes.files, *added), key=lambda file: file.path)
    return replace(changes, files=tuple(files)), tuple(further)
