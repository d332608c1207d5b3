"""What `podsec fix` says: each fix and what it rests on, each that was left and why, the end."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.cli.check import Checked
from bot.cli.diffs import Diffs
from bot.engine.fix import Fixed
from bot.formats.plain import counted, visible
from bot.model.finding import Finding


@dataclass(slots=True)
class Said:
    """What was said so far, for the sentence at the end."""

    done: int = 0
    changed: int = 0
    left: int = 0
    untested: int = 0
    """Of what was left: how many have a fix that wants a test."""
    failed: list[str] = field(default_factory=list)


class Words:
    """Tells about files on the standard error; `home` is the root that paths count from."""

    def __init__(
        self, checked: Checked, diffs: Diffs, *, is_dry: bool, unsafe: bool, home: Path
    ) -> None:
        self._checked, self._diffs, self._unsafe = checked, diffs, unsafe
        self._verb = "would fix" if is_dry else "fixed"
        self._past = "would be fixed" if is_dry else "fixed"
        self._is_dry = is_dry
        self._in_git = (home / ".git").exists()

    def shown(self, path: str) -> str:
        """A file as the user would write it."""
        return self._checked.name(path)

    def needs_diff(self, path: str) -> bool:
        """Whether only the diff itself can undo what was written; none is shown beside a secret."""
        known = self._in_git or path in self._checked.piped
        return not known and not self._diffs.hides(path)

    def of_file(self, fixed: Fixed, failure: str | None, said: Said) -> None:
        """Tell what was done in a file, or why nothing was; and what was left."""
        if failure is not None:
            said.failed.append(fixed.path)
            said.left += len(fixed.applied)
            lines = [f"not written {self.shown(fixed.path)}: {failure}"]
        else:
            said.done += len(fixed.applied)
            said.changed += bool(fixed.applied)
            lines = list(self._applied(fixed))
        for finding, reason in fixed.left:
            what = f"{finding.message} [{finding.rule}]"
            lines.append(f"left {self._place(finding)}: {what}: {reason}")
        _tell(*lines)
        said.left += len(fixed.left)
        said.untested += sum(1 for finding, _ in fixed.left if finding.remedy == "unsafe")

    def end(self, said: Said) -> None:
        """Tell what was not judged, and one sentence about it all."""
        report = self._checked.report
        for skipped in report.skipped:
            _tell(f"skipped {self.shown(skipped.file)}:{skipped.line}: {skipped.reason}")
        files = f" in {counted(said.changed, 'file')}" if said.changed else ""
        parts = [f"{counted(said.done, 'finding')} {self._past}{files}", f"{said.left} left"]
        if said.failed:
            parts.append(f"{counted(len(said.failed), 'file')} not written")
        if report.skipped:
            parts.append(f"{len(report.skipped)} skipped, not judged")
        if report.excluded:
            parts.append(f"{counted(report.excluded, 'file')} excluded by the config")
        _tell(f"{', '.join(parts)}{self._next(said)}.")

    def _next(self, said: Said) -> str:
        if self._is_dry or self._unsafe or not said.untested:
            return ""
        return f"; podsec fix --unsafe --diff shows {counted(said.untested, 'fix')} to test first"

    def _applied(self, fixed: Fixed) -> Iterator[str]:
        lessened = {before.fingerprint: after for before, after in fixed.lessened}
        for finding in fixed.applied:
            rest = lessened.get(finding.fingerprint)
            less = f"; {rest.severity} is what remains: {rest.message}" if rest else ""
            yield f"{self._verb} {self._place(finding)}: {finding.message} [{finding.rule}]{less}"
            yield from self._fact(finding)

    def _fact(self, finding: Finding) -> Iterator[str]:
        """What a fix rests on, and how it is undone."""
        fix = finding.fix
        if fix is None:
            return
        undo = fix.undo
        if fix.applicability == "safe":
            reason = f": {fix.reason}" if fix.reason else ""
            yield f"    safe{reason}" + (f"; undo: {undo}" if undo else "")
            return
        reason = fix.reason or "it may stop the workload"
        undo += " (" if undo else ""
        end = ")" if undo else ""
        yield f"    test first: {reason}; undo: {undo}{self._undo(finding.file)}{end}"

    def _undo(self, path: str) -> str:
        if self._is_dry or path in self._checked.piped:
            return "nothing was written; of the diff: patch -p1 -R"
        if self._in_git:
            return f"git checkout -p -- {shlex.quote(self.shown(path))}"
        if self._diffs.hides(path):
            return "no diff is shown beside a secret: keep a copy of the file"
        return f"give the diff above to patch -R {shlex.quote(self.shown(path))}"

    def _place(self, finding: Finding) -> str:
        return f"{self.shown(finding.file)}:{finding.region.line}"


def _tell(*lines: str) -> None:
    """All lines at once: each write to the standard error is a call of the system."""
    sys.stderr.write("".join(f"{visible(line)}\n" for line in lines))
