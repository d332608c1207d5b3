"""Some findings of a report: those of some rules, files, or of one container."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from bot.config.globs import matches
from bot.frozen import frozen
from bot.model.finding import Finding, Label, Report

_LONGEST_KEY = 60
_Span = tuple[int, int]


@frozen
class Spot:
    """Where a person points: at lines of a file, or at what a comment of podsec's speaks of."""

    path: str
    lines: _Span | None = None
    fingerprints: frozenset[str] = frozenset()


@frozen
class Narrow:
    """Which findings are wanted; empty parts leave all."""

    rules: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    """Globs as in the config: a folder means what is below it."""
    spot: Spot | None = None

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return not (self.rules or self.paths or self.spot)

    @property
    def key(self) -> str:
        """A short name, the same for the same choice; empty for all."""
        if self.is_all:
            return ""
        named = "+".join(sorted(self.rules))
        if named and len(named) <= _LONGEST_KEY and not (self.paths or self.spot):
            return named
        spot = self.spot
        said = (sorted(self.rules), sorted(self.paths), spot and (spot.path, spot.lines))
        prints = sorted(spot.fingerprints) if spot else []
        return hashlib.sha256(repr((said, prints)).encode()).hexdigest()[:10]

    @property
    def words(self) -> str:
        """The choice for people."""
        place = [f"at {self.spot.path}"] if self.spot else []
        return ", ".join([*self.rules, *self.paths, *place])


EVERYTHING = Narrow()


def narrowed(report: Report, narrow: Narrow) -> Report:
    """The report in which only the wanted findings count against the change; none is dropped."""
    if narrow.is_all:
        return report
    wanted = chosen(report.introduced, narrow)
    kept = {finding.fingerprint for finding in wanted}
    labels = tuple(
        label if label.finding.fingerprint in kept or not label.is_introduced else _aside(label)
        for label in report.labels
    )
    return replace(report, labels=labels)


def chosen(findings: Iterable[Finding], narrow: Narrow) -> tuple[Finding, ...]:
    """The wanted ones of some findings."""
    found = [
        finding
        for finding in findings
        if (not narrow.rules or finding.rule in narrow.rules)
        and (
            not narrow.paths
            or any(matches(glob, finding.file, is_path=True) for glob in narrow.paths)
        )
    ]
    return tuple(_at(found, narrow.spot)) if narrow.spot is not None else tuple(found)


def _aside(label: Label) -> Label:
    return replace(label, standing="existing")


def _at(findings: Iterable[Finding], spot: Spot) -> list[Finding]:
    """The findings of the container, or of the object, that a person points at."""
    here = [finding for finding in findings if finding.file == spot.path]
    subjects = {f.subject for f in here if f.fingerprint in spot.fingerprints}
    if not subjects and spot.lines is not None:
        hit = [f for f in here if _overlap((f.block.line, f.block.end_line), spot.lines)]
        inner = [finding for finding in hit if finding.container]
        subjects = {finding.subject for finding in inner or hit}
    return [finding for finding in here if finding.subject in subjects]


def _overlap(one: _Span, other: _Span) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]
