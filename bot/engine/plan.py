"""Report to suggestions, proposals and remarks: who is told what, and where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby

from bot.config import Config
from bot.engine.fix import Fixed, fix_file
from bot.model.change import ChangedFile, ChangeSet
from bot.model.finding import SEVERITIES, Finding, Label, Report
from bot.model.plan import Plan, Remark, Repair, Suggestion
from bot.model.review import Standing
from bot.rule.load import Rules

_LONGEST_SUGGESTION = 80


def plan(report: Report, changes: ChangeSet, rules: Rules, config: Config, known: Standing) -> Plan:
    """Share out what is new and was not said: inline where the diff shows it, else the summary."""
    introduced = _introduced(report)
    news = [label for label in introduced if label.finding.fingerprint not in known.fingerprints]
    inline = [label for label in news if label.in_diff]
    remarks = list(_remarks(inline, changes, rules, config))
    remarks.sort(key=_urgency)
    kept = sorted(remarks[: config.max_comments], key=lambda r: (r.path, r.start))
    said = {finding.fingerprint for remark in kept for finding in remark.findings}
    rest = tuple(label.finding for label in news if label.finding.fingerprint not in said)
    return Plan(
        remarks=tuple(kept),
        rest=rest,
        introduced=tuple(label.finding for label in introduced),
    )


def repair(
    report: Report, changes: ChangeSet, rules: Rules, config: Config, *, unsafe: bool
) -> Repair:
    """The files with the safe fixes of what the change introduced, or with the unsafe alone."""
    files: dict[str, bytes] = {}
    applied: list[Finding] = []
    left: list[tuple[Finding, str]] = []
    wanted = [label.finding for label in _introduced(report)]
    for file in changes.files:
        found = [f for f in wanted if f.file == file.path]
        if unsafe:
            found = [f for f in found if f.remedy == "unsafe"]
        if not found or file.data is None:
            continue
        fixed = fix_file(file.path, file.data, found, rules, config, unsafe=unsafe)
        applied += fixed.applied
        left += fixed.left
        if fixed.data != file.data:
            files[file.path] = fixed.data
    return Repair(files=files, applied=tuple(applied), left=tuple(left))


def _introduced(report: Report) -> list[Label]:
    return [label for label in report.labels if label.is_introduced]


def _urgency(remark: Remark) -> tuple[int, str, int]:
    worst = max(SEVERITIES.index(finding.severity) for finding in remark.findings)
    return -worst, remark.path, remark.start


def _remarks(
    labels: Sequence[Label], changes: ChangeSet, rules: Rules, config: Config
) -> Iterator[Remark]:
    """One remark a container; suggestions of one file never overlap."""
    taken: dict[str, list[tuple[int, int]]] = {}
    ordered = sorted((label.finding for label in labels), key=lambda f: f.subject)
    for subject, group in groupby(ordered, key=lambda f: f.subject):
        findings = tuple(sorted(group, key=lambda f: (-SEVERITIES.index(f.severity), f.rule)))
        file = changes.file(subject[0])
        if file is None or file.data is None or file.hunks is None:
            continue
        suggestion = _suggestion(file, file.data, findings, rules, config)
        spans = taken.setdefault(file.path, [])
        if suggestion is not None:
            span = suggestion.start, suggestion.end
            if any(span[0] <= end and start <= span[1] for start, end in spans):
                suggestion = None
            else:
                spans.append(span)
        yield from _placed(file, findings, suggestion)


def _placed(
    file: ChangedFile, findings: tuple[Finding, ...], suggestion: Suggestion | None
) -> Iterator[Remark]:
    if suggestion is not None:
        place: tuple[int, int] | None = (suggestion.start, suggestion.end)
    else:
        place = _line(file, findings)
    if place is not None:
        yield Remark(
            path=file.path,
            start=place[0],
            end=place[1],
            findings=findings,
            suggestion=suggestion,
        )


def _line(file: ChangedFile, findings: tuple[Finding, ...]) -> tuple[int, int] | None:
    """The line to speak of: the worst finding's own, else the first new one of its container."""
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
    file: ChangedFile, data: bytes, findings: Sequence[Finding], rules: Rules, config: Config
) -> Suggestion | None:
    """The safe fixes as one replacement of lines that one hunk shows, if there is one.

    Not in files with carriage returns: applying suggestions in a batch may normalise them.
    """
    if b"\r" in data or not any(finding.remedy == "safe" for finding in findings):
        return None
    fixed = fix_file(file.path, data, findings, rules, config, unsafe=False)
    found = _replacement(data, fixed)
    if found is None or file.hunk_of(found.start, found.end) is None:
        return None
    secret = any(
        f.sensitive and f.region.line <= found.end and found.start <= f.region.end_line
        for f in findings
    )
    return None if secret or len(found.lines) > _LONGEST_SUGGESTION else found


def _replacement(data: bytes, fixed: Fixed) -> Suggestion | None:
    """The smallest run of lines that turns the old text into the new one."""
    try:
        old, new = data.decode().split("\n"), fixed.data.decode().split("\n")
    except UnicodeDecodeError:
        return None
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    steps = [step for step in matcher.get_opcodes() if step[0] != "equal"]
    if not steps:
        return None
    (_, first, _, first_new, _), (_, _, last, _, last_new) = steps[0], steps[-1]
    if first == last or new[first_new:last_new] == []:  # an insertion repeats its neighbour
        if first == 0:
            last, last_new = last + 1, last_new + 1
        else:
            first, first_new = first - 1, first_new - 1
    if last > len(old) - (old[-1] == ""):
        return None  # the text behind the final line break is no line of GitHub's
    return Suggestion(
        start=first + 1,
        end=last,
        lines=tuple(new[first_new:last_new]),
        fixes=fixed.applied,
    )
