"""Report to suggestions, proposals and remarks: who is told what, and where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, islice

from bot.config import Config
from bot.engine.fix import Fixed, Fixer
from bot.engine.quiet import fix_quietly
from bot.model.change import ChangedFile, ChangeSet
from bot.model.finding import SEVERITIES, Finding, Label, Report
from bot.model.plan import Plan, Remark, Repair, Suggestion
from bot.model.review import Standing

_LONGEST_SUGGESTION = 80
_Span = tuple[int, int]


def plan(report: Report, changes: ChangeSet, fixer: Fixer, config: Config, known: Standing) -> Plan:
    """Share out what is new and was not said: inline where the diff shows it, else the summary."""
    introduced = _introduced(report)
    news = [label for label in introduced if label.finding.fingerprint not in known.fingerprints]
    inline = [label.finding for label in news if label.in_diff]
    most = config.max_comments if config.review_mode == "inline" else 0
    remarks = islice(_remarks(inline, report, changes, fixer), most)
    kept = tuple(sorted(remarks, key=lambda remark: (remark.path, remark.start)))
    said = {finding.fingerprint for remark in kept for finding in remark.findings}
    rest = tuple(label.finding for label in news if label.finding.fingerprint not in said)
    return Plan(
        remarks=kept,
        rest=rest,
        introduced=tuple(label.finding for label in introduced),
        regressions=report.regressions,
        unsaid=tuple(r for r in report.regressions if r.fingerprint not in known.fingerprints),
        fixed=report.fixed,
        lost={one.finding.fingerprint: one.regression for one in introduced if one.regression},
        cluster=report.cluster,
    )


def repair(report: Report, changes: ChangeSet, fixer: Fixer, *, unsafe: bool) -> Repair:
    """The files with the safe fixes of what the change introduced, or with the unsafe alone.

    Not with moves to Secrets: they come apart (`bot.engine.secret_repair`).
    """
    files: dict[str, bytes] = {}
    applied: list[Finding] = []
    left: list[tuple[Finding, str]] = []
    wanted = wanted_of(report, unsafe=unsafe)
    for file in changes.files:
        found = [f for f in wanted if f.file == file.path]
        if not found or file.data is None:
            continue
        fixed = fix_quietly(fixer, file.path, file.data, found, unsafe=unsafe)
        applied += fixed.applied
        left += fixed.left
        if fixed.data != file.data:
            files[file.path] = fixed.data
    return Repair(files=files, applied=tuple(applied), left=tuple(left))


def wanted_of(report: Report, *, unsafe: bool) -> list[Finding]:
    """What the change introduced, or of that what wants a test first; no moves to Secrets."""
    introduced = [label.finding for label in _introduced(report)]
    if not unsafe:
        return introduced
    return [one for one in introduced if one.remedy == "unsafe" and not _moves(one)]


def _moves(finding: Finding) -> bool:
    return finding.fix is not None and finding.fix.move is not None


def secret_lines(report: Report, path: str) -> tuple[_Span, ...]:
    """The lines of a file that hold a secret: new, old or allowed, none is ever repeated."""
    return tuple(
        (label.finding.region.line, label.finding.region.end_line)
        for label in report.labels
        if label.finding.sensitive and label.finding.file == path
    )


def overlap(one: _Span, other: _Span) -> bool:
    """Whether two runs of lines, ends included, share a line."""
    return one[0] <= other[1] and other[0] <= one[1]


def _introduced(report: Report) -> list[Label]:
    return [label for label in report.labels if label.is_introduced]


def _remarks(
    findings: Sequence[Finding], report: Report, changes: ChangeSet, fixer: Fixer
) -> Iterator[Remark]:
    """One remark a container, the worst first; suggestions of one file never overlap."""
    taken: dict[str, list[_Span]] = {}
    for group in _groups(findings):
        file = changes.file(group[0].file)
        if file is None or file.data is None or file.hunks is None:
            continue
        spans = taken.setdefault(file.path, [])
        closed = (*spans, *secret_lines(report, file.path))
        suggestion = _suggestion(file, group, closed, fixer)
        place = _place(file, group, suggestion)
        if place is None:
            continue
        if suggestion is not None:
            spans.append(place)
        yield Remark(
            path=file.path, start=place[0], end=place[1], findings=group, suggestion=suggestion
        )


def _groups(findings: Sequence[Finding]) -> list[tuple[Finding, ...]]:
    """Findings by what one comment speaks of; in and among groups the worst come first."""
    ordered = sorted(findings, key=lambda f: f.subject)
    groups = [
        tuple(sorted(group, key=lambda f: (_mildness(f), f.rule)))
        for _, group in groupby(ordered, key=lambda f: f.subject)
    ]
    return sorted(groups, key=lambda g: (_mildness(g[0]), g[0].file, g[0].block.line))


def _mildness(finding: Finding) -> int:
    return -SEVERITIES.index(finding.severity)


def _place(
    file: ChangedFile, findings: Sequence[Finding], suggestion: Suggestion | None
) -> _Span | None:
    """Where to speak: on what the suggestion replaces, else on a new line of the container."""
    if suggestion is not None:
        return suggestion.start, suggestion.end
    if b"\r" in (file.data or b"").replace(b"\r\n", b""):
        return None  # a lone carriage return: GitHub counts other lines than YAML does
    added = sorted(line for hunk in file.hunks or () for line in hunk.added)
    for finding in findings:
        if finding.region.line in added:
            return finding.region.line, finding.region.line
    block = findings[0].block
    inside = [line for line in added if block.line <= line <= block.end_line]
    return (inside[0], inside[0]) if inside else None


def _suggestion(
    file: ChangedFile, findings: Sequence[Finding], closed: Sequence[_Span], fixer: Fixer
) -> Suggestion | None:
    """The safe fixes as one replacement of lines that one hunk shows, if there is one.

    It touches none of the `closed` lines. Not in files with carriage returns: applying
    suggestions in a batch may normalise them.
    """
    data = file.data or b""
    if b"\r" in data or not any(finding.remedy == "safe" for finding in findings):
        return None
    fixed = fixer.fix(file.path, data, findings, unsafe=False)
    for found in _replacements(data, fixed):
        span = found.start, found.end
        fits = len(found.lines) <= _LONGEST_SUGGESTION and file.hunk_of(*span) is not None
        if fits and not any(overlap(span, other) for other in closed):
            return found
    return None


def _replacements(data: bytes, fixed: Fixed) -> Iterator[Suggestion]:
    """The smallest runs of lines that turn the old text into the new one.

    A pure insertion repeats a neighbour, the line before it or the one after, since a comment
    stands on lines that are there; so does a pure deletion, since it needs a line to leave.
    """
    try:
        old, new = data.decode().split("\n"), fixed.data.decode().split("\n")
    except UnicodeDecodeError:
        return
    if old == new:
        return
    first = _common(old, new)
    after = _common(old[first:][::-1], new[first:][::-1])
    last, last_new = len(old) - after, len(new) - after
    is_one_sided = first in (last, last_new)
    for before, behind in ((1, 0), (0, 1)) if is_one_sided else ((0, 0),):
        start, end = first - before, last + behind
        # the text behind the final line break is no line of GitHub's
        if start >= 0 and end <= len(old) - (old[-1] == ""):
            lines = tuple(new[start : last_new + behind])
            yield Suggestion(start=start + 1, end=end, lines=lines, fixes=fixed.applied)


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines are equal at the beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))
