"""What is wrong with one version of a file: its findings, and what the API server would reject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import TypeAlias

from bot.engine.check import Candidate, Checker, distinct, seen_of
from bot.engine.read import load
from bot.frozen import frozen
from bot.kubernetes.interlocks import broken
from bot.kubernetes.kinds import Kinds
from bot.kubernetes.view import Seen, View
from bot.kubernetes.workload import as_mapping, reach
from bot.model.finding import Finding
from bot.model.manifest import Manifest
from bot.yamlpatch import Path

Broken: TypeAlias = tuple[Path, str]
"""Where an object stands, its document's number first, and what the API server would say."""


@frozen
class Verdict:
    """One version, judged."""

    manifests: tuple[Manifest, ...]
    findings: Mapping[str, Finding]
    """By fingerprint; their lines may be those of an earlier version."""
    broken: frozenset[Broken]
    """Interlocks of the API server."""


@frozen
class _Document:
    """What one document holds, whatever stands around it."""

    candidates: tuple[Candidate, ...]
    seen: tuple[Seen, ...]
    broken: frozenset[Broken]


class Judge:
    """Judges versions of one file: each version once, and each version of a document once."""

    def __init__(self, path: str, checker: Checker, kinds: Kinds, view: View) -> None:
        self._path = path
        self._checker = checker.knowing(view.evidence)
        self._kinds = kinds
        self._view = view
        self._known: dict[bytes, Verdict] = {}
        self._documents: dict[tuple[int, str], _Document] = {}

    def of(self, data: bytes) -> Verdict:
        """The verdict on a version; `view` holds the other files' objects."""
        known = self._known.get(data)
        if known is None:
            known = self._known[data] = self._judged(data)
        return known

    def imagine(self, manifests: Sequence[Manifest]) -> Mapping[str, Finding]:
        """The findings of manifests whose data no text says; other objects are as they were."""
        return _by_fingerprint(self._checker.check(manifests, self._view))

    def _judged(self, data: bytes) -> Verdict:
        manifests, _ = load(self._path, data, self._kinds)
        parts = [
            self._document(number, list(found))
            for number, found in groupby(manifests, key=lambda one: one.document)
        ]
        view = self._view.with_file(self._path, [seen for part in parts for seen in part.seen])
        candidates = distinct(one for part in parts for one in part.candidates)
        confirmed = (self._checker.confirmed(one, view) for one in candidates)
        return Verdict(
            manifests=manifests,
            findings=_by_fingerprint(one for one in confirmed if one is not None),
            broken=frozenset(one for part in parts for one in part.broken),
        )

    def _document(self, number: int, manifests: Sequence[Manifest]) -> _Document:
        key = number, manifests[0].stream.text_of(number)
        known = self._documents.get(key)
        if known is None:
            known = self._documents[key] = _Document(
                candidates=tuple(c for one in manifests for c in self._checker.candidates(one)),
                seen=tuple(seen for one in manifests for seen in seen_of(one)),
                broken=interlocked(manifests),
            )
        return known


def _by_fingerprint(findings: Iterable[Finding]) -> Mapping[str, Finding]:
    return {finding.fingerprint: finding for finding in findings}


def interlocked(manifests: Iterable[Manifest]) -> frozenset[Broken]:
    """What the API server would reject of these manifests."""
    return frozenset(
        ((manifest.document, *manifest.base), reason)
        for manifest in manifests
        for place in manifest.pods
        if place.is_whole
        for reason in broken(as_mapping(reach(manifest.data, place.path)), kind=manifest.kind)
    )
