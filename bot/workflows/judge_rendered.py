"""The findings of a tree of which some files are judged as rendered."""

from __future__ import annotations

from collections.abc import Iterable

from bot.engine.check import Candidate, Checker, seen_of
from bot.engine.gitops.deciding import Deciders
from bot.engine.gitops.truth import Truth, decided, find_truth, settled
from bot.engine.read import is_rendered_away
from bot.kubernetes.view import View
from bot.model.finding import Finding, Skipped
from bot.model.manifest import Manifest
from bot.workflows.render_roots import Scene


def truth_of(
    checker: Checker, manifests: Iterable[Manifest], scene: Scene, *, complete: bool
) -> tuple[Truth, View]:
    """What holds as rendered, among the objects of files that are applied as they are."""
    others = (
        seen
        for manifest in manifests
        if manifest.file not in scene.covered and manifest.file not in scene.kustomizations
        for seen in seen_of(manifest)
    )
    return find_truth(
        checker, scene.renderings, scene.covered, others, scene.files, complete=complete
    )


def by_rendering(
    checker: Checker,
    candidates: Iterable[Candidate],
    manifests: Iterable[Manifest],
    scene: Scene,
    *,
    complete: bool,
) -> tuple[Finding, ...]:
    """All findings, by place: those of sources that hold, and those that only rendering shows."""
    truth, view = truth_of(checker, manifests, scene, complete=complete)
    kept, looked = settled(candidates, truth, view, checker)
    deciders = Deciders(scene.files)
    only_rendered = (held for print_, held in truth.held.items() if print_ not in looked)
    kept += [decided(held, deciders)[0] for held in only_rendered]
    return tuple(sorted(kept, key=_place))


def said(
    scene: Scene, skipped: Iterable[Skipped], manifests: Iterable[Manifest]
) -> Iterable[Skipped]:
    """What is told of what was not judged: no piece of what was rendered, but what was not."""
    for item in skipped:
        rendered_away = item.file in scene.read and is_rendered_away(item.reason)
        if not rendered_away and not scene.charts.tells(item):
            yield item
    yield from scene.skipped
    if scene.missing is not None:
        workloads = [manifest for manifest in manifests if manifest.pods]
        lost = sum(1 for manifest in workloads if manifest.file in scene.unrendered)
        first = min(scene.unrendered, default=".")
        number = f"{lost} of {len(workloads)} workloads not judged as they are rendered"
        yield Skipped(file=first, line=1, reason=f"{scene.missing}: {number}, but as written")


def _place(finding: Finding) -> tuple[str, int, int, str, str]:
    return finding.file, finding.region.line, finding.region.column, finding.rule, finding.field
