"""Fixes of charts, file by file as people are told of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bot.engine.fix import Fixed
from bot.engine.hands_off import why_hands_off
from bot.engine.helm.judge import ChartReport
from bot.engine.helm.marks import is_template
from bot.engine.helm.mend import ChartFixed, ChartFixer
from bot.model.files import Files
from bot.model.finding import Finding
from bot.workflows.chart_scene import ChartScene
from bot.workflows.check_path import Asked
from bot.workflows.render_charts import judge_charts

_NOT_ASKED = "in a chart: podsec fix without --interactive proves its fixes together"


def charts_fixed(
    scene: ChartScene, findings: Iterable[Finding], asked: Asked, *, unsafe: bool
) -> Iterator[Fixed]:
    """The files of a scene's charts with what of the findings' fixes rendering proves."""
    wanted = [finding for finding in findings if finding.chart is not None]
    if not wanted:
        return iter(())

    def may_edit(path: str, data: bytes) -> bool:
        held = asked.config.paths.hold(path)
        return held and why_hands_off(path, data, asked.attributes) is None

    judged = judge_charts(scene, asked.rules, asked.config, complete=asked.is_complete)
    fixer = ChartFixer(
        asked.rules, asked.config, complete=asked.is_complete, unsafe=unsafe, may_edit=may_edit
    )
    return fix_charts(judged.reports, wanted, fixer)


def charts_left(findings: Iterable[Finding], files: Files) -> Iterator[Fixed]:
    """The findings of charts where somebody is asked fix by fix: they are proved together."""
    left: dict[str, list[tuple[Finding, str]]] = {}
    for finding in findings:
        if finding.chart is not None:
            left.setdefault(finding.file, []).append((finding, _NOT_ASKED))
    for path, found in sorted(left.items()):
        yield Fixed(path=path, data=files.read(path) or b"", applied=(), left=tuple(found))


def fix_charts(
    reports: Sequence[ChartReport], findings: Iterable[Finding], fixer: ChartFixer
) -> Iterator[Fixed]:
    """The files with what of the findings' fixes is proved, chart by chart.

    A chart that shares files with one before is fixed as that one left them.
    """
    asked = frozenset(finding.fingerprint for finding in findings)
    known = list(reports)
    done: list[ChartFixed] = []
    for index in range(len(known)):
        others = [other for number, other in enumerate(known) if number != index]
        fixed = fixer.fix(known[index], asked, others)
        done.append(fixed)
        if fixed.files:
            known = [fixer.renewed(report, fixed.files) for report in known]
    yield from _by_file(done)


def _by_file(done: Sequence[ChartFixed]) -> Iterator[Fixed]:
    data: dict[str, bytes] = {}
    applied: dict[str, dict[str, Finding]] = {}
    left: dict[str, dict[str, tuple[Finding, str]]] = {}
    for fixed in done:
        data |= fixed.files
        for finding in fixed.applied:
            path = _edited(finding, fixed.files)
            applied.setdefault(path, {})[finding.fingerprint] = finding
        for finding, why in fixed.left:
            left.setdefault(finding.file, {})[finding.fingerprint] = finding, why
            if (known := fixed.after.charts.files.get(finding.file)) is not None:
                data.setdefault(finding.file, known)
    gone = {print_ for found in applied.values() for print_ in found}
    for path in sorted(data):
        yield Fixed(
            path=path,
            data=data[path],
            applied=tuple(applied.get(path, {}).values()),
            left=tuple(one for key, one in left.get(path, {}).items() if key not in gone),
        )


def _edited(finding: Finding, files: Mapping[str, bytes]) -> str:
    """The file that a fix is told under: its template, else values that reach it."""
    if finding.file in files or not files:
        return finding.file
    return next((path for path in sorted(files) if not is_template(path)), min(files))
