"""What a kustomization names: files, folders and what is not here.

Source: kustomize's types.Kustomization,
https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from bot.frozen import frozen
from bot.kubernetes.kustomization import folder_of, is_remote
from bot.kubernetes.workload import as_list, as_mapping
from bot.yamlpatch import Path

Role = Literal["builds", "component", "patch", "generates", "transforms"]
_ENTRIES: tuple[tuple[str, Role], ...] = (
    ("resources", "builds"),
    ("bases", "builds"),
    ("components", "component"),
    ("crds", "transforms"),
    ("configurations", "transforms"),
    ("patchesStrategicMerge", "patch"),
    ("generators", "generates"),
    ("transformers", "transforms"),
    ("validators", "transforms"),
)
_PATHS: tuple[tuple[str, Role], ...] = (
    ("patches", "patch"),
    ("patchesJson6902", "patch"),
    ("replacements", "transforms"),
)
_CHART_FIELDS = ("helmCharts", "helmChartInflationGenerator")


@frozen
class Reference:
    """A file or folder that a kustomization names: as written, where in it, and which it is.

    `target` is the path from the root of the repository, None where it is not below it; `reason`
    then says why, as it does where the text is the address of something remote.
    """

    place: Path
    text: str
    role: Role
    target: str | None
    reason: str | None = None


def references(file: str, data: Mapping[str, Any]) -> Iterator[Reference]:
    """All that a kustomization names, in its order; patches that stand in it as text do not."""
    folder = folder_of(file)
    for place, text, role in _named(data):
        if "\n" not in text:
            yield _resolved(folder, place, text, role)


def charts(data: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """The charts that a kustomization inflates, where it says so."""
    for name in _CHART_FIELDS:
        for index, entry in enumerate(as_list(data.get(name))):
            chart = as_mapping(entry).get("name") or as_mapping(entry).get("chartName")
            yield (name, index), str(chart)


def _named(data: Mapping[str, Any]) -> Iterator[tuple[Path, str, Role]]:
    for name, role in (*_ENTRIES, *_PATHS):
        for index, entry in enumerate(as_list(data.get(name))):
            below = () if isinstance(entry, str) else ("path",)
            text = as_mapping(entry).get("path") if below else entry
            if isinstance(text, str):
                yield (name, index, *below), text, role
    for name in ("configMapGenerator", "secretGenerator"):
        for index, entry in enumerate(as_list(data.get(name))):
            sources = _sources(as_mapping(entry))
            yield from (((name, index, *place), text, "generates") for place, text in sources)
    if isinstance(path := as_mapping(data.get("openapi")).get("path"), str):
        yield ("openapi", "path"), path, "transforms"


def _sources(generator: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """The files of a generator: `files` may name a key before the path."""
    for index, entry in enumerate(as_list(generator.get("files"))):
        if isinstance(entry, str):
            yield ("files", index), entry.partition("=")[2] or entry
    for index, entry in enumerate(as_list(generator.get("envs"))):
        if isinstance(entry, str):
            yield ("envs", index), entry
    if isinstance(entry := generator.get("env"), str):
        yield ("env",), entry


def _resolved(folder: str, place: Path, text: str, role: Role) -> Reference:
    target = posixpath.normpath(posixpath.join(folder, text))
    reason: str | None = None
    if is_remote(text):
        reason = "remote: it is not fetched"
    elif text.startswith("/"):
        reason = "an absolute path: it is not read"
    elif target == ".." or target.startswith("../"):
        reason = "it leaves the repository: it is not read"
    target = "" if target == "." else target
    return Reference(
        place=place, text=text, role=role, target=None if reason else target, reason=reason
    )
