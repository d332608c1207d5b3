"""The kustomizations of a repository, and what they build, patch and generate."""

from __future__ import annotations

import posixpath

from bot.engine.gitops.draft import Draft, line_of, objects
from bot.kubernetes.kustomization import folder_of, is_kustomization
from bot.kubernetes.kustomize_file import Reference, Role, charts, references
from bot.kubernetes.partial import is_named_kustomization
from bot.model.manifest import Manifest
from bot.model.repository_map import Key, Node, NodeKind, Relation

_RELATIONS: dict[Role, Relation] = {
    "builds": "builds",
    "component": "component",
    "patch": "patch",
    "generates": "generates",
    "transforms": "patch",
}


def draw_kustomizations(draft: Draft) -> None:
    """Add all kustomizations: first the nodes, then what they name, which may be nodes."""
    found: list[tuple[Key, Manifest]] = []
    for path in sorted(draft.known):
        if not is_named_kustomization(path):
            continue
        kustomization = _read(draft, path)
        kind: NodeKind = "kustomization"
        if kustomization is not None and kustomization.kind == "Component":
            kind = "component"
        key = Key(kind=kind, path=folder_of(path))
        if kustomization is None:
            draft.add(Node(key=key, file=path))
            draft.miss(key, posixpath.basename(path), "it cannot be read")
        elif key not in draft.nodes:
            draft.add(_node(draft, key, kustomization))
            found.append((key, kustomization))
    for key, kustomization in found:
        _link(draft, key, kustomization)


def _node(draft: Draft, key: Key, kustomization: Manifest) -> Node:
    """A kustomization with the files that it names."""
    files: set[str] = set()
    builds: set[str] = set()
    for reference in references(kustomization.file, kustomization.data):
        if reference.target is not None and reference.target in draft.known:
            files.add(reference.target)
            builds |= {reference.target} if reference.role == "builds" else set()
    return Node(
        key=key, file=kustomization.file, files=tuple(sorted(files)), builds=tuple(sorted(builds))
    )


def _read(draft: Draft, path: str) -> Manifest | None:
    for manifest in objects(draft.files, path):
        if is_kustomization(manifest.api_version, manifest.kind) and not manifest.base:
            return manifest
    return None


def _link(draft: Draft, key: Key, kustomization: Manifest) -> None:
    for reference in references(kustomization.file, kustomization.data):
        target = _node_at(draft, reference.target)
        if target is not None:
            draft.link(key, target, _RELATIONS[reference.role])
        elif (reason := _why_unseen(draft, reference)) is not None:
            line = line_of(kustomization, *reference.place)
            draft.miss(key, reference.text, reason, line)
    for place, chart in charts(kustomization.data):
        line = line_of(kustomization, *place)
        draft.miss(key, f"chart {chart}", "a chart that kustomize inflates: not rendered", line)


def _node_at(draft: Draft, folder: str | None) -> Key | None:
    """The kustomization in a folder."""
    if folder is None:
        return None
    for kind in ("kustomization", "component"):
        key = Key(kind=kind, path=folder)
        if key in draft.nodes:
            return key
    return None


def _why_unseen(draft: Draft, reference: Reference) -> str | None:
    if reference.target is None or reference.reason is not None:
        return reference.reason or "it is not here"
    if (reason := draft.files.refused(reference.target)) is not None:
        return reason
    if reference.target in draft.known:
        return None
    if reference.target in draft.folders:
        return "a folder without a kustomization"
    return "it is not here: generated, or moved"
