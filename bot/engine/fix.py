"""Fixes to new text, each proved before it is proposed; what is left is said, with its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from bot.config import Config
from bot.engine.attempt import Judge
from bot.engine.check import Checker
from bot.engine.hands_off import NONE, Attributes, why_hands_off
from bot.engine.read import kinds_of
from bot.engine.reliance import Reliance, Round, reliances
from bot.engine.secret_moves import Moves
from bot.engine.trial import Trial
from bot.frozen import frozen
from bot.kubernetes.view import NOTHING, View
from bot.model.finding import Finding
from bot.rule.load import Rules

_ROUNDS = 6
_RENDERED = "not fixed: the file does not show it, only what is rendered of it"


@frozen
class Fixed:
    """A file after its fixes: what was applied, and what was left with the reason."""

    path: str
    data: bytes
    applied: tuple[Finding, ...]
    left: tuple[tuple[Finding, str], ...]
    lessened: tuple[tuple[Finding, Finding], ...] = ()
    """Of what was applied: findings that remain with a lower severity, before and after."""
    find_rests: Callable[[], tuple[Reliance, ...]] = field(default=tuple, compare=False, repr=False)

    @property
    def rests(self) -> tuple[Reliance, ...]:
        """Of what was applied: fixes that cannot stand without others. Tried out when asked for."""
        return self.find_rests()


class Fixer:
    """Fixes file after file under one config. `view` holds the objects of all files.

    `moves` are those of all files; without them each file is by itself. `attributes` say which
    files are generated or vendored.
    """

    def __init__(
        self,
        rules: Rules,
        config: Config,
        view: View = NOTHING,
        moves: Moves | None = None,
        attributes: Attributes = NONE,
    ) -> None:
        self._checker = Checker(rules, config)
        self._kinds = kinds_of(config)
        self._moves = moves
        self._attributes = attributes
        self._view = view.with_more(moves.promised) if moves else view

    def fix(self, path: str, data: bytes, findings: Sequence[Finding], *, unsafe: bool) -> Fixed:
        """Apply the safe fixes of `findings` (and the unsafe ones if asked). Never raises.

        A fix is applied only if it is proved (`bot.engine.trial`); one that fails its proof is
        among what is left, with the reason. What something else writes is left as it is.
        """
        reason = why_hands_off(path, data, self._attributes)
        if reason is not None:
            return _untouched(path, data, findings, reason)
        moves, view = self._moves, self._view
        if moves is None:
            moves = Moves(findings if unsafe else (), view, None)
            view = view.with_more(moves.promised)
        judge = Judge(path, self._checker, self._kinds, view)
        written = [finding for finding in findings if not finding.is_rendered]
        asked = {finding.fingerprint: finding for finding in written}
        work = _Work(data=data)
        todo: Iterable[Finding] = written
        for _ in range(_ROUNDS):  # one fix may make another possible: a user first, then non-root
            wanted = work.sort(map(moves.placed, todo), unsafe=unsafe)
            if not work.round(judge, wanted, asked):
                break
            now = judge.of(work.data).findings
            todo = [_where(f, now[key]) for key, f in asked.items() if key in now]
            todo = [f for f in todo if f.fingerprint not in work.settled]
        return Fixed(
            path=path,
            data=work.data,
            applied=tuple(finding for one in work.rounds for finding in one.done),
            left=(*work.left, *((f, _RENDERED) for f in findings if f.is_rendered)),
            lessened=tuple(work.lessened),
            find_rests=partial(reliances, judge, tuple(work.rounds)),
        )

    def secret_lines(self, path: str, data: bytes) -> Iterator[tuple[int, int]]:
        """The lines, first and last, that hold a secret in a version of a file."""
        found = Judge(path, self._checker, self._kinds, self._view).of(data).findings.values()
        regions = (finding.region for finding in found if finding.sensitive)
        return ((region.line, region.end_line) for region in regions)


def fix_file(
    path: str,
    data: bytes,
    findings: Sequence[Finding],
    rules: Rules,
    config: Config,
    *,
    unsafe: bool,
    view: View = NOTHING,
) -> Fixed:
    """Fix one file: see `Fixer.fix`."""
    return Fixer(rules, config, view).fix(path, data, findings, unsafe=unsafe)


@dataclass(slots=True, kw_only=True)
class _Work:
    """A file on its way, round by round."""

    data: bytes
    rounds: list[Round] = field(default_factory=list)
    left: list[tuple[Finding, str]] = field(default_factory=list)
    lessened: list[tuple[Finding, Finding]] = field(default_factory=list)

    @property
    def settled(self) -> frozenset[str]:
        """The identities of what remains, but less: it is not fixed again."""
        return frozenset(finding.fingerprint for finding, _ in self.lessened)

    def sort(self, todo: Iterable[Finding], *, unsafe: bool) -> list[Finding]:
        """The findings whose fixes are to be applied; the others are left."""
        self.left = []
        wanted: list[Finding] = []
        for finding in todo:
            reason = why_not(finding, unsafe=unsafe)
            if reason is None:
                wanted.append(finding)
            else:
                self.left.append((finding, reason))
        return wanted

    def round(self, judge: Judge, wanted: Sequence[Finding], asked: Mapping[str, Finding]) -> bool:
        """Apply what can be proved; whether that was anything."""
        if not wanted:
            return False
        trial = Trial(judge, self.data, asked.keys())
        trial.search(wanted)
        self.left += [(finding, f"not fixed: {why}") for finding, why in trial.refused]
        self.lessened += trial.lessened
        if trial.done:
            made = Round(data=self.data, done=tuple(trial.done), only_adds=trial.only_adds)
            self.rounds.append(made)
        self.data = trial.result
        return bool(trial.done)


def _where(before: Finding, now: Finding) -> Finding:
    """What is found now, at the lines of the file as it was given."""
    return replace(now, region=before.region, block=before.block)


def _untouched(path: str, data: bytes, findings: Sequence[Finding], reason: str) -> Fixed:
    left = tuple((finding, f"not fixed: {reason}") for finding in findings)
    return Fixed(path=path, data=data, applied=(), left=left)


def why_not(finding: Finding, *, unsafe: bool) -> str | None:
    """Why a finding is not to be fixed; None where it is. `unsafe`: fixes to test first, too."""
    if finding.fix is None:
        return finding.advice or "no fix is known"
    if finding.fix.applicability == "unsafe" and not unsafe:
        return f"test first: {finding.fix.reason}".rstrip(": ")
    return None
