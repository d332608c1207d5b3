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
from bot.model.finding import Finding, Report, Skipped
from bot.model.judgement import Judgement
from bot.model.manifest import Manifest
from bot.workflows.check_path import Asked, evidence_of, unread
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
    for file in changes.files:
        sides.take(file)
    sides.drop_patches()
    view = replace(sides.after.view(asked), evidence=evidence)
    findings = sides.findings(sides.after, view)
    judged = Judgement(
        findings=findings,
        written=tuple(written(sides.after.manifests, peers_of(asked.rules))),
        skipped=(*unread(changes), *_told(sides, scenes)),
        files=sum(1 for file in changes.files if file.data is not None),
        manifests=len(sides.after.manifests),
        workloads=sum(1 for manifest in sides.after.manifests if manifest.pods),
        without_schema=without_schema(sides.after.manifests, asked.config.kubernetes_version),
    )
    comparison = sides.comparison(judged.findings, sides.before.view(asked))
    return triage(judged, changes, asked.allowance(), comparison), view


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
        new, skipped = self._load(file.path, file.data)
        found = self._checker.found(new)
        self.after.add(new, found)
        self.skipped += skipped
        if file.status == "unchanged":
            self.before.add(new, found)
            return
        old, skipped_before = self._load(file.path, file.base_data)
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
            return by_rendering(*given, complete=self._complete)
        confirmed = (self._checker.confirmed(one, view) for one in side.candidates)
        return tuple(finding for finding in confirmed if finding is not None)

    def comparison(self, findings: tuple[Finding, ...], view_before: View) -> Comparison:
        """How the findings of now stand beside those of before, regressions by name."""
        losses = weakened(self.before.touched, self.after.touched, self._inhabited())
        stood = self.findings(self.before, view_before)
        return compare(stood, findings, losses, self._unjudged)

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

    def _load(self, path: str, data: bytes | None) -> _Loaded:
        return load(path, data, self._kinds) if data is not None else ((), ())


def _namespaces(manifests: Iterable[Manifest]) -> frozenset[str | None]:
    """The namespaces in which workloads are."""
    return frozenset(manifest.namespace for manifest in manifests if manifest.pods)
