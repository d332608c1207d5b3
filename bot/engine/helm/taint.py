"""Which values reach which fields: a chart is rendered with signs in its values.

Every mapping of the values is given one more key, a sign that stands nowhere else; where a sign
turns up in a rendered object, all that the mapping holds arrives. Names decide nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from bot.engine.helm.change import differing
from bot.engine.helm.chart import Content
from bot.engine.helm.marks import is_template
from bot.engine.helm.merge import at, leaves, mappings, tree, values_of
from bot.engine.helm.rendering import ChartSource, NotRendered, Output
from bot.engine.helm.value_sets import ValueSet
from bot.frozen import frozen
from bot.yamlpatch import Path

_SIGN = "podsecTaint"
_REFERENCE = re.compile(r"\.Values((?:\.[A-Za-z_][\w-]*)+)")
_SWITCHES = ("enabled", "enable", "create")
_MOST_RENDERS = 30
_MOST_SWITCHES = 24


@frozen
class Landing:
    """A mapping of the values and where its keys arrive: an object, and a path in it.

    The object goes by its template, kind and name.

    `companions` are switches that must be on for it.
    """

    values: Path
    object: tuple[str, str, str]
    path: Path
    companions: tuple[Path, ...] = ()
    is_whole: bool = True
    """Whether the mapping is all that stands at the path, where it holds anything."""


def landings(charts: ChartSource, chosen: ValueSet) -> tuple[Landing, ...]:
    """All landings of a set, found with few renderings. Raises NotRendered for the set itself."""
    values = values_of(charts.chart, charts.files, chosen)
    probe = _Probe(charts, chosen, values)
    found = list(probe.search([path for path, _ in mappings(values) if path], switches=False))
    found += probe.search(_unset(charts, values), switches=False)
    landed = {one.values for one in found}
    closed = [path for path in _switched_off(values) if path not in landed]
    found += probe.search(closed, switches=True)
    return tuple(sorted(set(found), key=lambda one: (one.object, one.path, one.values)))


def _unset(charts: ChartSource, values: Mapping[str, Any]) -> list[Path]:
    """Places that templates speak of where nothing is, and a mapping could be."""
    return [
        path
        for path in references(charts)
        if at(values, path) is None and not _is_below_a_leaf(values, path)
    ]


def references(charts: ChartSource, some: Content | None = None) -> tuple[Path, ...]:
    """The places in the values that templates name, those of sub-charts below their keys."""
    files = charts.files if some is None else some
    found: dict[Path, None] = {}
    for keys, chart in charts.chart.each():
        inside = {sub.folder for _, sub in chart.subcharts if sub.folder}
        for path, data in files.items():
            if not chart.holds(path) or not is_template(path):
                continue
            if any(path.startswith(f"{folder}/") for folder in inside):
                continue
            for match in _REFERENCE.finditer(data.decode("utf-8", "replace")):
                found.setdefault((*keys, *match[1].split(".")[1:]), None)
    return tuple(found)


def _is_below_a_leaf(values: Mapping[str, Any], path: Path) -> bool:
    """Whether a value stands on the way that is no mapping."""
    above = (at(values, path[:depth]) for depth in range(1, len(path)))
    return any(one is not None and not isinstance(one, Mapping) for one in above)


def _switched_off(values: Mapping[str, Any]) -> list[Path]:
    return [path for path, one in mappings(values) if path and switch_of(one) is not None]


def switch_of(mapping: Mapping[str, Any]) -> str | None:
    """The key of a mapping that turns it off."""
    return next((key for key in _SWITCHES if mapping.get(key) is False), None)


@frozen
class Switch:
    """A value that is off, and what the objects gain where it is on."""

    values: Path
    gains: Mapping[tuple[str, str, str], Mapping[Path, Any]]


def switches(charts: ChartSource, output: Output) -> tuple[Switch, ...]:
    """The switches of a set that templates name and that are off, each tried by itself."""
    values = values_of(charts.chart, charts.files, output.chosen)
    spoken = set(references(charts))
    off = [path for path, value in leaves(values) if value is False and path in spoken]
    found: list[Switch] = []
    for path in off[:_MOST_SWITCHES]:
        with suppress(NotRendered):
            on = charts.output(output.chosen, tree(path, value=True), checks=False)
            if gains := dict(_gains(output, on)):
                found.append(Switch(values=path, gains=gains))
    return tuple(found)


def _gains(output: Output, on: Output) -> Iterator[tuple[tuple[str, str, str], Mapping[Path, Any]]]:
    """What each object gains, unless anything else becomes other."""
    if len(output.manifests) != len(on.manifests):
        return
    for one, other in zip(output.manifests, on.manifests, strict=True):
        if found := differing(one.data, other.data):
            yield (one.file, one.kind, one.name), found


class _Probe:
    """Renders with signs; what cannot be rendered is tried by halves."""

    def __init__(self, charts: ChartSource, chosen: ValueSet, values: Mapping[str, Any]) -> None:
        self._charts, self._chosen, self._values = charts, chosen, values
        self._left = _MOST_RENDERS

    def search(self, paths: Sequence[Path], *, switches: bool) -> Iterator[Landing]:
        todo = [list(paths)] if paths else []
        while todo and self._left:
            some = todo.pop()
            self._left -= 1
            try:
                output = self._charts.output(
                    self._chosen, self._signs(some, switches=switches), checks=False
                )
            except NotRendered:
                if len(some) > 1:
                    middle = len(some) // 2
                    todo += [some[:middle], some[middle:]]
            else:
                yield from self._read(output, some, switches=switches)

    def _signs(self, paths: Sequence[Path], *, switches: bool) -> dict[str, Any]:
        tree: dict[str, Any] = {}
        for number, path in enumerate(paths):
            place = tree
            for step in path:
                place = place.setdefault(str(step), {})
            place[f"{_SIGN}{number}"] = f"{_SIGN}{number}"
            if switches and (key := switch_of(at(self._values, path) or {})):
                place[key] = True
        return tree

    def _read(self, output: Output, paths: Sequence[Path], *, switches: bool) -> Iterator[Landing]:
        for manifest in output.manifests:
            for where, sign in _signs_in(manifest.data):
                path = paths[int(sign.removeprefix(_SIGN))]
                key = switch_of(at(self._values, path) or {}) if switches else None
                yield Landing(
                    values=path,
                    object=(manifest.file, manifest.kind, manifest.name),
                    path=where,
                    companions=((*path, key),) if key else (),
                )


def _signs_in(data: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Where signs stand as keys of their own."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            if str(key).startswith(_SIGN) and value == key:
                yield path, str(key)
            else:
                yield from _signs_in(value, (*path, key))
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from _signs_in(item, (*path, index))
