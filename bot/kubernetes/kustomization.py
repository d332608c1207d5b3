"""What the kustomizations in view build together, and what they give to it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.kubernetes.partial import patches_of

_FILES = (".yaml", ".yml", ".json")
_LISTS = ("resources", "bases", "components")
GROUP = "kustomize.config.k8s.io"
_KINDS = frozenset({"Kustomization", "Component"})
_HOSTS = frozenset({"github.com", "gitlab.com", "bitbucket.org", "gh:"})
_MAX_LINKS = 300_000
"""Pairs of kustomization and folder that are followed: far above what repositories hold."""


def is_kustomization(api_version: str, kind: str) -> bool:
    """Whether an object is one that the kustomize command reads."""
    return kind in _KINDS and api_version.startswith(GROUP + "/")


def folder_of(file: str) -> str:
    """The folder of a file, empty for the top one."""
    folder = posixpath.normpath(posixpath.dirname(file))
    return "" if folder == "." else folder


class Kustomizations:
    """All kustomizations in view, by folder."""

    def __init__(self, found: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """Each is given as its file and its data."""
        self._by_folder = {folder_of(file): data for file, data in found}
        self._builders = self._links(across=True)
        self._roots = self._links(across=False)

    def roots(self, folder: str) -> frozenset[str]:
        """The kustomizations that put the files of a folder into one namespace."""
        return frozenset(self._roots.get(folder, ()))

    def namespaces(self, folder: str) -> frozenset[str]:
        """The namespaces that they give to what is in a folder."""
        if folder not in self._roots:
            return frozenset()
        given = (self._by_folder[root].get("namespace") for root in self.roots(folder))
        return frozenset(name for name in given if isinstance(name, str))

    def of(self, folder: str) -> Iterator[Mapping[str, Any]]:
        """What the kustomizations say that build the files of a folder."""
        return (self._by_folder[root] for root in sorted(self._builders.get(folder, ())))

    def _links(self, *, across: bool) -> dict[str, set[str]]:
        """By folder: the kustomizations that build its files, in one namespace unless `across`."""
        found: dict[str, set[str]] = {}
        links = 0
        for root in sorted(self._by_folder):
            for folder in self._built(root, across=across):
                found.setdefault(folder, set()).add(root)
                links += 1
            if links > _MAX_LINKS:
                break
        return found

    def _built(self, root: str, *, across: bool) -> set[str]:
        """The folders whose files a kustomization builds, its own among them.

        One that it lists and that gives a namespace of its own is another tree, unless this one
        gives a namespace too: the outer one wins (kustomize, NamespaceTransformer).
        """
        overrules = across or self._by_folder[root].get("namespace") is not None
        built, todo = {root}, [root]
        while todo:
            folder = todo.pop()
            for entry in entries(self._by_folder[folder]):
                path = posixpath.normpath(posixpath.join(folder, entry))
                found = posixpath.dirname(path) if path.endswith(_FILES) else path
                inner = self._by_folder.get(found)
                own = inner is not None and inner.get("namespace") is not None
                if found in built or (own and not overrules):
                    continue
                built.add(found)
                if inner is not None:
                    todo.append(found)
        return built


def entries(data: Mapping[str, Any]) -> Iterator[str]:
    """The local files and folders that a kustomization lists."""
    return (entry for entry in _listed(data) if not is_remote(entry))


def is_open_ended(data: Mapping[str, Any]) -> bool:
    """Whether it brings objects that are not in view: remote bases, charts, plugins."""
    return any(data.get(name) for name in ("helmCharts", "generators")) or any(
        is_remote(entry) for entry in _listed(data)
    )


def generated(data: Mapping[str, Any], kind: str) -> Iterator[str]:
    """The names of the ConfigMaps or Secrets that it generates."""
    listed = data.get("configMapGenerator" if kind == "ConfigMap" else "secretGenerator")
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, Mapping) and isinstance(entry.get("name"), str):
            yield entry["name"]


def images(data: Mapping[str, Any]) -> Iterator[str]:
    """The image names to which it gives a tag or a digest."""
    listed = data.get("images")
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, Mapping) and (entry.get("newTag") or entry.get("digest")):
            yield str(entry.get("name"))


def pruned(data: Mapping[str, Any]) -> dict[str, Any]:
    """What others may ask of a kustomization: no literal, of patches the files alone."""
    kept = {name: data[name] for name in (*_LISTS, "namespace", "images") if name in data}
    for name in ("helmCharts", "generators"):
        kept[name] = bool(data.get(name))
    for name, kind in (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")):
        kept[name] = [{"name": found} for found in generated(data, kind)]
    kept["patches"] = list(patches_of(data))
    return kept


def _listed(data: Mapping[str, Any]) -> Iterator[str]:
    for name in _LISTS:
        listed = data.get(name)
        yield from (e for e in (listed if isinstance(listed, list) else ()) if isinstance(e, str))


def is_remote(entry: str) -> bool:
    """Whether an entry is a repository or an address (kustomize, remoteBuild)."""
    start = entry.partition("/")[0]
    return "://" in entry or "?ref=" in entry or "@" in start or start in _HOSTS
