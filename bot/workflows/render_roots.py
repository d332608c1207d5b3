"""The roots that some files reach, rendered: what holds there, and what cannot be told."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import field, replace
from typing import TYPE_CHECKING

from bot.errors import NotInstalled
from bot.frozen import frozen
from bot.model.files import Files, Tree
from bot.model.finding import Skipped
from bot.model.rendering import Rendering, Root, Tool
from bot.model.repository_map import RepositoryMap
from bot.ports import Renderer
from bot.workflows.chart_scene import NO_CHARTS, ChartScene

if TYPE_CHECKING:
    from bot.engine.gitops.reads import Reads

# what maps and reads kustomizations is loaded where there is one: `podsec check FILE` starts faster
_MOST_WORKERS = 2


@frozen
class Scene:
    """What is rendered of a tree; without roots, plain files alone.

    `covered` are the files whose objects are judged as rendered, `read` all files that went into
    it; `missing` says which program is not there, where some is wanted.
    """

    files: Files = field(default_factory=lambda: Tree(content={}))
    repository: RepositoryMap = field(default_factory=RepositoryMap)
    renderings: tuple[Rendering, ...] = ()
    covered: frozenset[str] = frozenset()
    read: frozenset[str] = frozenset()
    kustomizations: frozenset[str] = frozenset()
    skipped: tuple[Skipped, ...] = ()
    missing: str | None = None
    charts: ChartScene = NO_CHARTS
    unrendered: frozenset[str] = frozenset()
    """Files of roots that were not rendered, for want of the program or by their own fault."""

    @property
    def is_plain(self) -> bool:
        """Whether nothing is rendered, and nothing needs to be."""
        nothing = not self.renderings and not self.skipped and self.missing is None
        return nothing and not self.charts.works and not self.charts.skipped


PLAIN = Scene()


class _Nothing:
    """A renderer where there is none."""

    @property
    def tool(self) -> Tool:
        """What it would render."""
        return "kustomize"

    def missing(self) -> str:
        """What it says of itself."""
        return "nothing that renders was given"

    def render(self, root: Root, reads: Sequence[str], files: Files) -> Rendering:
        """Nothing. Raises NotInstalled."""
        del root, reads, files
        raise NotInstalled(self.missing())


NOTHING_RENDERS: Renderer = _Nothing()


def render_roots(files: Files, renderer: Renderer, reached: Iterable[str]) -> Scene:
    """Render the kustomizations on top of those that any of the files belong to."""
    from bot.engine.gitops.map import map_kustomizations  # noqa: PLC0415  # as said above
    from bot.engine.gitops.reads import reads_of  # noqa: PLC0415  # as said above

    repository = map_kustomizations(files)
    roots = repository.roots_of(sorted(reached))
    every = [reads_of(repository, root, files) for root in roots]
    if not every:
        return Scene(files=files, repository=repository)
    if (missing := renderer.missing()) is not None:
        lost = frozenset(file for reads in every for file in reads.builds)
        return Scene(files=files, repository=repository, missing=missing, unrendered=lost)
    return _scene(files, repository, every, render_all(renderer, every))


def render_all(renderer: Renderer, every: Sequence[Reads]) -> list[Rendering]:
    """Render some roots, a few at a time; in their order.

    Their files are read before: what reads them may serve one thread alone.
    """
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  # most checks render nothing

    held = [replace(reads, files=_held(reads)) for reads in every]
    workers = min(_MOST_WORKERS, os.cpu_count() or 1, max(1, len(every)))
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(lambda reads: _rendering(renderer, reads), held))


def _held(reads: Reads) -> Tree:
    """The files that a root reads, in memory."""
    if reads.refusal is not None:
        return Tree(content={})
    read = {path: reads.files.read(path) for path in reads.paths}
    return Tree(content={path: data for path, data in read.items() if data is not None})


def reads_for(scene: Scene, roots: Iterable[Root], files: Files) -> list[Reads]:
    """What some roots of a scene read in another state of its files."""
    from bot.engine.gitops.reads import reads_of  # noqa: PLC0415  # as said above

    return [reads_of(scene.repository, root, files) for root in roots]


def _rendering(renderer: Renderer, reads: Reads) -> Rendering:
    if reads.refusal is not None:
        return Rendering(root=reads.root, failure=reads.refusal)
    return renderer.render(reads.root, reads.paths, reads.files)


def _scene(
    files: Files, repository: RepositoryMap, every: Sequence[Reads], made: Sequence[Rendering]
) -> Scene:
    good = [reads for reads, one in zip(every, made, strict=True) if one.failure is None]
    bad = [reads for reads, one in zip(every, made, strict=True) if one.failure is not None]
    lost = frozenset(file for reads in bad for file in reads.builds)
    covered = frozenset(file for reads in good for file in reads.builds) - lost
    failures = [
        Skipped(file=reads.kustomizations[0], line=1, reason=_failed(one))
        for reads, one in zip(every, made, strict=True)
        if one.failure is not None
    ]
    return Scene(
        files=files,
        repository=repository,
        renderings=tuple(one for one in made if one.failure is None),
        covered=covered,
        read=frozenset(path for reads in good for path in reads.paths),
        kustomizations=frozenset(file for reads in good for file in reads.kustomizations),
        skipped=(*failures, *_unseen(repository, every)),
        unrendered=lost,
    )


def _failed(rendering: Rendering) -> str:
    name = rendering.root.name
    return f"{name!r} is not rendered, what it builds is judged as written: {rendering.failure}"


def _unseen(repository: RepositoryMap, every: Sequence[Reads]) -> list[Skipped]:
    """What the roots bring that is not here, each once."""
    touched = {file for reads in every for file in reads.kustomizations}
    found = {
        Skipped(file=node.file, line=one.line, reason=f"{one.what}: {one.reason}, not judged")
        for one in repository.unseen
        if (node := repository.node(one.node)) is not None and node.file in touched
    }
    return sorted(found, key=lambda item: (item.file, item.line, item.reason))
