"""Fixes of a chart: what the engine would do to its objects, done to its sources and proved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from bot.config import Config
from bot.engine.check import Checker
from bot.engine.helm.intent import Intentions, Wanted
from bot.engine.helm.judge import ChartFinding, ChartReport, judge
from bot.engine.helm.plan import MayEdit, Planner
from bot.engine.helm.proof import Blamed, Leaf, Proof, demand_done, leaves_of
from bot.engine.helm.rendering import ChartSource, NotRendered, Output
from bot.engine.helm.taint import Landing, landings
from bot.frozen import frozen
from bot.model.finding import Finding
from bot.rule.load import Rules
from bot.yamlpatch import Refused

_ROUNDS = 3
_MOST_PROOFS = 12
"""Proofs that one chart is worth; a proof renders every set."""
_Key = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ChartFixed:
    """A chart after its fixes: the files that changed, what is gone, and what is left and why."""

    files: Mapping[str, bytes]
    applied: tuple[Finding, ...]
    left: tuple[tuple[Finding, str], ...]
    after: ChartReport


@dataclass(slots=True, kw_only=True)
class _Work:
    """A chart on its way."""

    charts: ChartSource
    outputs: Sequence[Output]
    others: Sequence[ChartReport] = ()
    files: dict[str, bytes] = field(default_factory=dict)
    reasons: dict[_Key, str] = field(default_factory=dict)
    proofs: int = 0


@frozen
class _Piece:
    """Findings of one object that are fixed together."""

    number: int
    findings: tuple[Finding, ...]


class ChartFixer:
    """Fixes chart after chart under one config."""

    def __init__(
        self,
        rules: Rules,
        config: Config,
        *,
        complete: bool,
        unsafe: bool = False,
        may_edit: MayEdit = lambda _path, _data: True,
    ) -> None:
        """`may_edit` says whether a file is the installation's to edit."""
        self._may_edit = may_edit
        self._rules, self._config = rules, config
        self._complete, self._unsafe = complete, unsafe
        self._checker = Checker(rules, config)

    def fix(
        self,
        report: ChartReport,
        only: Iterable[str] | None = None,
        others: Sequence[ChartReport] = (),
    ) -> ChartFixed:
        """Fix a chart; `only` are the fingerprints of findings that are asked for, else all.

        `others` are charts of the repository that an edit of this one may change too.

        What the safe fixes (and the unsafe ones if asked) make of its objects is done by values
        where they reach, else by template; what cannot be proved is among what is left.
        """
        shared = [other for other in others if _share(report, other)]
        work = _Work(charts=report.charts, outputs=report.outputs, others=shared)
        wanted = frozenset(only) if only is not None else None
        asked = [one for one in report.found if wanted is None or one.finding.fingerprint in wanted]
        keys = {key for one in asked for key in _keys(one)}
        for _ in range(_ROUNDS):  # one fix may make another possible
            before = dict(work.files)
            for number in range(len(report.outputs)):
                self._fix_set(work, number, keys)
            if work.files == before:
                break
        sets = [output.chosen for output in report.outputs]
        after = judge(work.charts, sets, self._checker, complete=self._complete)
        remains = {key for one in after.found for key in _keys(one)}
        applied = tuple(one.finding for one in asked if remains.isdisjoint(_keys(one)))
        left = tuple(
            (one.finding, _why(work, _keys(one)))
            for one in asked
            if not remains.isdisjoint(_keys(one))
        )
        return ChartFixed(files=work.files, applied=applied, left=left, after=after)

    def renewed(self, report: ChartReport, files: Mapping[str, bytes]) -> ChartReport:
        """A chart's report after an edit of files; the same one if none of them is the chart's."""
        known = report.charts.files
        charts = [chart for _, chart in report.charts.chart.each()]
        touched = {path: data for path, data in files.items() if known.get(path) != data}
        if not any(chart.holds(path) for path in touched for chart in charts):
            return report
        sets = [output.chosen for output in report.outputs]
        changed = report.charts.changed(touched)
        return judge(changed, sets, self._checker, complete=self._complete)

    def _fix_set(self, work: _Work, number: int, asked: set[_Key]) -> None:
        """Fix what one set shows."""
        output = work.charts.traced(work.outputs[number].chosen)
        intentions = Intentions(
            output, self._rules, self._config, complete=self._complete, unsafe=self._unsafe
        )
        if not intentions.is_whole:
            return
        pieces = list(self._pieces(work, intentions, output, asked))
        if not pieces:
            return
        landed = self._landings(work.charts, output)
        planner = Planner(work.charts, output, landed, self._may_edit)
        search = _Search(work, intentions, planner, self._proof(work))
        search.run([good for piece in pieces for good in search.planned(piece)])

    def _proof(self, work: _Work) -> Proof:
        return Proof(
            before=work.charts,
            outputs=work.outputs,
            checker=self._checker,
            complete=self._complete,
            others=[_changed(other, work.files) for other in work.others],
        )

    @staticmethod
    def _landings(charts: ChartSource, output: Output) -> tuple[Landing, ...]:
        if charts.landed is not None:
            return charts.landed(charts, output)
        try:
            return landings(charts, output.chosen)
        except NotRendered:
            return ()

    def _pieces(
        self, work: _Work, intentions: Intentions, output: Output, asked: set[_Key]
    ) -> Iterable[_Piece]:
        """What is to be fixed, a container or an object at a time."""
        fixable: list[tuple[int, Finding]] = []
        for number, finding in intentions.findings():
            file = output.manifests[number].file
            key = _key_in(file, finding)
            if key not in asked:
                continue
            reason = intentions.why_not(finding)
            if reason is None:
                fixable.append((number, finding))
            else:
                work.reasons.setdefault(key, reason)
        fixable.sort(key=_place)
        for (number, _), group in groupby(fixable, key=lambda one: (one[0], one[1].container)):
            yield _Piece(number=number, findings=tuple(finding for _, finding in group))


