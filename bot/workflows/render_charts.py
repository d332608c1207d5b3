"""The charts that some files reach, with all their value sets: what holds there, what is fixed."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from bot.config import Config
from bot.engine.check import Checker
from bot.engine.helm.app_template import NAME as APP_TEMPLATE
from bot.engine.helm.app_template import landings_of
from bot.engine.helm.app_template import render as render_app_template
from bot.engine.helm.chart import CHART, Chart, charts_of
from bot.engine.helm.judge import ChartFinding, ChartReport, judge
from bot.engine.helm.marks import is_template
from bot.engine.helm.merge import values_of
from bot.engine.helm.rendering import ChartSource, Output
from bot.engine.helm.suppressed import allowed_in
from bot.engine.helm.taint import Landing
from bot.engine.helm.value_sets import described, named_files, value_sets
from bot.engine.read import kinds_of, load
from bot.engine.suppress import peers_of
from bot.kubernetes.workload import dig
from bot.model.files import Files
from bot.model.finding import Finding, Skipped
from bot.model.manifest import Manifest
from bot.ports import ChartRenderer
from bot.rule.load import Rules
from bot.workflows.chart_scene import NO_CHARTS, ChartJudgement, ChartScene, ChartWork

_DEPLOYERS = ("Application", "ApplicationSet", "HelmRelease", "OCIRepository")
_SIGNS = (b"argoproj.io/", b"helm.toolkit.fluxcd.io/", b"source.toolkit.fluxcd.io/")
_WORKLOAD = re.compile(
    rb"^kind: *(?:Pod|Deployment|StatefulSet|DaemonSet|ReplicaSet|Job|CronJob) *$", re.MULTILINE
)
_MOST_READ = 3000
_RELEASE = re.compile(r"release|argo|application|appset|flux", re.IGNORECASE)
_LARGEST = 20_000_000
"""Bytes of all files of one chart with its sub-charts: helm's own bound is five times as much."""


def find_charts(
    files: Files,
    renderer: ChartRenderer,
    reached: Iterable[str],
    config: Config,
    *,
    most_read: int = _MOST_READ,
) -> ChartScene:
    """The charts that any of the files belong to, or deploy.

    Where there are more than `most_read` files, what deploys is looked for by the files' names.
    """
    paths = files.paths()
    folders = {posixpath.dirname(path) for path in paths if posixpath.basename(path) == CHART}
    touched = frozenset(reached)
    looked = (*(paths if _may_reach(files, folders, touched) else ()), *touched)
    deployers = tuple(_deployers(files, may_release(looked, most_read), config))
    if not (folders or deployers):
        return NO_CHARTS
    works = [*_in_tree(files, renderer, folders, deployers, touched, config)]
    works += _described(files, deployers, config)
    found = [work for work in works if _is_reached(work, touched)]
    small = [work for work in found if _size(work) <= _LARGEST]
    large = [work.source.chart for work in found if _size(work) > _LARGEST]
    return ChartScene(
        works=tuple(small),
        skipped=tuple(_too_large(chart) for chart in large),
        missing=renderer.missing() if any(work.needs_helm for work in small) else None,
    )


def _may_reach(files: Files, folders: set[str], touched: Iterable[str]) -> bool:
    """Whether files may belong to charts of the tree: theirs, or values for them elsewhere."""
    if not folders:
        return False
    for path in touched:
        if _is_below(path, folders):
            return True
        data = files.read(path) if path.endswith((".yaml", ".yml")) else None
        if data is not None and (b"apiVersion" not in data or any(s in data for s in _SIGNS)):
            return True
    return False


def _in_tree(
    files: Files,
    renderer: ChartRenderer,
    folders: set[str],
    deployers: Sequence[Manifest],
    touched: frozenset[str],
    config: Config,
) -> Iterator[ChartWork]:
    """The charts of a tree that may be reached; of the others only what they are called is read."""
    below = [path for path in files.paths() if _is_below(path, folders)]
    heads = {path: _head(files, path) for path in below}
    charts = charts_of(heads)
    named = {*named_files(deployers), *(one.file for one in deployers)}
    if touched.isdisjoint(named):
        charts = tuple(chart for chart in charts if _holds(chart, touched))
    wanted = [path for path in below if any(_holds(chart, (path,)) for chart in charts)]
    content = _content(files, (*wanted, *named))
    kinds = kinds_of(config)
    for chart in charts:
        yield ChartWork(
            source=ChartSource(chart, content, renderer.render, kinds),
            sets=value_sets(chart, content, deployers),
        )


def _head(files: Files, path: str) -> bytes:
    """A file that says what a chart is; of another one its name alone matters."""
    is_head = posixpath.basename(path) in (CHART, "requirements.yaml")
    return (files.read(path) or b"") if is_head else b""


def _content(files: Files, paths: Iterable[str]) -> dict[str, bytes]:
    read = ((path, files.read(path)) for path in sorted(set(paths)))
    return {path: data for path, data in read if data is not None}


def _holds(chart: Chart, paths: Iterable[str]) -> bool:
    return any(one.holds(path) for path in paths for _, one in chart.each())


