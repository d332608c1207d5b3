"""Values as helm merges them: mappings key by key, all else whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.engine.helm.chart import VALUES, Chart, Content, mapping_in
from bot.engine.helm.value_sets import ValueSet, given
from bot.yamlpatch import Path


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """The values with others on top; a null takes the key away (helm, CoalesceTables)."""
    out = dict(below)
    for key, value in above.items():
        known = out.get(key)
        if isinstance(known, Mapping) and isinstance(value, Mapping):
            out[key] = merged(known, value)
        else:
            out[key] = value
    return out


def own_values(chart: Chart, files: Content) -> dict[str, Any]:
    """The chart's values.yaml, over those of its sub-charts under their keys."""
    below: dict[str, Any] = {}
    for key, sub in chart.subcharts:
        below[key] = own_values(sub, files)
    return merged(below, mapping_in(files.get(chart.path(VALUES))))


def values_of(chart: Chart, files: Content, chosen: ValueSet) -> dict[str, Any]:
    """All that a set renders the chart with."""
    values = own_values(chart, files)
    for layer in chosen.layers:
        values = merged(values, given(layer, files))
    return values


def tree(path: Path, value: Any) -> dict[str, Any]:
    """A tree that holds a value at a path alone."""
    for step in reversed(path):
        value = {str(step): value}
    return value if isinstance(value, dict) else {}


def at(values: Any, path: Path) -> Any:
    """What stands at a path; None where nothing does."""
    for step in path:
        if not isinstance(values, Mapping) or step not in values:
            return None
        values = values[step]
    return values


def leaves(values: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """All values that are no mappings, or empty ones, with their paths."""
    if isinstance(values, Mapping) and values:
        for key, value in values.items():
            yield from leaves(value, (*path, str(key)))
    else:
        yield path, values


def mappings(values: Any, path: Path = ()) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """All mappings with their paths, outermost first."""
    if isinstance(values, Mapping):
        yield path, values
        for key, value in values.items():
            yield from mappings(value, (*path, str(key)))
