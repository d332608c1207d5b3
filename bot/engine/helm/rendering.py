"""What a chart renders to: objects, and the lines of templates that they come from."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bot.engine.helm.change import differing
from bot.engine.helm.chart import Chart, Content, files_of
from bot.engine.helm.marks import Origin, halves, is_template, marked, origins
from bot.engine.helm.value_sets import Layer, ValueSet, given
from bot.engine.read import load
from bot.frozen import frozen
from bot.kubernetes.kinds import Kinds
from bot.model.finding import Skipped
from bot.model.manifest import Manifest
from bot.yamlpatch import Path

if TYPE_CHECKING:
    from bot.engine.helm.taint import Landing

_SOURCE = re.compile(r"^# Source: (\S+)", re.MULTILINE)
_MOST_TRIES = 16


class NotRendered(Exception):  # it is an answer, not a failure
    """Helm refuses a chart with these values; `reason` says why, in its words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@frozen
class Request:
    """One `helm template`: the chart's files by path below it, and the values, lowest first."""

    files: Mapping[str, bytes]
    values: tuple[bytes, ...]
    release: str
    namespace: str
    checks_schema: bool = True
    attempt: int = 0
    """Of equal requests that are to be rendered anew: some charts make passwords by chance."""


Render = Callable[[Request], bytes]
"""Renders, or raises NotRendered."""
Landed = Callable[["ChartSource", "Output"], "tuple[Landing, ...]"]


@dataclass(frozen=True, kw_only=True)
class Output:
    """What one set renders to; `manifests` say the template that each is from as their file."""

    chosen: ValueSet
    data: bytes
    manifests: tuple[Manifest, ...]
    skipped: tuple[Skipped, ...] = ()
    origins: Mapping[int, Origin] = field(default_factory=dict)
    """By line of the rendered text."""

    @cached_property
    def text(self) -> str:
        """The rendered text."""
        return self.data.decode("utf-8", "replace")


