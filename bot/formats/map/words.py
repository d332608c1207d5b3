"""What nodes and edges of a map are called."""

from __future__ import annotations

from bot.model.repository_map import Key, NodeKind, Relation

KINDS: dict[NodeKind, str] = {
    "kustomization": "kustomization",
    "component": "component",
    "chart": "chart",
    "application": "Argo CD Application",
    "application-set": "Argo CD ApplicationSet",
    "flux-kustomization": "Flux Kustomization",
    "helm-release": "Flux HelmRelease",
    "folder": "plain folder",
}
RELATIONS: dict[Relation, str] = {
    "builds": "builds on",
    "component": "takes the component",
    "patch": "is changed by",
    "generates": "generates from",
    "values": "takes values from",
    "deploys": "deploys",
    "depends": "depends on",
}


def title(key: Key) -> str:
    """What people read: an object's name, or a folder."""
    return f"{key.name} in {key.path}" if key.name else key.path or "."


def counted(number: int, what: str) -> str:
    """A number with its noun."""
    return f"{number} {what}{'' if number == 1 else 's'}"
