"""Fixes for a pull request whose new lines must repeat no secret that stays in the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from functools import partial
from itertools import groupby

from bot.engine.fix import Fixed, Fixer
from bot.model.finding import Finding

REASON = "not fixed: the new line would repeat a secret that stays on it; move that first"


def fix_quietly(
    fixer: Fixer, path: str, data: bytes, findings: Sequence[Finding], *, unsafe: bool
) -> Fixed:
    """The fixes of a file, without those of containers where they would repeat a secret.

    Scanners, GitHub's push protection among them, look at new lines: one that is only changed
    beside a secret counts as new.
    """

    def fix(some: Sequence[Finding]) -> Fixed:
        return fixer.fix(path, data, some, unsafe=unsafe)

    def repeats(fixed: Fixed) -> bool:
        return _repeats(data, fixed.data, partial(fixer.secret_lines, path))

    fixed = fix(findings)
    if not repeats(fixed):
        return fixed
    ordered = sorted(findings, key=_subject)
    groups = [tuple(group) for _, group in groupby(ordered, key=_subject)]
    kept = [group for group in groups if not repeats(fix(group))]
    fixed = fix([finding for group in kept for finding in group])
    if repeats(fixed):
        fixed, kept = fix(()), []
    left = [(finding, REASON) for group in groups if group not in kept for finding in group]
    return replace(fixed, left=(*fixed.left, *left))


def _subject(finding: Finding) -> tuple[str, int, str, str]:
    return finding.subject


def _repeats(
    before: bytes, after: bytes, secrets: Callable[[bytes], Iterable[tuple[int, int]]]
) -> bool:
    """Whether a new line holds a secret."""
    if before == after:
        return False
    held = {line for first, last in secrets(after) for line in range(first, last + 1)}
    return bool(held and held & _new_lines(before, after))


def _new_lines(before: bytes, after: bytes) -> set[int]:
    old, new = before.split(b"\n"), after.split(b"\n")
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return {
        line + 1
        for kind, _, _, first, last in matcher.get_opcodes()
        if kind != "equal"
        for line in range(first, last)
    }
