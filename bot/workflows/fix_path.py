"""The command line's fixes: all of a file at once, or a container at a time for who is asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Literal

from bot.engine.fix import Fixed, Fixer
from bot.engine.packed import packed, unpacked
from bot.engine.secret_moves import Moves
from bot.frozen import frozen
from bot.kubernetes.view import View
from bot.model.change import ChangeSet
from bot.model.finding import Finding, Report
from bot.workflows.check_path import Asked
from bot.workflows.spread import spread

Answer = Literal["yes", "no", "all", "quit"]


@frozen
class Offer:
    """The proved fixes of one container, or of an object: the file without and with them.

    `given` is the file before any fix: what is known of its lines speaks of that.
    """

    path: str
    given: bytes
    before: bytes
    after: bytes
    findings: tuple[Finding, ...]


Ask = Callable[[Offer], Answer]


def fix_files(
    changes: ChangeSet, report: Report, asked: Asked, view: View, moves: Moves, *, unsafe: bool
) -> Iterator[Fixed]:
    """The files with their fixes, one by one; `view` is what the check saw.

    `moves` are those of the whole report: equal secrets share a key, in whatever file.
    """
    fixer = Fixer(asked.rules, asked.config, view, moves, asked.attributes)
    work = list(_files(changes, report))
    sent = spread(lambda one: packed(fixer.fix(*one, unsafe=unsafe), one[2]), work)
    yield from (unpacked(one, found) for one, (_, _, found) in zip(sent, work, strict=True))


def fix_asking(
    changes: ChangeSet,
    report: Report,
    asked: Asked,
    view: View,
    moves: Moves,
    ask: Ask,
    *,
    unsafe: bool,
) -> Iterator[Fixed]:
    """The files with the fixes that `ask` says yes to; what it declines is left, and said."""
    fixer = Fixer(asked.rules, asked.config, view, moves, asked.attributes)
    conversation = _Conversation(fixer, ask, unsafe=unsafe)
    for path, data, found in _files(changes, report):
        yield conversation.fix(path, data, found)


def _files(changes: ChangeSet, report: Report) -> Iterator[tuple[str, bytes, list[Finding]]]:
    by_file: dict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        if finding.chart is not None:
            continue  # nobody edits what is rendered: see `bot.workflows.fix_charts`
        by_file[finding.file].append(finding)
    for file in changes.files:
        found = by_file.get(file.path)
        if found and file.data is not None:
            yield file.path, file.data, found


class _Conversation:
    """One question a container, until somebody says all or quit."""

    def __init__(self, fixer: Fixer, ask: Ask, *, unsafe: bool) -> None:
        self._fixer, self._ask, self._unsafe = fixer, ask, unsafe
        self._standing: Answer | None = None

    def fix(self, path: str, data: bytes, findings: Sequence[Finding]) -> Fixed:
        """A file with what was said yes to, and nothing that was not shown."""
        now = Fixed(path=path, data=data, applied=(), left=())
        taken: list[Finding] = []
        left: list[tuple[Finding, str]] = []
        for _, group in groupby(sorted(findings, key=_subject), key=_subject):
            offered = tuple(group)
            tried = self._fixer.fix(path, data, [*taken, *offered], unsafe=self._unsafe)
            done = {finding.fingerprint for finding in tried.applied}
            news = [finding for finding in offered if finding.fingerprint in done]
            clash = any(finding.fingerprint not in done for finding in taken)
            reason = self._declined(data, now, tried, news, clash=clash)
            if reason is None:
                now, taken = tried, [*taken, *news]
            else:
                left += [(finding, reason) for finding in news]
            whys = {finding.fingerprint: (finding, why) for finding, why in tried.left}
            left += [whys[one.fingerprint] for one in offered if one.fingerprint in whys]
        return replace(now, left=tuple(left))

    def _declined(
        self, given: bytes, now: Fixed, tried: Fixed, news: Sequence[Finding], *, clash: bool
    ) -> str | None:
        """Why these fixes are not made; None where they are."""
        if clash:
            return "not fixed: it does not go together with the fixes that were taken before"
        if news and self._standing is None:
            answer = self._ask(
                Offer(
                    path=now.path,
                    given=given,
                    before=now.data,
                    after=tried.data,
                    findings=tuple(news),
                )
            )
            if answer in ("all", "quit"):
                self._standing = answer
            return "declined" if answer == "no" else self._stopped()
        return self._stopped()

    def _stopped(self) -> str | None:
        return "not asked: you quit" if self._standing == "quit" else None


def _subject(finding: Finding) -> tuple[int, int, tuple[str, int, str, str]]:
    return finding.document, finding.block.line, finding.subject
