"""Manifests to what they show of the network: who talks to whom, under which policies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.engine.check import view_of
from bot.kubernetes.network_grants import Survey
from bot.kubernetes.network_inference import infer
from bot.kubernetes.network_view import namespaces_of, network_of
from bot.kubernetes.selector import labels_of
from bot.kubernetes.text_sources import Read
from bot.kubernetes.workload import dig
from bot.model.manifest import Manifest

MESH = (
    "istio-injection",
    "istio.io/rev",
    "istio.io/dataplane-mode",
    "linkerd.io/inject",
    "sidecar.istio.io/inject",
)
"""Labels and annotations by which Istio and Linkerd take pods, or whole namespaces, in."""
_OFF = frozenset({"false", "disabled", "none"})


def survey(manifests: Sequence[Manifest], read: Read) -> Survey:
    """What the manifests of a whole tree show; `read` gives its other files."""
    view = view_of(manifests, complete=True)
    return Survey(
        inferred=infer(manifests, view.derived(namespaces_of), read),
        network=view.derived(network_of),
        view=view,
        meshed=frozenset(_meshed(manifests)),
        namespaces=tuple(one for one in manifests if one.kind == "Namespace"),
    )


def mesh_of(metadata: object) -> bool | None:
    """Whether metadata takes a pod or namespace into a mesh; None where it does not say."""
    said = {**labels_of(dig(metadata, "annotations")), **labels_of(dig(metadata, "labels"))}
    values = [said[key].lower() for key in MESH if key in said]
    return any(value not in _OFF for value in values) if values else None


def _meshed(manifests: Sequence[Manifest]) -> Iterator[str]:
    for manifest in manifests:
        if manifest.kind == "Namespace" and mesh_of(manifest.data.get("metadata")):
            yield manifest.name
