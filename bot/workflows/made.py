"""What kustomizations and charts make, object by object, to be compared with another state."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.engine.cluster_change import Made
from bot.engine.helm.judge import ChartReport
from bot.engine.helm.rendering import Output
from bot.model.manifest import Manifest
from bot.workflows.chart_scene import ChartJudgement
from bot.workflows.render_roots import Scene
from bot.yamlpatch import Path

_BY_CHANCE = re.compile(
    rb"\b(?:rand(?:Alpha|Num|Ascii|Int|Bytes)|gen(?:CA|SelfSigned|Signed|PrivateKey)|uuidv4"
    rb"|htpasswd|bcrypt|now|derivePassword|encryptAES)"
)
_CHANCE = "(made by chance)"


def made_by(scene: Scene, charts: ChartJudgement) -> Iterator[Made]:
    """The objects of all roots of a scene; what a chart makes by chance is no difference."""
    for rendering in scene.renderings:
        for one in rendering.objects:
            yield Made(root=rendering.root.name, manifest=one.manifest)
    for report in charts.reports:
        chance = _has_chance(report)
        for output in report.outputs:
            root = f"{report.charts.chart.folder or '.'} ({output.chosen.name})"
            for manifest in output.manifests:
                steady = _steady(report, output, manifest) if chance else manifest
                yield Made(root=root, manifest=steady)


def _has_chance(report: ChartReport) -> bool:
    charts = [chart for _, chart in report.charts.chart.each()]
    return any(
        _BY_CHANCE.search(data)
        for path, data in report.charts.files.items()
        if any(chart.holds(path) for chart in charts)
    )


def _steady(report: ChartReport, output: Output, manifest: Manifest) -> Manifest:
    """The object in which what is other each time says so."""
    data: Any = manifest.data
    for file, kind, name, path in report.charts.volatile(output.chosen):
        if (file, kind, name) == (manifest.file, manifest.kind, manifest.name):
            data = _with(data, path)
    return manifest if data is manifest.data else replace(manifest, data=data)


def _with(data: Any, path: Path) -> Any:
    if not path:
        return _CHANCE
    if not isinstance(data, Mapping) or path[0] not in data:
        return data
    return {**data, path[0]: _with(data[path[0]], path[1:])}
