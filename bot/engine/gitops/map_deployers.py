"""What Argo CD and Flux deploy of a repository, and what they bring from elsewhere.

Sources: argo-cd.readthedocs.io (Application, ApplicationSet), fluxcd.io (Kustomization,
HelmRelease): the fields `spec.source(s)`, `spec.path`, `spec.chart`, `spec.chartRef`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from bot.engine.gitops.draft import (
    SUFFIXES,
    Draft,
    folder_at,
    is_templated,
    line_of,
    objects,
    text_of,
)
from bot.kubernetes.workload import as_list, as_mapping, dig
from bot.model.manifest import Manifest
from bot.model.repository_map import Key, Node, NodeKind

_SIGNS = (b"argoproj.io", b"toolkit.fluxcd.io")
_KINDS: dict[tuple[str, str], NodeKind] = {
    ("argoproj.io", "Application"): "application",
    ("argoproj.io", "ApplicationSet"): "application-set",
    ("kustomize.toolkit.fluxcd.io", "Kustomization"): "flux-kustomization",
    ("helm.toolkit.fluxcd.io", "HelmRelease"): "helm-release",
}


def draw_deployers(draft: Draft) -> None:
    """Add Applications, ApplicationSets, Flux Kustomizations and HelmReleases."""
    for path in sorted(draft.known):
        if not path.endswith(SUFFIXES):
            continue
        data = draft.files.read(path)
        if data is None or not any(sign in data for sign in _SIGNS):
            continue
        for manifest in objects(draft.files, path):
            kind = _KINDS.get((manifest.api_version.partition("/")[0], manifest.kind))
            if kind is not None:
                _draw(draft, manifest, kind)
    _hold(draft)


def _hold(draft: Draft) -> None:
    """The kustomizations that bring the objects to the cluster."""
    for key in [key for key in draft.nodes if key.kind in _KINDS.values()]:
        for node in draft.nodes.values():
            if key.path in node.builds:
                draft.link(node.key, key, "builds")


def _draw(draft: Draft, manifest: Manifest, kind: NodeKind) -> None:
    key = Key(kind=kind, path=manifest.file, name=manifest.name)
    draft.add(Node(key=key, file=manifest.file))
    if kind == "flux-kustomization":
        _deploys(draft, key, manifest, text_of(manifest.data, "spec", "path") or ".", "path")
    elif kind == "helm-release":
        _release(draft, key, manifest)
    else:
        for source in _sources(manifest.data, kind):
            _source(draft, key, manifest, source)
        if kind == "application-set":
            _generated(draft, key, manifest)


def _sources(data: Mapping[str, Any], kind: NodeKind) -> Iterator[Mapping[str, Any]]:
    spec = as_mapping(dig(data, "spec.template.spec" if kind == "application-set" else "spec"))
    for source in (spec.get("source"), *as_list(spec.get("sources"))):
        if isinstance(source, Mapping):
            yield source


def _source(draft: Draft, key: Key, manifest: Manifest, source: Mapping[str, Any]) -> None:
    """One source of an Application: a chart from elsewhere, or a folder."""
    if isinstance(chart := source.get("chart"), str):
        draft.miss(key, f"chart {chart}", "a remote chart: not rendered", line_of(manifest, "spec"))
    elif isinstance(path := source.get("path"), str):
        _deploys(draft, key, manifest, path, "source")


def _generated(draft: Draft, key: Key, manifest: Manifest) -> None:
    """The folders that an ApplicationSet's git generators list by pattern."""
    for directory in _directories(dig(manifest.data, "spec.generators")):
        pattern = str(directory.get("path", ""))
        if directory.get("exclude") is True:
            continue
        for folder in sorted(draft.folders):
            same_depth = folder.count("/") == pattern.count("/")
            if folder and same_depth and fnmatchcase(folder, pattern):
                target = draft.deployable(folder)
                if target is not None:
                    draft.link(key, target, "deploys")


def _directories(value: Any) -> Iterator[Mapping[str, Any]]:
    """The entries of `git.directories`, also those below matrix and merge generators."""
    for generator in as_list(value):
        git = as_mapping(as_mapping(generator).get("git"))
        yield from (one for one in as_list(git.get("directories")) if isinstance(one, Mapping))
        for name in ("matrix", "merge"):
            inner = as_mapping(as_mapping(generator).get(name)).get("generators")
            for nested in as_list(inner):
                git = as_mapping(as_mapping(nested).get("git"))
                listed = as_list(git.get("directories"))
                yield from (one for one in listed if isinstance(one, Mapping))


def _release(draft: Draft, key: Key, manifest: Manifest) -> None:
    """The chart of a HelmRelease; an overlay's patch of one names none."""
    chart = text_of(manifest.data, "spec", "chart", "spec", "chart")
    source = text_of(manifest.data, "spec", "chart", "spec", "sourceRef", "kind")
    line = line_of(manifest, "spec")
    if chart is not None and source in ("GitRepository", None) and "/" in chart:
        _deploys(draft, key, manifest, chart, "chart")
    elif chart is not None:
        draft.miss(key, f"chart {chart}", "a remote chart: not rendered", line)
    elif (name := text_of(manifest.data, "spec", "chartRef", "name")) is not None:
        draft.miss(key, f"chart {name}", "a remote chart: not rendered", line)


def _deploys(draft: Draft, key: Key, manifest: Manifest, path: str, field: str) -> None:
    line = line_of(manifest, "spec", field)
    if is_templated(path):
        if key.kind != "application-set":
            draft.miss(key, path, "a controller fills it in", line)
        return
    folder = folder_at(path)
    target = draft.deployable(folder) if folder is not None else None
    if target is None:
        draft.miss(key, path, "it is not here: another repository's, or generated", line)
    else:
        draft.link(key, target, "deploys")
