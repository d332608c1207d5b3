"""The charts of a tree that are judged as rendered: what is known of them before anything runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from bot.model.finding import Finding, Skipped
from bot.model.suppression import Suppression

if TYPE_CHECKING:  # who has no chart pays for none of it
    from bot.engine.helm.judge import ChartReport
    from bot.engine.helm.rendering import ChartSource
    from bot.engine.helm.value_sets import ValueSet

_CHART = "Chart.yaml"
_TOLD = ("no Kubernetes object", "HelmRelease: its chart is not rendered, not judged")


@dataclass(frozen=True, kw_only=True)
class ChartWork:
    """A chart that is to be rendered, and the sets that it is rendered with."""

    source: ChartSource
    sets: tuple[ValueSet, ...]
    needs_helm: bool = True
    """Whether helm renders it: what is known of app-template needs none."""

    @property
    def templates(self) -> frozenset[str]:
        """The templates of the chart and of its sub-charts, by path from the root."""
        from bot.engine.helm.marks import is_template  # noqa: PLC0415  # who has no chart pays not

        charts = [chart for _, chart in self.source.chart.each()]
        return frozenset(
            path
            for path in self.source.files
            if is_template(path) and any(chart.holds(path) for chart in charts)
        )

    @property
    def reads(self) -> frozenset[str]:
        """Files that tell how it is rendered: charts, values, what deploys it."""
        layers = {layer.file for chosen in self.sets for layer in chosen.layers}
        charts = [chart for _, chart in self.source.chart.each()]
        names = (_CHART, "values.yaml", "requirements.yaml", "Chart.lock")
        own = {chart.path(name) for chart in charts for name in names}
        return frozenset(path for path in layers | own if path in self.source.files)


@dataclass(frozen=True, kw_only=True)
class ChartScene:
    """The charts that are rendered; `missing` says which program is not there to do it."""

    works: tuple[ChartWork, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    missing: str | None = None

    @property
    def rendered(self) -> tuple[ChartWork, ...]:
        """The charts that can be rendered here."""
        return tuple(work for work in self.works if self.missing is None or not work.needs_helm)

    @cached_property
    def templates(self) -> frozenset[str]:
        """The files that are judged as rendered, not as they are written."""
        return frozenset(path for work in self.rendered for path in work.templates)

    def tells(self, item: Skipped) -> bool:
        """Whether what is skipped of the plain files is told of as rendered."""
        if item.file in self.templates:
            return True
        return item.file in self.reads and item.reason in _TOLD

    @cached_property
    def reads(self) -> frozenset[str]:
        """The files that tell how charts are rendered."""
        return frozenset(path for work in self.rendered for path in work.reads)


NO_CHARTS = ChartScene()


@dataclass(frozen=True, kw_only=True)
class ChartJudgement:
    """What was found in charts, as it is told: fixes are made by `fix_charts`."""

    findings: tuple[Finding, ...] = ()
    written: tuple[Suppression, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    manifests: int = 0
    workloads: int = 0
    reports: tuple[ChartReport, ...] = field(default=())

    @property
    def sets(self) -> frozenset[tuple[str, str]]:
        """The value sets that could be rendered: the chart's file, and the set's name."""
        return frozenset(
            (report.charts.chart.path(_CHART), output.chosen.name)
            for report in self.reports
            for output in report.outputs
        )

    def among(self, others: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """All findings by place, those of plain files too."""
        return tuple(sorted((*others, *self.findings), key=_place)) if self.findings else others


def _place(finding: Finding) -> tuple[str, int, int, str, str]:
    return finding.file, finding.region.line, finding.region.column, finding.rule, finding.field
