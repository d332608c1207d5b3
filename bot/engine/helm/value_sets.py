"""The value sets of a chart: every way in which the repository says it is rendered."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from bot.engine.helm.chart import VALUES, Chart, Content, mapping_in
from bot.frozen import frozen
from bot.kubernetes.workload import as_list, as_mapping, dig, reach
from bot.model.manifest import Manifest
from bot.yamlpatch import Path, Unreadable, plain, read

_SUFFIXES = (".yaml", ".yml")
_VALUES_NAME = re.compile(r"(?:^|[._-])values?(?:[._-]|$)|(?:^|/)values/", re.IGNORECASE)
_SCHEMA = "values.schema"
_MOST_SETS = 24
"""Content of values that one chart is rendered with: far above what repositories hold."""
_ENCRYPTED = b"\nsops:"


@frozen
class Layer:
    """Values that come on top of those below; `path` is where they stand in their file.

    `text`: they are YAML in a string there (Argo CD's `helm.values`).
    """

    file: str
    data: Mapping[str, Any]
    document: int = 0
    path: Path = ()
    is_text: bool = False


@frozen
class ValueSet:
    """One way to render a chart, lowest layer first; `name` is what people call it."""

    name: str
    layers: tuple[Layer, ...] = ()
    release: str = ""
    namespace: str = ""
    unknown: tuple[str, ...] = field(default=())
    """What is given to the chart beside, and cannot be seen from here."""

    def layered(self, *more: Layer) -> ValueSet:
        """The set with further layers on top."""
        return ValueSet(
            name=self.name,
            layers=(*self.layers, *more),
            release=self.release,
            namespace=self.namespace,
            unknown=self.unknown,
        )


def given(layer: Layer, files: Content) -> Mapping[str, Any]:
    """What a layer says in these files, which may be other than those that it was found in."""
    data = files.get(layer.file)
    if data is None:
        return layer.data
    try:
        value = read(data).value(layer.document)
    except (Unreadable, IndexError):
        return {}
    found = reach(value, layer.path)
    if layer.path[-1:] == ("parameters",):
        return _parameters(as_list(found))
    return _in_text(found) if layer.is_text and isinstance(found, str) else as_mapping(found)


def value_sets(chart: Chart, files: Content, deployers: Iterable[Manifest]) -> tuple[ValueSet, ...]:
    """The chart's own values first, then each file of values, then what deploys it.

    `deployers` are the Argo CD and Flux objects of the repository.
    """
    own = ValueSet(name=VALUES)
    found = [own, *_by_files(chart, files), *_by_deployers(chart, files, deployers)]
    return tuple(found[:_MOST_SETS])


def _by_files(chart: Chart, files: Content) -> Iterator[ValueSet]:
    """`values-prod.yaml`, `ci/minimal-values.yaml`, `values/prod.yaml` and the like."""
    for path in sorted(files):
        below = path[len(chart.folder) :].lstrip("/") if chart.holds(path) else ""
        if not below.endswith(_SUFFIXES) or below == VALUES or _SCHEMA in below:
            continue
        folder = below.partition("/")[0] if "/" in below else ""
        if folder in ("charts", "templates", "crds", "tests", "files"):
            continue
        if not (folder == "ci" or _VALUES_NAME.search(below)) or _ENCRYPTED in files[path]:
            continue
        data = mapping_in(files[path])
        if data and not _is_object(data):
            yield ValueSet(name=below, layers=(Layer(file=path, data=data),))


def _is_object(data: Mapping[str, Any]) -> bool:
    return "apiVersion" in data and "kind" in data


def named_files(deployers: Iterable[Manifest]) -> Iterator[str]:
    """The files of values that Argo CD objects name, by path from the root."""
    for one in deployers:
        specs = [as_mapping(one.data), as_mapping(dig(one.data, "spec.template"))]
        for _, source in (pair for spec in specs for pair in _sources(spec, ())):
            helm = as_mapping(source.get("helm"))
            for name in map(str, as_list(helm.get("valueFiles"))):
                yield _value_path(_normal(source.get("path")), name)


def _value_path(folder: str, name: str) -> str:
    """A file of values as a path from the root; `$ref/` is another source's root."""
    if name.startswith("$"):
        return _normal(name.partition("/")[2])
    return _normal(name) if name.startswith("/") else _normal(posixpath.join(folder, name))


def _by_deployers(
    chart: Chart, files: Content, deployers: Iterable[Manifest]
) -> Iterator[ValueSet]:
    for one in deployers:
        if one.kind == "Application":
            for path, source in _sources(one.data, (*one.base, "spec")):
                yield from _argo(chart, files, one, path, source)
        elif one.kind == "ApplicationSet":
            template = as_mapping(dig(one.data, "spec.template"))
            for path, source in _sources(template, (*one.base, "spec", "template", "spec")):
                yield from _argo(chart, files, one, path, source)
        elif one.kind == "HelmRelease":
            yield from _flux(chart, one)


def described(one: Manifest, chart: str, repositories: Collection[str]) -> ValueSet | None:
    """The set that an Argo CD or Flux object gives to a chart of this name, wherever that lives.

    `repositories` are the names of the OCI repositories that hold it.
    """
    path: Path | None = None
    if one.kind == "HelmRelease":
        named = dig(one.data, "spec.chart.spec.chart") == chart
        reference = as_mapping(dig(one.data, "spec.chartRef"))
        if named or reference.get("name") in (chart, *repositories):
            path = ("spec", "values")
    elif one.kind == "Application" and dig(one.data, "spec.source.chart") == chart:
        path = ("spec", "source", "helm", "valuesObject")
    values = as_mapping(reach(one.data, path)) if path is not None else {}
    if path is None or not values:
        return None
    layer = _layer(one, values, (*one.base, *path))
    release = _fixed(dig(one.data, "spec.releaseName")) or one.name
    return ValueSet(name=f"{one.kind}/{one.name}", layers=(layer,), release=release)


def _sources(data: Mapping[str, Any], base: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    spec = as_mapping(data.get("spec"))
    if isinstance(spec.get("source"), dict):
        yield (*base, "source"), spec["source"]
    for index, source in enumerate(as_list(spec.get("sources"))):
        yield (*base, "sources", index), as_mapping(source)


def _argo(
    chart: Chart, files: Content, one: Manifest, path: Path, source: Mapping[str, Any]
) -> Iterator[ValueSet]:
    """What an Application's source gives to a chart that it names by its path."""
    if _normal(source.get("path")) != chart.folder:
        return
    helm = as_mapping(source.get("helm"))
    layers, unknown = _value_files(chart, files, as_list(helm.get("valueFiles")))
    if isinstance(helm.get("values"), str) and (data := _in_text(helm["values"])):
        place = (*path, "helm", "values")
        layers.append(_layer(one, data, place, is_text=True))
    if isinstance(helm.get("valuesObject"), dict):
        layers.append(_layer(one, helm["valuesObject"], (*path, "helm", "valuesObject")))
    if given := _parameters(as_list(helm.get("parameters"))):
        layers.append(_layer(one, given, (*path, "helm", "parameters")))
    destination = as_mapping(dig(one.data, "spec.destination"))
    yield ValueSet(
        name=f"{one.kind}/{one.name}",
        layers=tuple(layers),
        release=_fixed(helm.get("releaseName")) or _fixed(one.name),
        namespace=_fixed(destination.get("namespace")),
        unknown=tuple(unknown),
    )


def _flux(chart: Chart, one: Manifest) -> Iterator[ValueSet]:
    """What a HelmRelease gives to a chart of the repository that it names by its path."""
    name = dig(one.data, "spec.chart.spec.chart")
    source = dig(one.data, "spec.chart.spec.sourceRef.kind")
    if source not in ("GitRepository", "Bucket") or _normal(name) != chart.folder:
        return
    values = as_mapping(dig(one.data, "spec.values"))
    from_others = as_list(dig(one.data, "spec.valuesFrom"))
    layers = [_layer(one, values, (*one.base, "spec", "values"))] if values else []
    yield ValueSet(
        name=f"{one.kind}/{one.name}",
        layers=tuple(layers),
        release=_fixed(dig(one.data, "spec.releaseName")) or _fixed(one.name),
        namespace=_fixed(dig(one.data, "spec.targetNamespace")) or one.namespace or "",
        unknown=tuple(
            f"{as_mapping(ref).get('kind')}/{as_mapping(ref).get('name')}" for ref in from_others
        ),
    )


def _layer(one: Manifest, data: Mapping[str, Any], path: Path, *, is_text: bool = False) -> Layer:
    return Layer(file=one.file, data=data, document=one.document, path=path, is_text=is_text)


def _value_files(
    chart: Chart, files: Content, names: Sequence[Any]
) -> tuple[list[Layer], list[str]]:
    layers: list[Layer] = []
    unknown: list[str] = []
    for name in map(str, names):
        path = _value_path(chart.folder, name)
        data = mapping_in(files.get(path))
        if path in files:
            layers.append(Layer(file=path, data=data))
        else:
            unknown.append(name)
    return layers, unknown


def _parameters(listed: Iterable[Any]) -> dict[str, Any]:
    """Argo CD's `--set` parameters as a tree; list indexes are left to helm."""
    out: dict[str, Any] = {}
    for entry in map(as_mapping, listed):
        name, value = str(entry.get("name") or ""), entry.get("value")
        if not name or "[" in name or "\\" in name:
            continue
        place = out
        *above, last = name.split(".")
        for key in above:
            inner = place.setdefault(key, {})
            place = inner if isinstance(inner, dict) else {}
        place[last] = value if entry.get("forceString") else _typed(value)
    return out


def _typed(value: Any) -> Any:
    """What `--set` makes of a text (helm, strvals)."""
    known = {"true": True, "false": False, "null": None}
    if not isinstance(value, str) or value in known:
        return known.get(value, value) if isinstance(value, str) else value
    return int(value) if re.fullmatch(r"-?(?:0|[1-9][0-9]{0,17})", value) else value


def _in_text(text: str) -> Mapping[str, Any]:
    try:
        return as_mapping(plain(text.encode()))
    except Unreadable:
        return {}


def _fixed(value: Any) -> str:
    """A name, unless something fills it in later."""
    return value if isinstance(value, str) and "{{" not in value else ""


def _normal(path: Any) -> str:
    """A path from the root of the repository; what leaves it names nothing."""
    if not isinstance(path, str):
        return "../"
    found = posixpath.normpath(path.lstrip("/"))
    return "" if found == "." else found
