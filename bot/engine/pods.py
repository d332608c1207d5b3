"""A manifest as the rules see it: its object, its pods."""

from __future__ import annotations

from collections.abc import Iterator

from bot.kubernetes.workload import Object, Pod, reach
from bot.model.manifest import Manifest, PodPlace


def owner_of(manifest: Manifest) -> Object:
    """The object itself."""
    return Object(
        spec=manifest.data,
        path=manifest.base,
        api_version=manifest.api_version,
        kind=manifest.kind,
        name=manifest.name,
        namespace=manifest.namespace,
        file=manifest.file,
    )


def pod_of(manifest: Manifest) -> Pod | None:
    """The first whole pod of a workload; None where there is none."""
    place = next((place for place in manifest.pods if place.is_whole), None)
    return None if place is None else pod_at(manifest, place, owner_of(manifest))


def pods_of(manifest: Manifest) -> Iterator[Pod]:
    """All pods and pieces of pods."""
    owner = owner_of(manifest)
    return (pod_at(manifest, place, owner) for place in manifest.pods)


def pod_at(manifest: Manifest, place: PodPlace, owner: Object) -> Pod:
    """One of the pods that it makes; a pod's metadata stand beside its spec."""
    holder = reach(manifest.data, place.path[:-1])
    metadata = reach(holder, ("metadata",))
    return Pod(
        spec=reach(holder, place.path[-1:]),
        path=(*manifest.base, *place.path),
        name=manifest.name,
        owner=owner,
        metadata=metadata if isinstance(metadata, dict) else {},
        listed=place.containers,
    )
