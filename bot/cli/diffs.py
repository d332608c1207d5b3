"""Diffs on the terminal, in which no secret is repeated that podsec found."""

from __future__ import annotations

from collections.abc import Mapping

from bot.cli.home import warn
from bot.formats.plain import counted
from bot.formats.pull_request import unified
from bot.model.finding import Finding, Report


class Diffs:
    """Makes diffs of files of a report; `shown` says how they are called from here.

    The report is the whole one: a rule that nobody asked for knows secrets, too, and those that
    are allowed are secrets still.
    """

    def __init__(self, report: Report, shown: Mapping[str, str]) -> None:
        self._shown = shown
        self._secrets: dict[str, list[Finding]] = {}
        for finding in (label.finding for label in report.labels):
            if finding.sensitive:
                self._secrets.setdefault(finding.file, []).append(finding)

    def hides(self, path: str) -> bool:
        """Whether a file holds a secret that a diff may hide."""
        return path in self._secrets

    def between(self, path: str, before: bytes, after: bytes, *, given: bytes) -> str:
        """The diff of two versions of a file; that something is masked is said.

        `given` is the version that the report speaks of.
        """
        name = self._shown.get(path, path)
        diff = unified(name, before, after)
        if not self.hides(path):
            return diff
        from bot.formats.masked import MASK, Mask

        masked, number = Mask(given, self._secrets[path]).over(diff)
        if number:
            lines = counted(number, "line")
            warn(f"{MASK} hides secrets on {lines} of the diff of {name}: it cannot be applied")
        return masked
