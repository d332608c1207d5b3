"""The Helm charts of a repository: their folders, files, sub-charts."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from typing import Any

from bot.frozen import frozen
from bot.kubernetes.workload import as_mapping
from bot.yamlpatch import Unreadable, plain

CHART = "Chart.yaml"
VALUES = "values.yaml"
_MOST_DEPTH = 8

Content = Mapping[str, bytes]
"""Content by path from the root of the repository, with slashes."""


@frozen
class Dependency:
    """A chart that another one brings; `key` is where its values stand in the parent's."""

    name: str
    key: str
    repository: str


@frozen
class Chart:
    """One chart; `folder` is its path from the root, empty for the root itself."""

    folder: str
    name: str
    version: str = ""
    is_library: bool = False
    is_vendored: bool = False
    """Whether it is a copy of what lives elsewhere: its parent lists an address for it."""
    dependencies: tuple[Dependency, ...] = ()
    subcharts: tuple[tuple[str, Chart], ...] = field(default=())
    """The sub-charts that are here, each with the key of its values."""
    absent: tuple[Dependency, ...] = ()
    """Those that are not here: what they bring is not judged."""

    def path(self, *below: str) -> str:
        """A path from the root to something below the chart."""
        return posixpath.join(self.folder, *below)

    def holds(self, path: str) -> bool:
        """Whether a file belongs to the chart."""
        return not self.folder or path.startswith(f"{self.folder}/")

    def each(self, key: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Chart]]:
        """The chart and all below it, each with the keys that its values stand under."""
        yield key, self
        for name, chart in self.subcharts:
            yield from chart.each((*key, name))


def charts_of(files: Content) -> tuple[Chart, ...]:
    """The charts that are deployed by themselves: no sub-chart of another one, no library."""
    folders = {posixpath.dirname(path) for path in files if posixpath.basename(path) == CHART}
    reader = _Reader(files, folders)
    tops = (reader.chart(folder) for folder in sorted(folders) if not _is_vendored(folder, folders))
    found = [chart for chart in tops if chart is not None and not chart.is_library]
    return tuple(found)


def _is_vendored(folder: str, folders: Iterable[str]) -> bool:
    """Whether a chart lies in another one's charts/ folder."""
    parent = posixpath.dirname(folder)
    return posixpath.basename(parent) == "charts" and posixpath.dirname(parent) in folders


class _Reader:
    """Reads charts with what they bring."""

    def __init__(self, files: Content, folders: Iterable[str]) -> None:
        self._files, self._folders = files, frozenset(folders)

    def chart(self, folder: str, depth: int = 0) -> Chart | None:
        """The chart in a folder, or None where its Chart.yaml cannot be read."""
        data = mapping_in(self._files.get(posixpath.join(folder, CHART)))
        name = data.get("name")
        if not isinstance(name, str) or depth > _MOST_DEPTH:
            return None
        listed = (*_dependencies(data), *_dependencies(self._requirements(folder)))
        here, absent = self._brought(folder, listed, depth)
        return Chart(
            folder=folder,
            name=name,
            version=str(data.get("version") or ""),
            is_library=data.get("type") == "library",
            dependencies=listed,
            subcharts=here,
            absent=absent,
        )

    def _requirements(self, folder: str) -> Mapping[str, Any]:
        """Where charts of apiVersion v1 list what they bring."""
        return mapping_in(self._files.get(posixpath.join(folder, "requirements.yaml")))

    def _brought(
        self, folder: str, listed: Iterable[Dependency], depth: int
    ) -> tuple[tuple[tuple[str, Chart], ...], tuple[Dependency, ...]]:
        """What is in the charts/ folder or listed with a path, and what is not here."""
        here: dict[str, Chart] = {}
        absent: list[Dependency] = []
        vendored = self._vendored(folder, depth)
        used: set[str] = set()
        for one in listed:
            chart = vendored.get(one.name) or self._local(folder, one, depth)
            if chart is None and self._is_packed(folder, one):
                continue
            if chart is None:
                absent.append(one)
            else:
                used.add(one.name)
                here[one.key] = replace(chart, is_vendored=_is_remote(one))
        for name, chart in vendored.items():
            if name not in used:
                here.setdefault(name, chart)
        return tuple(here.items()), tuple(absent)

    def _vendored(self, folder: str, depth: int) -> dict[str, Chart]:
        inside = posixpath.join(folder, "charts")
        below = (one for one in sorted(self._folders) if posixpath.dirname(one) == inside)
        found = (self.chart(one, depth + 1) for one in below)
        return {chart.name: chart for chart in found if chart is not None}

    def _is_packed(self, folder: str, wanted: Dependency) -> bool:
        """Whether it is here as an archive, which helm reads and nothing else does."""
        start = posixpath.join(folder, "charts", f"{wanted.name}-")
        return any(path.startswith(start) and path.endswith(".tgz") for path in self._files)

    def _local(self, folder: str, wanted: Dependency, depth: int) -> Chart | None:
        """A chart of the repository that is listed by its path (Helm: `file://`)."""
        if not wanted.repository.startswith("file://"):
            return None
        path = wanted.repository.removeprefix("file://")
        place = posixpath.normpath(posixpath.join(folder, path))
        return self.chart(place, depth + 1) if place in self._folders else None


def _is_remote(one: Dependency) -> bool:
    return "://" in one.repository and not one.repository.startswith("file://")


def _dependencies(data: Mapping[str, Any]) -> tuple[Dependency, ...]:
    listed = data.get("dependencies")
    found = map(as_mapping, listed if isinstance(listed, list) else ())
    return tuple(
        Dependency(
            name=str(one["name"]),
            key=str(one.get("alias") or one["name"]),
            repository=str(one.get("repository") or ""),
        )
        for one in found
        if one.get("name")
    )


def mapping_in(data: bytes | None) -> Mapping[str, Any]:
    """The mapping that a YAML file holds; empty where it holds none or cannot be read."""
    if data is None:
        return {}
    try:
        return as_mapping(plain(data))
    except Unreadable:
        return {}


def files_of(chart: Chart, files: Content) -> dict[str, bytes]:
    """The chart as helm is to see it, by path below its folder.

    Sub-charts that are listed by a path are put into charts/, and what is not here is not listed:
    helm would refuse the whole chart.
    """
    start = len(chart.folder) + 1 if chart.folder else 0
    out = {path[start:]: data for path, data in files.items() if chart.holds(path)}
    for path in [path for path in out if path.startswith("charts/") and not path.endswith(".tgz")]:
        del out[path]
    for lock in ("Chart.lock", "requirements.lock"):
        out.pop(lock, None)
    for _, sub in chart.subcharts:
        inside = f"charts/{sub.name}"
        out |= {f"{inside}/{path}": data for path, data in files_of(sub, files).items()}
    for name in (CHART, "requirements.yaml"):
        if name in out and chart.absent:
            out[name] = _without(mapping_in(out[name]), {one.name for one in chart.absent})
    return out


def _without(data: Mapping[str, Any], absent: Iterable[str]) -> bytes:
    """A list of what a chart brings, without what is not here; JSON is YAML."""
    listed = data.get("dependencies")
    kept = [one for one in listed if one.get("name") not in absent] if listed else []
    return json.dumps({**data, "dependencies": kept}).encode()
