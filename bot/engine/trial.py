"""Fixes on trial: as many as can be proved together, found by halves where all at once cannot."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from bot.engine.attempt import Judge, Verdict
from bot.engine.hands_off import demand_marked
from bot.model.finding import SEVERITIES, Finding
from bot.yamlpatch import Patch, Refused, Stream, Unreadable, edit_stream, read


class Trial:
    """What of some fixes is proved on one version of a file.

    Proved means: the edit is (`bot.yamlpatch.edit`), each finding is gone or has a lower severity,
    no finding came that was not there, and nothing is broken of what the API server wants together.
    `asked` are identities of findings that are known to be there.
    """

    def __init__(self, judge: Judge, data: bytes, asked: AbstractSet[str]) -> None:
        self.done: list[Finding] = []
        self.refused: list[tuple[Finding, str]] = []
        self.lessened: list[tuple[Finding, Finding]] = []
        self.result = data
        self.only_adds = True
        self._judge = judge
        self._data = data
        self._asked = asked
        self._stream: Stream | None = None

    def search(self, findings: Sequence[Finding]) -> None:
        """Add what can be proved of `findings` to what is done."""
        try:
            self.result = self.proved([*self.done, *findings])
        except Refused as refused:
            if len(findings) == 1:
                self.refused.append((findings[0], refused.reason))
                return
            for part in _parts(findings, refused):
                self.search(part)
        else:
            self.done += findings

    def proved(self, findings: Sequence[Finding]) -> bytes:
        """The text after the fixes. Raises Refused where the proof fails."""
        edited = edit_stream(self._read(), patches_of(findings))
        demand_marked(self._data, edited.data)
        after = self._judge.of(edited.data)
        self.lessened = [
            (finding, _demand_less(finding, after.findings[finding.fingerprint]))
            for finding in findings
            if finding.fingerprint in after.findings
        ]
        self._demand_nothing_new(after)
        self.only_adds = edited.only_adds
        return edited.data

    def _read(self) -> Stream:
        if self._stream is None:
            try:
                self._stream = read(self._data)
            except Unreadable as error:
                raise Refused(error.reason) from error
        return self._stream

    def _demand_nothing_new(self, after: Verdict) -> None:
        come = after.findings.keys() - self._asked
        if come and (new := come - self._judge.of(self._data).findings.keys()):
            rules = sorted({after.findings[fingerprint].rule for fingerprint in new})
            raise Refused(f"it would bring a new finding: {', '.join(rules)}")
        if after.broken and (broken := after.broken - self._judge.of(self._data).broken):
            reasons = sorted({reason for _, reason in broken})
            raise Refused(f"the API server would reject it: {'; '.join(reasons)}")


def patches_of(findings: Sequence[Finding]) -> list[Patch]:
    """The patches of all fixes."""
    return [patch for f in findings if f.fix is not None for patch in f.fix.patches]


def _demand_less(before: Finding, after: Finding) -> Finding:
    """What remains. Raises Refused where it is as bad as it was."""
    if SEVERITIES.index(after.severity) >= SEVERITIES.index(before.severity):
        raise Refused(f"the finding {before.rule!r} would remain")
    return after


def _parts(findings: Sequence[Finding], refused: Refused) -> list[Sequence[Finding]]:
    """Those without the patches to blame first; two halves where nothing is to blame."""
    blamed = [f for f in findings if f.fix and any(p in refused.patches for p in f.fix.patches)]
    if 0 < len(blamed) < len(findings):
        return [[f for f in findings if f not in blamed], blamed]
    middle = len(findings) // 2
    return [findings[:middle], findings[middle:]]
