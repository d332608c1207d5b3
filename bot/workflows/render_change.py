"""What a change makes of the roots that it reaches: rendered as they were, and as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.errors import Gone, Malformed, NotInstalled
from bot.frozen import frozen
from bot.kubernetes.partial import is_named_kustomization
from bot.model.change import ChangedFile, ChangeSet
from bot.model.delivery import PullRef
from bot.model.files import Files
from bot.model.finding import Skipped
from bot.ports import Forge, Renderer
from bot.workflows.render_roots import PLAIN, Scene, render_roots

KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_SUFFIXES = (".yaml", ".yml", ".json")


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
        return not (self.after.renderings or self.before.renderings)


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


def rendered(forge: Forge, pull: PullRef, changes: ChangeSet, renderer: Renderer) -> Scenes:
    """What a pull request makes of the kustomizations that it reaches.

    No file is read for it where the repository has none.
    """
    if not _concerns(forge, pull, changes):
        return NOT_RENDERED
    if (missing := renderer.missing()) is not None:
        return _unrendered(missing)
    try:
        return render_change(changes, forge.files(pull), renderer)
    except (Gone, Malformed, NotInstalled) as error:
        return _unrendered(str(error))


def render_change(changes: ChangeSet, files: Files, renderer: Renderer) -> Scenes:
    """Render both sides; `files` are those after the change."""
    changed = [one for one in changes.files if one.status != "unchanged"]
    names = {name for one in changed for name in (one.path, one.previous_path)}
    touched = sorted(name for name in names if name is not None)
    after = render_roots(files, renderer, touched)
    before = render_roots(Before(files, changes), renderer, touched)
    return Scenes(after=after, before=before)


def with_sources(changes: ChangeSet, scenes: Scenes, hold: Callable[[str], bool]) -> ChangeSet:
    """The change with the files, unchanged, of which the roots that it reaches are made."""
    known = {file.path for file in changes.files}
    further = (
        ChangedFile(path=path, status="unchanged", data=data, base_data=data, hunks=())
        for path in sorted((scenes.after.read | scenes.before.read) - known)
        if path.endswith(_SUFFIXES) and hold(path)
        if (data := scenes.after.files.read(path)) is not None
    )
    files = sorted((*changes.files, *further), key=lambda file: file.path)
    return replace(changes, files=tuple(files))


def _concerns(forge: Forge, pull: PullRef, changes: ChangeSet) -> bool:
    """Whether the change may reach a kustomization: it holds one, or the repository does."""
    if not any(file.path.endswith(_SUFFIXES) or _is_one(file) for file in changes.files):
        return False
    if any(map(_is_one, changes.files)):
        return True
    return forge.is_rendered(pull.repository, pull.base_sha, KUSTOMIZATIONS)


def _is_one(file: ChangedFile) -> bool:
    return is_named_kustomization(file.path)


def _unrendered(reason: str) -> Scenes:
    text = f"kustomizations are not rendered, their workloads judged as written: {reason}"
    return Scenes(skipped=(Skipped(file=".", line=1, reason=text),))