def _described(files: Files, deployers: Sequence[Manifest], config: Config) -> Iterator[ChartWork]:
    """What deploys app-template: its values alone say what pods it makes."""
    kinds = kinds_of(config)
    content = _content(files, (one.file for one in deployers))
    oci = [one for one in deployers if one.kind == "OCIRepository"]
    names = {one.name for one in oci if str(dig(one.data, "spec.url")).endswith(f"/{APP_TEMPLATE}")}
    for one in deployers:
        chosen = described(one, APP_TEMPLATE, names)
        if chosen is not None:
            chart = Chart(folder=f"{one.file}#{one.name}", name=APP_TEMPLATE)
            source = ChartSource(chart, content, render_app_template, kinds, _landed)
            yield ChartWork(source=source, sets=(chosen,), needs_helm=False)


def _landed(charts: ChartSource, output: Output) -> tuple[Landing, ...]:
    return landings_of(values_of(charts.chart, charts.files, output.chosen), output)


def _is_below(path: str, folders: set[str]) -> bool:
    """Whether a file lies in one of the folders, at any depth."""
    folder = posixpath.dirname(path)
    while folder not in folders:
        if not folder:
            return False
        folder = posixpath.dirname(folder)
    return True


def may_release(paths: Collection[str], most_read: int) -> Sequence[str]:
    """The files in which Flux or Argo CD may be told of charts; among many a guess by name."""
    found = {path for path in paths if path.endswith((".yaml", ".yml")) and not is_template(path)}
    if len(found) <= most_read:
        return sorted(found)
    return sorted(path for path in found if _RELEASE.search(path))


def _deployers(files: Files, paths: Iterable[str], config: Config) -> Iterator[Manifest]:
    """The Argo CD and Flux objects of some files that may give values to charts."""
    kinds = kinds_of(config)
    for path in paths:
        data = files.read(path)
        if data is not None and any(sign in data for sign in _SIGNS):
            yield from (one for one in load(path, data, kinds)[0] if one.kind in _DEPLOYERS)


def _is_reached(work: ChartWork, touched: frozenset[str]) -> bool:
    charts = [chart for _, chart in work.source.chart.each()]
    return not touched.isdisjoint(work.reads) or any(
        chart.holds(path) for path in touched for chart in charts
    )


def _size(work: ChartWork) -> int:
    charts = [chart for _, chart in work.source.chart.each()]
    files = work.source.files.items()
    return sum(len(data) for path, data in files if any(chart.holds(path) for chart in charts))


def _too_large(chart: Chart) -> Skipped:
    reason = f"chart {chart.name!r} has more than {_LARGEST // 1_000_000} MB: not judged"
    return Skipped(file=chart.path(CHART), line=1, reason=reason)


def judge_charts(
    scene: ChartScene, rules: Rules, config: Config, *, complete: bool
) -> ChartJudgement:
    """What the rules find in what all charts render to; each finding once, at its template."""
    unjudged = () if scene.missing is None else (_unjudged(scene),)
    checker = Checker(rules, config)
    peers = peers_of(rules)
    reports = [judge(work.source, work.sets, checker, complete=complete) for work in scene.rendered]
    findings = _distinct(_told(one, report) for report in reports for one in report.found)
    said = (
        one for report in reports for output in report.outputs for one in allowed_in(output, peers)
    )
    return ChartJudgement(
        findings=tuple(one for one in findings if config.paths.hold(one.file)),
        written=tuple(dict.fromkeys(said)),
        skipped=(
            *scene.skipped,
            *unjudged,
            *(item for report in reports for item in report.skipped),
        ),
        manifests=sum(max((len(o.manifests) for o in one.outputs), default=0) for one in reports),
        workloads=sum(report.workloads for report in reports),
        reports=tuple(reports),
    )


def _unjudged(scene: ChartScene) -> Skipped:
    """What is not judged for want of the program: said once."""
    works = [work for work in scene.works if work.needs_helm]
    templates = {path: work.source.files[path] for work in works for path in work.templates}
    about = sum(len(_WORKLOAD.findall(data)) for data in templates.values())
    first = min(work.source.chart.path(CHART) for work in works)
    charts = f"{len(works)} chart{'s' if len(works) != 1 else ''}"
    number = f"{about} workloads in the templates of {charts} not judged"
    return Skipped(file=first, line=1, reason=f"{scene.missing}: about {number}")


def _told(found: ChartFinding, report: ChartReport) -> Finding:
    """The finding without its fix: what that changes is the rendered text, which nobody edits."""
    finding = found.finding
    advice = finding.advice
    if advice is None and finding.fix is not None:
        advice = f"{finding.fix.title}: podsec fix does it in the chart, where rendering proves it"
    return replace(
        finding,
        fix=None,
        stored_remedy=finding.fix.applicability if finding.fix is not None else None,
        advice=advice,
        chart=report.charts.chart.path(CHART),
        sets=found.sets,
    )


def _distinct(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each identity once: two charts may bring the same sub-chart."""
    found: dict[str, Finding] = {}
    for one in findings:
        found.setdefault(one.fingerprint, one)
    return tuple(found.values())
