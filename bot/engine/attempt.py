"""What is wrong with one version of a file: its findings, and what the API server would reject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.engine.check import Checker, seen_of
from bot.engine.read import load
from bot.frozen import frozen
from bot.kubernetes.interlocks import broken
from bot.kubernetes.kinds import Kinds
from bot.kubernetes.view import View
from bot.kubernetes.workload import as_mapping, reach
from bot.model.finding import Finding
from bot.model.manifest import Manifest


@frozen
class Verdict:
    """One version, judged."""

    manifests: tuple[Manifest, ...]
    findings: Mapping[str, Finding]
    """By fingerprint."""
    broken: frozenset[tuple[int, str]]
    """Interlocks of the API server, by the manifest's number."""


class Judge:
    """Judges versions of one file; each version once."""

    def __init__(self, path: str, checker: Checker, kinds: Kinds, view: View) -> None:
        self._path = path
        self._checker = checker
        self._kinds = kinds
        self._view = view
        self._known: dict[bytes, Verdict] = {}

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
        seen = [seen for manifest in manifests for seen in seen_of(manifest)]
        findings = self._checker.check(manifests, self._view.with_file(self._path, seen))
        return Verdict(
            manifests=manifests,
            findings=_by_fingerprint(findings),
            broken=interlocked(manifests),
        )


def _by_fingerprint(findings: Iterable[Finding]) -> Mapping[str, Finding]:
    return {finding.fingerprint: finding for finding in findings}


def interlocked(manifests: Sequence[Manifest]) -> frozenset[tuple[int, str]]:
    """What the API server would reject of these manifests, by the manifest's number."""
    return frozenset(
        (number, reason)
        for number, manifest in enumerate(manifests)
        for place in manifest.pods
        if place.is_whole
        for reason in broken(as_mapping(reach(manifest.data, place.path)), kind=manifest.kind)
    )
