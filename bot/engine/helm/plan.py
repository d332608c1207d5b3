"""Changes of rendered objects to edits of sources: by values where they reach, else by template."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.engine.helm.change import Change
from bot.engine.helm.intent import Wanted
from bot.engine.helm.merge import at, values_of
from bot.engine.helm.rendering import ChartSource, Output
from bot.engine.helm.splice import Splicer
from bot.engine.helm.taint import Landing, Switch, switches
from bot.engine.helm.value_edit import Assignment, assigned
from bot.kubernetes.workload import reach
from bot.model.manifest import Manifest
from bot.yamlpatch import Edit, Path, Refused, apply_edits

MayEdit = Callable[[str, bytes], bool]
_VENDORED = "its template is in a vendored chart, and no value reaches the field"


@dataclass(slots=True, kw_only=True)
class _Edits:
    """What was planned so far; several objects may share a template, and a value."""

    values: dict[Path, Any] = field(default_factory=dict)
    kept: dict[Path, Any] = field(default_factory=dict)
    templates: dict[str, list[Edit]] = field(default_factory=dict)

    def assign(self, path: Path, value: Any) -> None:
        """Raises Refused where something else is to stand there."""
        if self.values.setdefault(path, value) != value:
            raise Refused(f"one value, {'.'.join(map(str, path))}, would have to be two")

    def keep(self, path: Path, value: Any) -> None:
        """Assign it, unless something is to stand there already."""
        self.kept.setdefault(path, value)

    def splice(self, file: str, edit: Edit) -> None:
        """Raises Refused where another edit says the same key at the same place."""
        known = self.templates.setdefault(file, [])
        if edit in known:
            return
        for other in known:
            if other.start == edit.start and _first(other) == _first(edit):
                raise Refused("one line of a template would have to say two things")
        known.append(edit)


def _first(edit: Edit) -> str:
    return edit.text.partition(":")[0]


class Planner:
    """Plans the edits of one output."""

    def __init__(
        self,
        charts: ChartSource,
        output: Output,
        landed: Sequence[Landing],
        may_edit: MayEdit,
    ) -> None:
        self._may_edit = may_edit
        self._charts, self._output = charts, output
        self._splicer = Splicer(output, charts.files)
        self._values = values_of(charts.chart, charts.files, output.chosen)
        self._switches: tuple[Switch, ...] | None = None
        self._landed: dict[tuple[str, str, str], list[Landing]] = {}
        for one in landed:
            self._landed.setdefault(one.object, []).append(one)

    def files(self, wanted: Iterable[Wanted]) -> dict[str, bytes]:
        """The files with all changes made, by path. Raises Refused, with the reason."""
        edits = _Edits()
        for one in wanted:
            for change in one.changes:
                self._plan(one.manifest, change, edits)
        values = {**edits.kept, **edits.values}
        assignments = [Assignment(path=path, value=value) for path, value in values.items()]
        chosen = self._output.chosen
        out = assigned(self._charts.chart, self._charts.files, chosen, assignments)
        for file, some in edits.templates.items():
            text = self._charts.files[file].decode("utf-8")
            ordered = sorted(some, key=lambda edit: (edit.start, edit.end))
            out[file] = apply_edits(text, ordered).encode()
        for file in out:
            if not self._may_edit(file, self._charts.files[file]):
                raise Refused(f"{file} is not to be edited")
        return out

    def _plan(self, manifest: Manifest, change: Change, edits: _Edits) -> None:
        for left in self._by_values(manifest, change, edits):
            try:
                file, edit = self._splice(manifest, left)
            except Refused:
                switch = self._switch(manifest, left)
                if switch is None:
                    raise
                edits.assign(switch.values, value=True)
            else:
                edits.splice(file, edit)

    def _assign(
        self, manifest: Manifest, landing: Landing, path: Path, value: Any, edits: _Edits
    ) -> None:
        """Give a field its value where a landing reaches it, with what that needs beside."""
        edits.assign((*landing.values, *map(str, path[len(landing.path) :])), value)
        for inner, kept in self._defaults(manifest, landing):
            edits.keep((*landing.values, *map(str, inner)), kept)
        for companion in landing.companions:
            edits.assign(companion, value=True)

    def _defaults(self, manifest: Manifest, landing: Landing) -> Iterable[tuple[Path, Any]]:
        """What the template says where the mapping is empty: it must not go once it is not."""
        values = at(self._values, landing.values)
        there = reach(manifest.data, landing.path)
        if not landing.is_whole or values or not isinstance(there, dict) or not there:
            return ()
        return _leaves(there)

    def _splice(self, manifest: Manifest, change: Change) -> tuple[str, Edit]:
        file, edit = self._splicer.edit(manifest, change)
        if not self._charts.is_own(file):
            raise Refused(_VENDORED)
        return file, edit

    def _switch(self, manifest: Manifest, change: Change) -> Switch | None:
        """A switch that is off, and brings just this change where it is on."""
        if self._switches is None:
            self._switches = switches(self._charts, self._output)
        wanted = {(*change.path, *below): value for below, value in _leaves(change.value)}
        named = {_named(manifest, path): value for path, value in wanted.items()}
        for switch in self._switches:
            gains = switch.gains.get((manifest.file, manifest.kind, manifest.name), {})
            if all(path in gains and gains[path] == value for path, value in named.items()):
                return switch
        return None

    def _by_values(self, manifest: Manifest, change: Change, edits: _Edits) -> list[Change]:
        """Assign what values reach; what is left is for the template."""
        if change.is_removal or change.key is None:
            return [change]
        here = self._landed.get((manifest.file, manifest.kind, manifest.name), [])
        left: dict[Path, Any] = {}
        every = list(_leaves(change.value))
        for below, value in every:
            landing = _nearest(here, (*change.path, *below))
            if landing is None:
                left[below] = value
            else:
                self._assign(manifest, landing, (*change.path, *below), value, edits)
        if not left:
            return []
        if len(left) == len(every):
            return [change]
        return list(_regrouped(manifest, change.path, left))


def _named(manifest: Manifest, path: Path) -> Path:
    """A path whose list items go by their names, as `bot.engine.helm.change.leaves` says them."""
    out: list[str | int] = []
    for depth, step in enumerate(path):
        item = reach(manifest.data, path[: depth + 1])
        named = isinstance(step, int) and isinstance(item, dict) and "name" in item
        out.append(f"[{item['name']}]" if named else step)
    return tuple(out)


def _regrouped(manifest: Manifest, base: Path, left: Mapping[Path, Any]) -> Iterable[Change]:
    """Changes of the leaves that no value reaches, each where its mapping ends."""
    trees: dict[Path, Any] = {}
    for below, value in left.items():
        path = (*base, *below)
        depth = next(
            (n for n in range(len(path), 0, -1) if reach(manifest.data, path[:n]) is not None), 0
        )
        if depth == len(path):
            yield Change(parent=path[:-1], key=str(path[-1]), value=value, is_new=False)
            continue
        place = trees.setdefault(path[: depth + 1], {} if depth + 1 < len(path) else value)
        for step in path[depth + 1 : -1]:
            place = place.setdefault(step, {})
        if depth + 1 < len(path):
            place[path[-1]] = value
    for path, value in trees.items():
        yield Change(parent=path[:-1], key=str(path[-1]), value=value)


def _leaves(value: Any, path: Path = ()) -> Iterable[tuple[Path, Any]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    else:
        yield path, value


def _nearest(landed: Iterable[Landing], path: Path) -> Landing | None:
    """The landing whose mapping holds a field most closely; fewest companions, shortest path."""
    above = [
        one for one in landed if len(one.path) < len(path) and path[: len(one.path)] == one.path
    ]
    order = sorted(above, key=lambda one: (-len(one.path), len(one.companions), one.values))
    return order[0] if order else None
