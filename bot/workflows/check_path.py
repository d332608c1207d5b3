"""The command line's check: the same engine as in a pull request."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from bot.config import Config
from bot.engine.check import Checker, informed_view_of, objects_of, view_of
from bot.engine.hands_off import NONE, Attributes
from bot.engine.read import kinds_of, load, without_patches, without_schema
from bot.engine.suppress import Allowance, peers_of, written
from bot.engine.triage import triage
from bot.frozen import frozen
from bot.kubernetes.build_file import BuildFile, is_build_file
from bot.kubernetes.evidence import Evidence
from bot.kubernetes.view import View
from bot.model.change import ChangeSet
from bot.model.finding import Report, Skipped
from bot.model.judgement import Judgement
from bot.model.manifest import Manifest
from bot.rule.load import Rules
from bot.workflows.chart_scene import ChartJudgement
from bot.workflows.render_roots import PLAIN, Scene

if TYPE_CHECKING:
    from bot.engine.baseline import Baseline
    from bot.model.image_config import ImageConfig
    from bot.model.vulnerability import ImageReport


@frozen
class Asked:
    """What a check is asked, beside the files: the rules and their config, the day, the scope.

    `is_complete`: the files are all of a directory, so that what is absent is absent. `sees_all`:
    they are all that the config speaks of, so that its entries may be unused. `is_informed`:
    fixes are wanted, which rest on all files; what is remembered of a file rests on it alone.
    `reports` tell what images say of themselves.
    """

    rules: Rules
    config: Config
    today: date
    is_complete: bool = False
    sees_all: bool = False
    is_informed: bool = False
    baseline: Baseline | None = None
    reports: tuple[ImageReport, ...] = ()
    attributes: Attributes = NONE
    """Which files .gitattributes calls generated or vendored: no fix touches them."""

    def allowance(self) -> Allowance:
        """What decides on suppressions; a rule that asks for all objects judged nothing without."""
        return Allowance(
            today=self.today,
            known={rule.id for rule in self.rules},
            ran={
                rule.id
                for rule in self.rules.select(self.config)
                if self.is_complete or rule.confirm is None
            },
            configured=self.config.suppressions,
            enforced=self.config.enforced,
            is_complete=self.sees_all,
        )


def check_files(changes: ChangeSet, asked: Asked, scene: Scene = PLAIN) -> tuple[Report, View]:
    """Judge all files of a change, and compare with the baseline if there is one.

    What the scene renders is judged as rendered. The view holds the objects of all files as they
    are written: a fix is proved among them.
    """
    judged, view = judge_files(changes, asked, scene)
    if asked.baseline is None:
        return triage(judged, changes, asked.allowance()), view
    from bot.engine.baseline import against  # noqa: PLC0415  # only who has one pays for it

    files = {file.path for file in changes.files} - {item.file for item in judged.skipped}
    comparison = against(asked.baseline, judged.findings, asked.rules, asked.config, files)
    return triage(judged, changes, asked.allowance(), comparison), view


def judge_files(changes: ChangeSet, asked: Asked, scene: Scene) -> tuple[Judgement, View]:
    """All that is found in the files, before suppressions and comparison."""
    kinds = kinds_of(asked.config)
    loaded = [load(file.path, file.data, kinds) for file in changes.files if file.data is not None]
    templates = scene.charts.templates
    manifests, patches = without_patches(
        one for found, _ in loaded for one in found if one.file not in templates
    )
    view = _view(manifests, changes, asked)
    checker = Checker(asked.rules, asked.config)
    if scene.renderings:
        from bot.workflows.judge_rendered import by_rendering  # noqa: PLC0415  # as below

        informed = checker.knowing(view.evidence)
        found, complete = informed.found(manifests), asked.is_complete
        findings = by_rendering(informed, found, manifests, scene, complete=complete)
    else:
        findings = checker.check(manifests, view)
    skipped = (*patches, *(item for _, items in loaded for item in items), *checker.failures())
    charts = judged_charts(scene, asked)
    judged = Judgement(
        findings=charts.among(findings),
        written=(*written(manifests, peers_of(asked.rules)), *charts.written),
        skipped=(*unread(changes), *_told(scene, skipped, manifests), *charts.skipped),
        files=sum(1 for file in changes.files if file.data is not None),
        manifests=len(manifests) + charts.manifests,
        workloads=sum(1 for manifest in manifests if manifest.pods) + charts.workloads,
        without_schema=without_schema(manifests, asked.config.kubernetes_version),
    )
    return judged, view


def _told(
    scene: Scene, skipped: Sequence[Skipped], manifests: Sequence[Manifest]
) -> Iterable[Skipped]:
    """What of the skipped is to be told, now that some of it was rendered."""
    if scene.is_plain:
        return skipped
    from bot.workflows.judge_rendered import said  # noqa: PLC0415  # who renders pays for it

    return said(scene, skipped, manifests)


def evidence_of(changes: ChangeSet, asked: Asked) -> Evidence | None:
    """What fixes of a change may rest on: its files as they are after it, read when asked for."""
    if not asked.is_informed:
        return None
    kinds = kinds_of(asked.config)

    def manifests() -> Iterator[Manifest]:
        for file in changes.files:
            if file.data is not None:
                yield from load(file.path, file.data, kinds)[0]

    return Evidence(
        lambda: objects_of(manifests()),
        files=build_files(changes),
        configs=_configs(manifests(), asked),
    )


def judged_charts(scene: Scene, asked: Asked) -> ChartJudgement:
    """What is found in the charts of a scene; who has none does not load what renders them."""
    if not (scene.charts.works or scene.charts.skipped):
        return ChartJudgement()
    from bot.workflows.render_charts import judge_charts  # noqa: PLC0415  # see above

    return judge_charts(scene.charts, asked.rules, asked.config, complete=asked.is_complete)


def _view(manifests: Sequence[Manifest], changes: ChangeSet, asked: Asked) -> View:
    """The objects of the files, and for fixes what these may rest on."""
    if not asked.is_informed:
        return view_of(manifests, complete=asked.is_complete)
    return informed_view_of(
        manifests,
        complete=asked.is_complete,
        files=build_files(changes),
        configs=_configs(manifests, asked),
    )


def _configs(manifests: Iterable[Manifest], asked: Asked) -> Mapping[str, ImageConfig]:
    """What images say of themselves, by the reference that manifests write."""
    if not asked.reports:
        return {}
    from bot.engine.given_reports import configs_of  # noqa: PLC0415  # only who has some pays

    return configs_of(manifests, asked.reports)


def build_files(changes: ChangeSet) -> tuple[BuildFile, ...]:
    """The files of a change that tell how images are built."""
    return tuple(
        BuildFile(path=file.path, text=file.data.decode("utf-8", "replace"))
        for file in (*changes.builds, *changes.files)
        if file.data is not None and is_build_file(file.path.rpartition("/")[2])
    )


def unread(changes: ChangeSet) -> tuple[Skipped, ...]:
    """The files that could not be read, with the reason."""
    return tuple(
        Skipped(file=file.path, line=1, reason=file.unread)
        for file in changes.files
        if file.unread is not None
    )


def only(report: Report, rules: Collection[str]) -> Report:
    """The report of some rules alone."""
    labels = tuple(label for label in report.labels if label.finding.rule in rules)
    return replace(report, labels=labels)
