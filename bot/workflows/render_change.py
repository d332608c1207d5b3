"""What a change makes of the roots that it reaches: rendered as they were, and as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.config import Config
from bot.engine.helm.rendering import Request
from bot.errors import Gone, Malformed, NotInstalled
from bot.frozen import frozen
from bot.kubernetes.partial import is_named_kustomization
from bot.model.change import ChangedFile, ChangeSet
from bot.model.delivery import PullRef
from bot.model.files import Files
from bot.model.finding import Skipped
from bot.ports import ChartRenderer, Forge, Renderer
from bot.workflows.render_charts import find_charts
from bot.workflows.render_roots import NOTHING_RENDERS, PLAIN, Scene, render_roots

CHART_FILE = "Chart.yaml"
KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_MOST_READ = 200
"""Files that are read to find what deploys charts: each folder of them costs a call."""
_SUFFIXES = (".yaml", ".yml", ".json", ".tpl")


class _NoHelm:
    """A helm where there is none."""

    def missing(self) -> str:
        """What it says of itself."""
        return "helm was not given"

    def render(self, request: Request) -> bytes:
        """Nothing. Raises NotInstalled."""
        del request
        raise NotInstalled(self.missing())


@frozen
class Programs:
    """What renders."""

    kustomize: Renderer = NOTHING_RENDERS
    helm: ChartRenderer = _NoHelm()


NO_PROGRAMS = Programs()


@frozen
class Scenes:
    """What is rendered on both sides of a change; plain where it reaches no root."""

    after: Scene = PLAIN
    before: Scene = PLAIN
    skipped: tuple[Skipped, ...] = ()
    """Why nothing was rendered, where something should have been."""

    @property
    def is_plain(self) -> bool:
        """Whether files are judged as they are written."""
        sides = (self.after, self.before)
        return not any(side.renderings or side.charts.works for side in sides)

    @property
    def read(self) -> frozenset[str]:
        """The files that went into what is rendered on either side."""
        found = (
            side.read | side.charts.templates | side.charts.reads
            for side in (self.after, self.before)
        )
        return frozenset[str]().union(*found)


NOT_RENDERED = Scenes()


class Before:
    """The files of a tree as they were before a change, as far as the change says."""

    def __init__(self, files: Files, changes: ChangeSet) -> None:
        changed = [file for file in changes.files if file.status != "unchanged"]
        self._files = files
        self._came = {one.path for one in changed if one.status in ("added", "renamed")}
        self._was = {
            one.previous_path or one.path: one.base_data
            for one in changed
            if one.base_data is not None
        }

    def paths(self) -> Sequence[str]:
        """All paths, sorted."""
        return sorted({*self._files.paths()} - self._came | self._was.keys())

    def read(self, path: str) -> bytes | None:
        """The content of a file before the change."""
        if path in self._was:
            return self._was[path]
        return None if path in self._came else self._files.read(path)

    def refused(self, path: str) -> str | None:
        """Why a file is never read."""
        return self._files.refused(path)


def rendered(
    forge: Forge, pull: PullRef, changes: ChangeSet, programs: Programs, config: Config
) -> Scenes:
    """What a pull request makes of the kustomizations and charts that it reaches.

    No file is read for it where the repository has none.
    """
    if not _concerns(forge, pull, changes):
        return NOT_RENDERED
    try:
        return render_change(changes, forge.files(pull), programs, config)
    except (Gone, Malformed, NotInstalled) as error:
        return _unrendered(str(error))


def render_change(changes: ChangeSet, files: Files, programs: Programs, config: Config) -> Scenes:
    """Render both sides; `files` are those after the change."""
    changed = [one for one in changes.files if one.status != "unchanged"]
    names = {name for one in changed for name in (one.path, one.previous_path)}
    touched = sorted(name for name in names if name is not None)
    earlier = Before(files, changes)
    return Scenes(
        after=_scene(files, programs, touched, config),
        before=_scene(earlier, programs, touched, config),
    )


def _scene(files: Files, programs: Programs, touched: Sequence[str], config: Config) -> Scene:
    scene = render_roots(files, programs.kustomize, touched)
    charts = find_charts(files, programs.helm, touched, config, most_read=_MOST_READ)
    return replace(scene, files=files, charts=charts)


def with_sources(changes: ChangeSet, scenes: Scenes, hold: Callable[[str], bool]) -> ChangeSet:
    """The change with the files, unchanged, of which the roots that it reaches are made."""
    known = {file.path for file in changes.files}
    further = (
        ChangedFile(path=path, status="unchanged", data=data, base_data=data, hunks=())
        for path in sorted(scenes.read - known)
        if path.endswith(_SUFFIXES) and hold(path)
        if (data := scenes.after.files.read(path)) is not None
    )
    files = sorted((*changes.files, *further), key=lambda file: file.path)
    return replace(changes, files=tuple(files))


def _concerns(forge: Forge, pull: PullRef, changes: ChangeSet) -> bool:
    """Whether the change may reach what is rendered: it holds some, or the repository does."""
    paths = [file.path for file in changes.files]
    if not any(path.endswith(_SUFFIXES) or is_rendered(path) for path in paths):
        return False
    if any(map(is_rendered, paths)):
        return True
    return forge.is_rendered(pull.repository, pull.base_sha, (*KUSTOMIZATIONS, CHART_FILE))


def is_rendered(path: str) -> bool:
    """Whether a file is one that something to be rendered begins with."""
    return path.rpartition("/")[2] == CHART_FILE or is_named_kustomization(path)


def _unrendered(reason: str) -> Scenes:
    text = f"nothing is rendered, and workloads are judged as written: {reason}"
    return Scenes(skipped=(Skipped(file=".", line=1, reason=text),))
