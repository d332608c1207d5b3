"""The command line's check of a change: what it brings, worsens and mends.

Both sides are judged as a whole, since a change to one object may harm another; a file that the
change does not touch is read and judged once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.engine.check import Candidate, Checker, view_of
from bot.engine.compare import compare
from bot.engine.read import load
from bot.engine.regress import weakened
from bot.engine.suppress import peers_of, written
from bot.engine.triage import triage
from bot.kubernetes.view import View
from bot.model.change import ChangeSet
from bot.model.finding import Finding, Report, Skipped
from bot.model.judgement import Judgement
from bot.model.manifest import Manifest
from bot.workflows.check_path import Asked


@dataclass(slots=True)
class _Side:
    """One side of the change: its manifests, and what the rules find in each."""

    manifests: list[Manifest]
    candidates: list[Candidate]

    def view(self, asked: Asked) -> View:
        return view_of(self.manifests, complete=asked.is_complete)


def check_change(changes: ChangeSet, asked: Asked) -> tuple[Report, View]:
    """Judge the state after a change beside the one before; `changes` holds unchanged files too."""
    checker = Checker(asked.rules, asked.config)
    before, after = _Side([], []), _Side([], [])
    touched: list[tuple[Sequence[Manifest], Sequence[Manifest]]] = []
    skipped: list[Skipped] = []
    for file in changes.files:
        new, unread = _load(file.path, file.data)
        skipped += unread
        found = checker.found(new)
        _add(after, new, found)
        if file.status == "unchanged":
            _add(before, new, found)
            continue
        old, _ = _load(file.path, file.base_data)
        _add(before, old, checker.found(old))
        touched.append((old, new))
    judged = _judgement(changes, after, _findings(checker, after, asked), skipped, asked)
    losses = weakened(
        [manifest for old, _ in touched for manifest in old],
        [manifest for _, new in touched for manifest in new],
        {manifest.namespace for manifest in after.manifests if manifest.pod_path is not None},
    )
    comparison = compare(_findings(checker, before, asked), judged.findings, losses)
    return triage(judged, changes, asked.allowance(), comparison), after.view(asked)


def _load(path: str, data: bytes | None) -> tuple[tuple[Manifest, ...], tuple[Skipped, ...]]:
    return load(path, data) if data is not None else ((), ())


def _add(side: _Side, manifests: Iterable[Manifest], candidates: Iterable[Candidate]) -> None:
    side.manifests += manifests
    side.candidates += candidates


def _findings(checker: Checker, side: _Side, asked: Asked) -> tuple[Finding, ...]:
    view = side.view(asked)
    confirmed = (checker.confirmed(one, view) for one in side.candidates)
    return tuple(finding for finding in confirmed if finding is not None)


def _judgement(
    changes: ChangeSet,
    side: _Side,
    findings: tuple[Finding, ...],
    skipped: Sequence[Skipped],
    asked: Asked,
) -> Judgement:
    return Judgement(
        findings=findings,
        written=tuple(written(side.manifests, peers_of(asked.rules))),
        skipped=tuple(skipped),
        files=sum(1 for file in changes.files if file.data is not None),
        manifests=len(side.manifests),
        workloads=sum(1 for manifest in side.manifests if manifest.pod_path is not None),
    )