class _Search:
    """As many pieces as can be planned, then as many as can be proved together."""

    def __init__(self, work: _Work, intentions: Intentions, planner: Planner, proof: Proof) -> None:
        self._work, self._intentions = work, intentions
        self._planner, self._proof = planner, proof
        self._allowed: frozenset[Leaf] = frozenset()
        """What any piece makes of its object: one value may feed several of them."""

    def planned(self, piece: _Piece) -> list[_Piece]:
        """The piece, or of it what can be planned finding by finding."""
        reason = self._unplannable(piece)
        if reason is None:
            return [piece]
        if len(piece.findings) == 1:
            self._refuse(piece, reason)
            return []
        singles = [_Piece(number=piece.number, findings=(one,)) for one in piece.findings]
        kept = [one for single in singles for one in self.planned(single)]
        together = _Piece(
            number=piece.number, findings=tuple(f for one in kept for f in one.findings)
        )
        return [together] if kept and self._unplannable(together) is None else kept

    def _unplannable(self, piece: _Piece) -> str | None:
        try:
            self._planner.files(self._wanted([piece]))
        except Refused as refused:
            return refused.reason
        return None

    def _wanted(self, pieces: Sequence[_Piece]) -> list[Wanted]:
        """What the pieces make of their objects. Raises Refused."""
        found: list[Wanted] = []
        ordered = sorted(pieces, key=lambda piece: piece.number)
        for number, group in groupby(ordered, key=lambda piece: piece.number):
            findings = [finding for piece in group for finding in piece.findings]
            wanted = self._intentions.wanted(number, findings)
            if wanted is None:
                raise Refused("its fix cannot be proved on the rendered object")
            found.append(wanted)
        return found

    def run(self, pieces: Sequence[_Piece]) -> None:
        """Apply what can be proved, by halves; what is applied is the ground for nothing more.

        All pieces that were proved are planned anew with each that is added.
        """
        if pieces:
            self._allowed = self._leaves(self._wanted(pieces))
        done: list[_Piece] = []
        todo = [list(pieces)] if pieces else []
        while todo:
            some = todo.pop(0)
            try:
                self._apply([*done, *some])
                done += some
            except Refused as refused:
                parts = self._parts(some, refused)
                if len(parts) == 1 or self._work.proofs >= _MOST_PROOFS:
                    for piece in some:
                        self._refuse(piece, refused.reason)
                else:
                    todo = [*parts, *todo]

    def _parts(self, pieces: list[_Piece], refused: Refused) -> list[list[_Piece]]:
        """Those of other objects than the one to blame, then the rest; else two halves.

        Of one piece its findings; one finding is one part.
        """
        if len(pieces) == 1:
            (piece,) = pieces
            return [[_Piece(number=piece.number, findings=(one,))] for one in piece.findings]
        if isinstance(refused, Blamed):
            blamed = [piece for piece in pieces if self._object(piece) == refused.object]
            if 0 < len(blamed) < len(pieces):
                return [[piece for piece in pieces if piece not in blamed], blamed]
        middle = len(pieces) // 2
        return [pieces[:middle], pieces[middle:]]

    def _object(self, piece: _Piece) -> tuple[str, str, str]:
        manifest = self._intentions.output.manifests[piece.number]
        return manifest.file, manifest.kind, manifest.name

    def _apply(self, pieces: Sequence[_Piece]) -> None:
        wanted = self._wanted(pieces)
        files = self._planner.files(wanted)
        allowed = self._allowed | self._leaves(wanted)
        self._work.proofs += 1
        outputs = self._proof.prove(files, allowed)
        demand_done(outputs, self._intentions.output, wanted)
        self._work.outputs = outputs
        self._work.files.update(files)
        self._work.charts = self._proof.before.changed(files)

    def _leaves(self, wanted: Iterable[Wanted]) -> frozenset[Leaf]:
        charts, output = self._proof.before, self._intentions.output
        return frozenset(leaf for one in wanted for leaf in leaves_of(charts, output, one))

    def _refuse(self, piece: _Piece, reason: str) -> None:
        file = self._intentions.output.manifests[piece.number].file
        for finding in piece.findings:
            self._work.reasons.setdefault(_key_in(file, finding), f"not fixed: {reason}")


def _share(one: ChartReport, other: ChartReport) -> bool:
    """Whether two charts are made of files of one folder."""
    mine = {chart.folder for _, chart in one.charts.chart.each()}
    return any(chart.folder in mine for _, chart in other.charts.chart.each())


def _changed(
    other: ChartReport, files: Mapping[str, bytes]
) -> tuple[ChartSource, tuple[Output, ...]]:
    """A chart after what was proved so far."""
    charts = other.charts.changed(files)
    return charts, tuple(charts.output(one.chosen) for one in other.outputs)


def _place(one: tuple[int, Finding]) -> tuple[int, str]:
    return one[0], one[1].container or ""


def _keys(one: ChartFinding) -> tuple[_Key, ...]:
    return tuple(_key_in(raw.file, raw) for raw in one.rendered)


def _why(work: _Work, keys: Iterable[_Key]) -> str:
    """The first reason that is known for any of the sets."""
    known = (work.reasons[key] for key in keys if key in work.reasons)
    return next(known, "no fix of it could be proved")


def _key_in(file: str, finding: Finding) -> _Key:
    one = finding
    return one.rule, file, one.kind, one.name, one.container or "", one.field, one.severity