class ChartSource:
    """Renders one chart of a repository, with marks and without."""

    def __init__(
        self,
        chart: Chart,
        files: Content,
        render: Render,
        kinds: Kinds,
        landed: Landed | None = None,
    ) -> None:
        """`landed` tells which values reach which fields, where no helm has to be asked."""
        self.chart, self.files, self.landed = chart, files, landed
        self._render, self._kinds = render, kinds
        self._below = files_of(chart, files)
        self._homes = dict(_homes(chart))
        self._unmarkable: set[str] = set()
        self._volatile: dict[str, frozenset[tuple[str, str, str, Path]]] = {}

    def changed(self, files: Mapping[str, bytes]) -> ChartSource:
        """The same with other content of some files, by path from the root."""
        content = {**self.files, **files}
        return ChartSource(self.chart, content, self._render, self._kinds, self.landed)

    def is_own(self, file: str) -> bool:
        """Whether a file is the repository's own work: in no chart that was vendored."""
        return not any(one.folder and one.holds(file) for one in _vendored(self.chart))

    def release(self, chosen: ValueSet) -> str:
        """The name of the release that a set is rendered as."""
        return chosen.release or _release(self.chart.name)

    def home(self, source: str) -> str:
        """The file of the repository behind `# Source: NAME/charts/x/templates/y.yaml`."""
        below = source.partition("/")[2]
        for inside, folder in self._homes.items():
            if inside and below.startswith(f"{inside}/"):
                return posixpath.join(folder, below[len(inside) + 1 :])
        return self.chart.path(below)

    def output(self, chosen: ValueSet, *more: Mapping[str, Any], checks: bool = True) -> Output:
        """What a set renders to, `more` values on top of it. Raises NotRendered."""
        return self._read(chosen, self._rendered(chosen, self._below, more, checks=checks))

    def volatile(self, chosen: ValueSet) -> frozenset[tuple[str, str, str, Path]]:
        """What is other each time: by template, kind and name of an object, and a leaf's path."""
        if chosen.name not in self._volatile:
            again = self._rendered(chosen, self._below, (), attempt=1)
            pairs = zip(
                self.output(chosen).manifests, self._read(chosen, again).manifests, strict=False
            )
            self._volatile[chosen.name] = frozenset(
                (one.file, one.kind, one.name, path)
                for one, other in pairs
                for path in differing(one.data, other.data)
            )
        return self._volatile[chosen.name]

    def traced(self, chosen: ValueSet) -> Output:
        """The same with the lines of templates. Raises NotRendered."""
        plainly = self.output(chosen)
        names = [path for path in sorted(self._below) if is_template(path)]
        text, numbered = self._with_marks(chosen, [n for n in names if n not in self._unmarkable])
        if text.count(b"\n") != plainly.data.count(b"\n"):
            return plainly
        found = origins(text.decode("utf-8", "replace"), numbered)
        real = {line: replace(one, file=self._real(one.file)) for line, one in found.items()}
        return replace(plainly, origins=real)

    def _with_marks(self, chosen: ValueSet, names: Sequence[str]) -> tuple[bytes, tuple[str, ...]]:
        """The text with marks in as many templates as bear them, and which these are."""
        bearing: tuple[str, ...] = ()
        text = b""
        todo, tries = [tuple(names)], 0
        while todo and tries < _MOST_TRIES:
            some = todo.pop()
            tries += 1
            try:
                text = self._rendered(chosen, marked(self._below, (*bearing, *some)), ())
            except NotRendered:
                if len(some) > 1:
                    todo += [half for half in halves(some) if half]
                else:
                    self._unmarkable.update(some)
            else:
                bearing = (*bearing, *some)
        return text, bearing

    def _real(self, below: str) -> str:
        return self.home(f"{self.chart.name}/{below}")

    def _rendered(
        self,
        chosen: ValueSet,
        files: Mapping[str, bytes],
        more: Sequence[Mapping[str, Any]],
        *,
        checks: bool = True,
        attempt: int = 0,
    ) -> bytes:
        layers = [_values(layer, self.files) for layer in chosen.layers]
        layers += [json.dumps(one).encode() for one in more]
        return self._render(
            Request(
                files=files,
                values=tuple(layers),
                release=self.release(chosen),
                namespace=chosen.namespace or "default",
                checks_schema=checks,
                attempt=attempt,
            )
        )

    def _read(self, chosen: ValueSet, data: bytes) -> Output:
        """The objects of a rendered text, each in the file of its template."""
        found, skipped = load(f"{self.chart.name}.yaml", data, self._kinds)
        text = data.decode("utf-8", "replace")
        lines = [(text.count("\n", 0, m.start()) + 1, m[1]) for m in _SOURCE.finditer(text)]
        return Output(
            chosen=chosen,
            data=data,
            manifests=tuple(self._placed(one, lines) for one in found),
            skipped=tuple(replace(item, file=self._source(item.line, lines)) for item in skipped),
        )

    def _placed(self, one: Manifest, lines: Sequence[tuple[int, str]]) -> Manifest:
        line = one.stream.locate(one.document, one.base)[0].line
        return replace(one, file=self._source(line, lines))

    def _source(self, line: int, lines: Sequence[tuple[int, str]]) -> str:
        above = [source for start, source in lines if start <= line]
        return self.home(above[-1]) if above else self.chart.path("Chart.yaml")


def _homes(chart: Chart, inside: str = "") -> Iterator[tuple[str, str]]:
    """Where each chart stands below the top one as helm sees it, deepest first, and its folder."""
    for _, sub in chart.subcharts:
        yield from _homes(sub, posixpath.join(inside, "charts", sub.name))
    yield inside, chart.folder


def _vendored(chart: Chart) -> Iterator[Chart]:
    for _, sub in chart.subcharts:
        if sub.is_vendored:
            yield sub
        yield from _vendored(sub)


def _values(layer: Layer, files: Content) -> bytes:
    """The values of a layer: a file as it is, for helm reads it as it reads; else a tree."""
    if not layer.path and layer.file in files:
        return files[layer.file]
    return json.dumps(given(layer, files)).encode()


def _release(name: str) -> str:
    """A name that helm takes for a release."""
    kept = re.sub(r"[^a-z0-9-]", "-", name.lower()).strip("-")
    return kept[:53] or "release"
