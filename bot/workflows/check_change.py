"""The check of a change: what it brings, worsens and mends.

Both sides are judged as a whole, since a change to one object may harm another; a file that the
change does not touch is read and judged once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from bot.engine.check import Candidate, Checker, view_of
from bot.engine.compare import Comparison, compare
from bot.engine.read import kinds_of, load, without_patches, without_schema
from bot.engine.regress import Inhabited, weakened
from bot.engine.suppress import peers_of, written
from bot.engine.triage import triage
from bot.kubernetes.kinds import Kinds
from bot.kubernetes.view import View
from bot.model.change import ChangedFile, ChangeSet
from bot.model.cluster_change import ObjectChange
from bot.model.finding import Finding, Report, Skipped, Standing
from bot.model.judgement import Judgement
from bot.model.manifest import Manifest
from bot.workflows.chart_scene import ChartJudgement
from bot.workflows.check_path import Asked, evidence_of, judged_charts, unread
from bot.workflows.judge_rendered import by_rendering, said
from bot.workflows.render_change import NOT_RENDERED, Scenes
from bot.workflows.render_roots import PLAIN, Scene

_Loaded = tuple[tuple[Manifest, ...], tuple[Skipped, ...]]


def check_change(
    changes: ChangeSet, asked: Asked, scenes: Scenes = NOT_RENDERED
) -> tuple[Report, View]:
    """Judge the state after a change beside the one before; `changes` holds unchanged files too.

    What the scenes render is judged as rendered, on both sides. The view holds the objects after
    the change as they are written.
    """
    evidence = evidence_of(changes, asked)
    checker = Checker(asked.rules, asked.config).knowing(evidence)
    sides = _Sides(checker, kinds_of(asked.config), complete=asked.is_complete)
    sides.after.scene, sides.before.scene = scenes.after, scenes.before
    sides.after.charts = judged_charts(scenes.after, asked)
    sides.before.charts = judged_charts(scenes.before, asked)
    charts = sides.after.charts
    for file in changes.files:
        sides.take(file)
    sides.drop_patches()
    view = replace(sides.after.view(asked), evidence=evidence)
    findings = sides.findings(sides.after, view)
    judged = Judgement(
        findings=findings,
        written=(*written(sides.after.manifests, peers_of(asked.rules)), *charts.written),
        skipped=(*unread(changes), *_told(sides, scenes), *charts.skipped),
        files=sum(1 for file in changes.files if file.data is not None),
        manifests=len(sides.after.manifests) + charts.manifests,
        workloads=sum(1 for one in sides.after.manifests if one.pods) + charts.workloads,
        without_schema=without_schema(sides.after.manifests, asked.config.kubernetes_version),
    )
    comparison = sides.comparison(judged.findings, sides.before.view(asked))
    report = triage(judged, changes, asked.allowance(), comparison)
    return replace(report, cluster=cluster_of(sides.before, sides.after)), view


def cluster_of(before: _Side, after: _Side) -> tuple[ObjectChange, ...]:
    """What the change makes other of what is rendered."""
    if before.scene.is_plain and after.scene.is_plain:
        return ()
    from bot.engine.cluster_change import cluster_changes  # noqa: PLC0415  # who renders, pays
    from bot.workflows.made import made_by  # noqa: PLC0415  # the same

    old = made_by(before.scene, before.charts)
    return cluster_changes(old, made_by(after.scene, after.charts))


def _told(sides: _Sides, scenes: Scenes) -> Iterator[Skipped]:
    """What was not judged: of what is rendered, that which cannot be seen."""
    yield from said(scenes.after, sides.skipped, sides.after.manifests)
    yield from sides.failures()
    yield from scenes.skipped


@dataclass(slots=True)
class _Side:
    """One side of the change: its manifests, what the rules find in each, and what is touched."""

    manifests: list[Manifest] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    touched: list[Manifest] = field(default_factory=list)
    scene: Scene = PLAIN
    charts: ChartJudgement = field(default_factory=ChartJudgement)

    def load(self, path: str, data: bytes | None, kinds: Kinds) -> _Loaded:
        """The objects of a file; a template of a chart has none but as rendered."""
        if data is None or path in self.scene.charts.templates:
            return (), ()
        return load(path, data, kinds)

    def add(self, manifests: Iterable[Manifest], candidates: Iterable[Candidate]) -> None:
        self.manifests += manifests
        self.candidates += candidates

    def drop_patches(self) -> tuple[Skipped, ...]:
        """Leave out the files that kustomizations list as patches; says which."""
        kept, skipped = without_patches(self.manifests)
        dropped = {item.file for item in skipped}
        self.manifests = list(kept)
        self.candidates = [one for one in self.candidates if one.finding.file not in dropped]
        self.touched = [one for one in self.touched if one.file not in dropped]
        return skipped

    def view(self, asked: Asked) -> View:
        return view_of(self.manifests, complete=asked.is_complete)


class _Sides:
    """Both sides of a change, gathered file by file."""

    def __init__(self, checker: Checker, kinds: Kinds, *, complete: bool) -> None:
        self._checker, self._kinds, self._complete = checker, kinds, complete
        self.before, self.after = _Side(), _Side()
        self.skipped: list[Skipped] = []
        self._unjudged: set[str] = set()

    def take(self, file: ChangedFile) -> None:
        """Add a file to the sides on which it stands."""
        new, skipped = self.after.load(file.path, file.data, self._kinds)
        found = self._checker.found(new)
        self.after.add(new, found)
        self.skipped += skipped
        if file.status == "unchanged":
            self.before.add(new, found)
            return
        old, skipped_before = self.before.load(file.path, file.base_data, self._kinds)
        self.before.add(old, self._checker.found(old))
        self.before.touched += old
        self.after.touched += new
        if len(skipped) > len(skipped_before):
            self._unjudged.add(file.path)

    def drop_patches(self) -> None:
        """A patch is judged on neither side, and what it said before is not mended."""
        self.before.drop_patches()
        patches = self.after.drop_patches()
        self.skipped += patches
        self._unjudged |= {patch.file for patch in patches}

    def failures(self) -> tuple[Skipped, ...]:
        """Where rules failed."""
        return self._checker.failures()

    def findings(self, side: _Side, view: View) -> tuple[Finding, ...]:
        """What stands among all objects of a side."""
        if side.scene.renderings:
            given = self._checker, side.candidates, side.manifests, side.scene
            return side.charts.among(by_rendering(*given, complete=self._complete))
        confirmed = (self._checker.confirmed(one, view) for one in side.candidates)
        return side.charts.among(tuple(finding for finding in confirmed if finding is not None))

    def comparison(self, findings: tuple[Finding, ...], view_before: View) -> Comparison:
        """How the findings of now stand beside those of before, regressions by name."""
        losses = weakened(self.before.touched, self.after.touched, self._inhabited())
        stood = self.findings(self.before, view_before)
        compared = compare(stood, findings, losses, self._unjudged)
        return _spread(compared, stood, findings, self.before.charts)

    def _inhabited(self) -> Inhabited:
        """Where workloads remain, or may remain because not everything is in view.

        A namespace that the change empties, as far as it can be seen, is neither.
        """
        remain = _namespaces(self.after.manifests)
        emptied = _namespaces(self.before.touched) - remain
        held = frozenset(m.namespace for m in self.before.touched)
        return Inhabited(
            known=remain, possible=frozenset() if self._complete else held - remain - emptied
        )


def _spread(
    compared: Comparison,
    before: Iterable[Finding],
    after: Iterable[Finding],
    charts: ChartJudgement,
) -> Comparison:
    """With the findings of charts as worsened that hold with more of the sets that were there."""
    known = charts.sets
    held = {one.fingerprint: one.sets for one in before if one.chart is not None}
    reasons: dict[str, str] = {}
    for one in after:
        if one.chart is not None and one.fingerprint in held:
            more = [name for name in one.sets if name not in held[one.fingerprint]]
            if came := [name for name in more if (one.chart, name) in known]:
                reasons[one.fingerprint] = f"it holds with {', '.join(came)} now"
    if not reasons:
        return compared
    standings: dict[str, Standing] = dict.fromkeys(reasons, "worsened")
    return replace(
        compared,
        standings={**compared.standings, **standings},
        reasons={**compared.reasons, **reasons},
    )


def _namespaces(manifests: Iterable[Manifest]) -> frozenset[str | None]:
    """The namespaces in which workloads are."""
    return frozenset(manifest.namespace for manifest in manifests if manifest.pods)
