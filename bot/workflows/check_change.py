"""The command line's check of a change: what it brings, worsens and mends.

Both sides are judged as a whole, since a change to one object may harm another; a file that the
change does not touch is read and judged once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.engine.check import Candidate, Checker, view_of
from bot.engine.compare import Comparison, compare
from bot.engine.read import load
from bot.engine.regress import weakened
from bot.engine.suppress import peers_of, written
from bot.engine.triage import triage
from bot.kubernetes.view import View
from bot.model.change import ChangedFile, ChangeSet
from bot.model.finding import Finding, Report, Skipped
from bot.model.judgement import Judgement
from bot.model.manifest import Manifest
from bot.workflows.check_path import Asked, unread

_Loaded = tuple[tuple[Manifest, ...], tuple[Skipped, ...]]


def check_change(changes: ChangeSet, asked: Asked) -> tuple[Report, View]:
    """Judge the state after a change beside the one before; `changes` holds unchanged files too.

    The view holds the objects after the change.
    """
    sides = _Sides(Checker(asked.rules, asked.config))
    for file in changes.files:
        sides.take(file)
    view = sides.after.view(asked)
    judged = Judgement(
        findings=sides.findings(sides.after, view),
        written=tuple(written(sides.after.manifests, peers_of(asked.rules))),
        skipped=(*unread(changes), *sides.skipped),
        files=sum(1 for file in changes.files if file.data is not None),
        manifests=len(sides.after.manifests),
        workloads=sum(1 for manifest in sides.after.manifests if manifest.pod_path is not None),
    )
    comparison = sides.comparison(judged.findings, sides.before.view(asked))
    return triage(judged, changes, asked.allowance(), comparison), view


@dataclass(slots=True)
class _Side:
    """One side of the change: its manifests, what the rules find in each, and what is touched."""

    manifests: list[Manifest] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    touched: list[Manifest] = field(default_factory=list)

    def add(self, manifests: Iterable[Manifest], candidates: Iterable[Candidate]) -> None:
        self.manifests += manifests
        self.candidates += candidates

    def view(self, asked: Asked) -> View:
        return view_of(self.manifests, complete=asked.is_complete)


class _Sides:
    """Both sides of a change, gathered file by file."""

    def __init__(self, checker: Checker) -> None:
        self._checker = checker
        self.before, self.after = _Side(), _Side()
        self.skipped: list[Skipped] = []
        self._unjudged: set[str] = set()

    def take(self, file: ChangedFile) -> None:
        """Add a file to the sides on which it stands."""
        new, skipped = _load(file.path, file.data)
        found = self._checker.found(new)
        self.after.add(new, found)
        self.skipped += skipped
        if file.status == "unchanged":
            self.before.add(new, found)
            return
        old, skipped_before = _load(file.path, file.base_data)
        self.before.add(old, self._checker.found(old))
        self.before.touched += old
        self.after.touched += new
        if len(skipped) > len(skipped_before):
            self._unjudged.add(file.path)

    def findings(self, side: _Side, view: View) -> tuple[Finding, ...]:
        """What stands among all objects of a side."""
        confirmed = (self._checker.confirmed(one, view) for one in side.candidates)
        return tuple(finding for finding in confirmed if finding is not None)

    def comparison(self, findings: tuple[Finding, ...], view_before: View) -> Comparison:
        """How the findings of now stand beside those of before, regressions by name."""
        inhabited = {m.namespace for m in self.after.manifests if m.pod_path is not None}
        losses = weakened(self.before.touched, self.after.touched, inhabited)
        stood = self.findings(self.before, view_before)
        return compare(stood, findings, losses, self._unjudged)


def _load(path: str, data: bytes | None) -> _Loaded:
    return load(path, data) if data is not None else ((), ())
