"""What a root reads and builds, and what of it can be rendered where something is not here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.engine.gitops.draft import objects
from bot.frozen import frozen
from bot.kubernetes.kustomization import is_kustomization
from bot.kubernetes.kustomize_file import Reference, references
from bot.kubernetes.workload import as_mapping
from bot.model.files import Edited, Files
from bot.model.rendering import Root
from bot.model.repository_map import Key, RepositoryMap
from bot.yamlpatch import Path

_BUILTIN = "builtin"
_PLUGINS = ("generators", "transformers", "validators")
_CHARTS = ("helmCharts", "helmChartInflationGenerator", "helmGlobals")


@frozen
class Reads:
    """What a root reads: all files, those that it builds whole, and what it is given instead.

    `missing` says what it names that is not here; `refusal` why it is not rendered at all.
    `files` is the tree in which the entries for what is missing are left out.
    """

    root: Root
    paths: tuple[str, ...]
    builds: tuple[str, ...]
    kustomizations: tuple[str, ...]
    files: Files
    missing: tuple[str, ...] = ()
    refusal: str | None = None


def reads_of(repository: RepositoryMap, root: Root, files: Files) -> Reads:
    """Gather what a kustomization on top reads, itself and all that it leads to."""
    nodes = [
        node
        for key in repository.closure(Key(kind="kustomization", path=root.folder))
        if (node := repository.node(key)) is not None
    ]
    gathered = _Gathered(files)
    for node in nodes:
        gathered.take(node.file)
    paths = {file for node in nodes for file in (node.file, *node.files)}
    return Reads(
        root=root,
        paths=tuple(sorted(paths | gathered.changed.keys())),
        builds=tuple(sorted({file for node in nodes for file in node.builds})),
        kustomizations=tuple(node.file for node in nodes),
        files=Edited(files, gathered.changed) if gathered.changed else files,
        missing=tuple(gathered.missing),
        refusal=gathered.refusal,
    )


@dataclass(slots=True)
class _Gathered:
    """What is not here of the kustomizations of one root, and these without it."""

    files: Files
    changed: dict[str, bytes] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    refusal: str | None = None

    def take(self, file: str) -> None:
        """Look at one kustomization."""
        for manifest in objects(self.files, file):
            if is_kustomization(manifest.api_version, manifest.kind):
                self.refusal = self.refusal or self._plugin(file, manifest.data)
                self._without(file, manifest.data)

    def _plugin(self, file: str, data: Mapping[str, Any]) -> str | None:
        """Why nothing of it is run: it asks for a program of its own."""
        for reference in references(file, data):
            if reference.place[0] in _PLUGINS and reference.target is not None:
                for manifest in objects(self.files, reference.target):
                    if manifest.api_version != _BUILTIN:
                        return _plugin_named(reference.text, manifest.kind)
        for name in _PLUGINS:
            for entry in data.get(name) or ():
                if isinstance(entry, str) and "\n" in entry and "apiVersion: builtin" not in entry:
                    return _plugin_named(f"{name} in {file}", "a program")
        return None

    def _without(self, file: str, data: Mapping[str, Any]) -> None:
        """The kustomization without what is not here; empty files stand in for generators'."""
        gone: list[Path] = []
        for reference in references(file, data):
            if self._is_here(reference):
                continue
            self.missing.append(f"{file}: {reference.text}: {reference.reason or 'it is not here'}")
            if reference.role == "generates" and reference.target is not None:
                self.changed.setdefault(reference.target, b"")
            else:
                gone.append(reference.place)
        charts = [name for name in _CHARTS if data.get(name)]
        self.missing += [f"{file}: {name}: charts are not inflated" for name in charts]
        if gone or charts:
            gone += [(name,) for name in charts]
            self.changed[file] = json.dumps(_dropped(data, gone), default=str).encode()

    def _is_here(self, reference: Reference) -> bool:
        target = reference.target
        if target is None or reference.reason is not None:
            return False
        if self.files.read(target) is not None:
            return True
        prefix = f"{target}/" if target else ""
        names = ("kustomization.yaml", "kustomization.yml", "Kustomization")
        return any(self.files.read(prefix + name) is not None for name in names)


def _plugin_named(where: str, kind: str) -> str:
    return f"{where} asks for a plugin ({kind}): podsec runs none"


def _dropped(data: Mapping[str, Any], places: list[Path]) -> dict[str, Any]:
    """The data without some entries; an entry of a list goes as a whole, a generator's file too."""
    lists: dict[str, set[int]] = {}
    whole = {place[0] for place in places if len(place) == 1}
    for place in places:
        if len(place) > 1 and isinstance(place[1], int):
            lists.setdefault(str(place[0]), set()).add(place[1])
        elif len(place) > 1:
            whole.add(place[0])
    kept: dict[str, Any] = {}
    for name, value in data.items():
        if name in whole:
            continue
        if name in lists and isinstance(value, list):
            value = [one for index, one in enumerate(value) if index not in lists[name]]  # noqa: PLW2901  # the rest of the entry
        kept[name] = as_mapping(value) if isinstance(value, Mapping) else value
    return kept
