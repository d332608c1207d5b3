"""What the rules find in what a chart renders to, each finding once, at the template's line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.engine.check import Checker, view_of
from bot.engine.helm.marks import Origin
from bot.engine.helm.places import placed_by_values
from bot.engine.helm.rendering import ChartSource, NotRendered, Output
from bot.engine.helm.steps import steps
from bot.engine.helm.value_sets import ValueSet
from bot.frozen import frozen
from bot.model.finding import Finding, Region, Skipped
from bot.model.manifest import Manifest
from bot.yamlpatch import Path


@frozen
class ChartFinding:
    """A finding of a chart: as it is told, and as it stands in the text of each set it holds with.

    `sets` are the names of these value sets, in order.
    """

    finding: Finding
    rendered: tuple[Finding, ...]
    sets: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ChartReport:
    """All that is found in one chart, with all its value sets."""

    charts: ChartSource
    outputs: tuple[Output, ...]
    found: tuple[ChartFinding, ...]
    skipped: tuple[Skipped, ...] = ()

    @property
    def workloads(self) -> int:
        """How many workloads the largest set makes."""
        return max((_workloads(one) for one in self.outputs), default=0)


def _workloads(output: Output) -> int:
    return sum(1 for manifest in output.manifests if manifest.pods)


def judge(
    charts: ChartSource, sets: Sequence[ValueSet], checker: Checker, *, complete: bool
) -> ChartReport:
    """Render a chart with all its sets, and judge what that makes. Raises NotInstalled."""
    outputs: list[Output] = []
    skipped = list(_absent(charts))
    for chosen in sets:
        try:
            outputs.append(charts.traced(chosen))
        except NotRendered as refused:
            skipped.append(_not_rendered(charts, chosen, refused.reason))
    found: dict[tuple[str, ...], ChartFinding] = {}
    for output in outputs:
        for raw in findings_of(output, checker, complete=complete):
            told = _told(charts, output, raw)
            key = _key(charts.release(output.chosen), told)
            known = found.get(key)
            name = output.chosen.name
            if known is None:
                found[key] = ChartFinding(finding=told, rendered=(raw,), sets=(name,))
            else:
                names = tuple(dict.fromkeys((*known.sets, name)))
                found[key] = replace(known, rendered=(*known.rendered, raw), sets=names)
    notes = {(item.file, item.reason): item for out in outputs for item in out.skipped}
    skipped += [item for item in notes.values() if item.reason != "no Kubernetes object"]
    return ChartReport(
        charts=charts,
        outputs=tuple(outputs),
        found=tuple(_named(one, outputs) for one in found.values()),
        skipped=(*skipped, *checker.failures()),
    )


def findings_of(output: Output, checker: Checker, *, complete: bool) -> tuple[Finding, ...]:
    """What the rules find in one set, among its own objects, as it stands in the rendered text."""
    return checker.check(output.manifests, view_of(output.manifests, complete=complete))


def _absent(charts: ChartSource) -> Iterable[Skipped]:
    """Sub-charts that are not in the repository."""
    for _, chart in charts.chart.each():
        for one in chart.absent:
            where = f" ({one.repository})" if one.repository else ""
            reason = f"sub-chart {one.name!r}{where} is not in the repository: not judged"
            yield Skipped(file=chart.path("Chart.yaml"), line=1, reason=reason)


def _not_rendered(charts: ChartSource, chosen: ValueSet, reason: str) -> Skipped:
    file = chosen.layers[-1].file if chosen.layers else charts.chart.path("Chart.yaml")
    where = f"chart {charts.chart.name!r} with {chosen.name}"
    return Skipped(file=file, line=1, reason=f"{where} cannot be rendered, not judged: {reason}")


def _told(charts: ChartSource, output: Output, raw: Finding) -> Finding:
    """The finding at the lines of its template; the region of a file that is no text is its top."""
    manifest = manifest_of(output, raw)
    place = origin_of(output, manifest, steps(raw.pointer))
    block = origin_of(output, manifest, _holder(manifest, raw))
    place = place or block
    if place is None and charts.landed is not None:
        return placed_by_values(charts, output, manifest, raw)
    if place is None:
        top = Region(line=1, column=1, end_line=1)
        return replace(raw, region=top, block=top)
    data = charts.files.get(place.file, b"")
    region = _line(data, place.line)
    same = block is not None and block.file == place.file
    start = min(block.line, place.line) if same and block is not None else place.line
    last = _last(output, raw, place.file, start)
    return replace(
        raw,
        file=place.file,
        region=region,
        block=Region(line=start, column=1, end_line=max(last, place.line)),
    )


def _last(output: Output, raw: Finding, file: str, start: int) -> int:
    """The last line of a template that the container's or object's rendered lines come from."""
    lines = range(raw.block.line, raw.block.end_line + 1)
    found = (output.origins.get(line) for line in lines)
    inside = [one.line for one in found if one is not None and one.file == file]
    return max([line for line in inside if line >= start], default=start)


def _line(data: bytes, number: int) -> Region:
    text = data.decode("utf-8", "replace").split("\n")
    line = text[number - 1].rstrip("\r") if number <= len(text) else ""
    start = len(line) - len(line.lstrip())
    return Region(line=number, column=start + 1, end_line=number, end_column=len(line) + 1)


def manifest_of(output: Output, raw: Finding) -> Manifest:
    """The object that a finding of the rendered text speaks of."""
    return next(
        one
        for one in output.manifests
        if one.document == raw.document and one.kind == raw.kind and one.name == raw.name
    )


def _holder(manifest: Manifest, raw: Finding) -> Path:
    """The path of the container that a finding is in; of the object where it is in none."""
    path = steps(raw.pointer)
    if raw.container is not None:
        for depth, step in enumerate(path):
            if isinstance(step, int) and str(path[depth - 1]).lower().endswith("containers"):
                return path[: depth + 1]
    return manifest.base


def origin_of(output: Output, manifest: Manifest, path: Path) -> Origin | None:
    """The template line of a field, or of the deepest step above it that has one."""
    for depth in range(len(path), len(manifest.base) - 1, -1):
        spot, found = manifest.stream.locate(manifest.document, path[:depth])
        if found == depth and (origin := output.origins.get(spot.line)) is not None:
            return origin
    return None


def _key(release: str, told: Finding) -> tuple[str, ...]:
    """What findings of several sets share: the release's own name is not part of it."""
    name = told.name.replace(release, "")
    return told.rule, told.file, told.kind, name, told.container or "", told.field, told.severity


def _named(one: ChartFinding, outputs: Sequence[Output]) -> ChartFinding:
    """The message says the sets, unless it holds with the first one or the only one."""
    if not outputs or outputs[0].chosen.name in one.sets:
        return one
    first, *others = one.sets
    more = f" and {len(others)} more" if others else ""
    message = f"{one.finding.message} (with {first}{more})"
    return replace(one, finding=replace(one.finding, message=message))
