"""Findings at the lines of values: for charts whose templates are not in the repository."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.engine.helm.rendering import ChartSource, Output
from bot.engine.helm.steps import steps
from bot.engine.helm.value_sets import Layer
from bot.model.finding import Finding, Region
from bot.model.manifest import Manifest
from bot.yamlpatch import Path, Stream, Unreadable, read


def placed_by_values(
    charts: ChartSource, output: Output, manifest: Manifest, raw: Finding
) -> Finding:
    """The finding where the values say its field, or what holds it; its block is the container."""
    layer = output.chosen.layers[-1]
    top = Region(line=1, column=1, end_line=1)
    try:
        stream = read(charts.files[layer.file])
    except (KeyError, Unreadable):
        return replace(raw, file=layer.file, region=top, block=top)
    path = steps(raw.pointer)[len(manifest.base) :]
    place = _values_path(charts, output, manifest, path)
    holder = _values_path(charts, output, manifest, _container(path) or path[:0])
    return replace(
        raw,
        file=layer.file,
        region=_region(stream, layer, place),
        block=replace(_region(stream, layer, holder), end_column=None),
    )


def _values_path(charts: ChartSource, output: Output, manifest: Manifest, path: Path) -> Path:
    """Where in the values a field of an object is said."""
    assert charts.landed is not None
    what = manifest.file, manifest.kind, manifest.name
    above = [
        one
        for one in charts.landed(charts, output)
        if one.object == what and path[: len(one.path)] == one.path
    ]
    if not above:
        return ()
    nearest = max(above, key=lambda one: len(one.path))
    return (*nearest.values, *path[len(nearest.path) :])


def _container(path: Path) -> Path | None:
    for depth, step in enumerate(path):
        if isinstance(step, int) and str(path[depth - 1]).lower().endswith("containers"):
            return path[: depth + 1]
    return None


def _region(stream: Stream, layer: Layer, path: Sequence[str | int]) -> Region:
    where = (*layer.path, *path)
    spot, depth = stream.locate(layer.document, where)
    whole = depth == len(where)
    return Region(
        line=spot.line,
        column=spot.column,
        end_line=spot.end_line if whole else spot.line,
        end_column=spot.end_column if whole else None,
    )
