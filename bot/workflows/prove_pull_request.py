"""The fixes of a pull request that reaches kustomizations: only those that rendering proves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.engine.fix import Fixed, Fixer
from bot.engine.hands_off import read_attributes
from bot.engine.plan import repair, wanted_of
from bot.engine.quiet import fix_quietly
from bot.frozen import frozen
from bot.kubernetes.view import View
from bot.model.change import ChangeSet
from bot.model.finding import Finding, Label, Report
from bot.model.plan import Repair
from bot.workflows.check_path import Asked
from bot.workflows.fix_charts import charts_fixed
from bot.workflows.fix_rendered import Terms, fix_rendered
from bot.workflows.render_change import Programs, Scenes

_ELSEWHERE = "/podsec fix writes it where it is decided, and proves it by rendering"


@frozen
class Bench:
    """What fixes of one pull request are tried on."""

    changes: ChangeSet
    scenes: Scenes
    asked: Asked
    view: View
    programs: Programs

    def fixer(self) -> Fixer:
        """What fixes sources by themselves."""
        asked = self._asked()
        return Fixer(asked.rules, asked.config, self.view, attributes=asked.attributes)

    def _asked(self) -> Asked:
        """What is asked, with what the checkout says of generated files."""
        attributes = read_attributes(self.scenes.after.files.read(".gitattributes"))
        return replace(self.asked, attributes=attributes)

    def prove(self, findings: Sequence[Finding], *, unsafe: bool, asks: bool) -> list[Fixed]:
        """The files with what of the fixes rendering proves; with `asks` in sources alone."""
        fixer = self.fixer()
        terms = Terms(
            asked=self._asked(),
            fixer=fixer,
            renderer=self.programs.kustomize,
            view=self.view,
            unsafe=unsafe,
            asks=asks,
        )
        bases: list[Fixed] = []
        for file in self.changes.files:
            found = [one for one in findings if one.file == file.path and one.chart is None]
            if found and file.data is not None:
                bases.append(fix_quietly(fixer, file.path, file.data, found, unsafe=unsafe))
        return list(fix_rendered(bases, findings, self.changes, self.scenes.after, terms))


def with_proved_fixes(report: Report, bench: Bench) -> Report:
    """The report in which what is rendered keeps the safe fixes that rendering proves, no other."""
    if bench.scenes.is_plain:
        return report
    safe = [one for one in wanted_of(report, unsafe=False) if one.roots and one.remedy == "safe"]
    written = [one for one in safe if not one.is_rendered]
    fixed = bench.prove(written, unsafe=False, asks=True) if written else []
    proved = {one.fingerprint for file in fixed for one in file.applied}
    reasons = {one.fingerprint: why for file in fixed for one, why in file.left}
    doubtful = {one.fingerprint for one in safe} - proved
    labels = tuple(
        _advised(label, reasons) if label.finding.fingerprint in doubtful else label
        for label in report.labels
    )
    return replace(report, labels=labels)


def _advised(label: Label, reasons: dict[str, str]) -> Label:
    found = label.finding
    advice = _ELSEWHERE if found.is_rendered else reasons.get(found.fingerprint, _ELSEWHERE)
    return replace(label, finding=replace(found, fix=None, advice=advice))


def repaired(report: Report, bench: Bench, *, unsafe: bool) -> Repair:
    """The files with the fixes of what the change introduced: `plan.repair`, proved where rendered.

    A fix may write a file that the change does not hold: a base, a patch, a kustomization.
    """
    if bench.scenes.is_plain:
        return repair(report, bench.changes, bench.fixer(), unsafe=unsafe)
    wanted = wanted_of(report, unsafe=unsafe)
    charts = bench.scenes.after.charts
    fixed = [
        *bench.prove(wanted, unsafe=unsafe, asks=False),
        *charts_fixed(charts, wanted, bench.asked, unsafe=unsafe),
    ]
    before = {file.path: file.data for file in bench.changes.files}
    return Repair(
        files={one.path: one.data for one in fixed if one.data != before.get(one.path)},
        applied=tuple(finding for one in fixed for finding in one.applied),
        left=tuple(pair for one in fixed for pair in one.left),
    )
