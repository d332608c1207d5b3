"""What looks like an object and is a piece of one: patches, which are not judged as objects.

Of the documents in real repositories that look like a workload, 13 % are such pieces.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.kubernetes.workload import below, reach
from bot.model.manifest import PodPlace

# directives of strategic merge patches (kustomize and kubectl), never fields of an object
_DIRECTIVES = ("$patch", "$retainKeys", "$setElementOrder/", "$deleteFromPrimitiveList/")
_PATCH_NAME = re.compile(r"(?:^|[/_.-])(?:json)?patch(?:es)?(?=[/_.-]|$)", re.IGNORECASE)
# kinds whose API server demands a selector; Kustomize may add one to a base
_SELECTING = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"})
_KUSTOMIZATIONS = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
LISTED_AS_A_PATCH = "a kustomization lists it as a patch: not judged"
_PATCHES = ("patches", "patchesStrategicMerge", "patchesJson6902")
_RESOURCES = ("resources", "bases")


def why_partial(
    file: str, kind: str, data: Mapping[str, Any], pods: Iterable[PodPlace]
) -> str | None:
    """Why an object cannot be judged alone, None where it can."""
    if any(key.startswith(_DIRECTIVES) for key in data):
        return f"a patch of {_named(kind)}: not judged"
    for pod in pods:
        spec = reach(data, pod.path)
        if pod.is_whole and _is_piece(spec):
            return f"partial {kind}, a patch: not judged"
    if kind in _SELECTING and _PATCH_NAME.search(file) and not reach(data, ("spec", "selector")):
        return f"partial {kind} without a selector, a patch: not judged"
    return None


def _is_piece(spec: Any) -> bool:
    """Whether a pod spec lacks what the API server demands of each: containers, and their images.

    A container that a patch changes is known by its name alone.
    """
    containers = below(spec, "containers")
    if not containers or any(key.startswith(_DIRECTIVES) for key in spec):
        return True
    return isinstance(containers, list) and any(
        isinstance(one, dict) and "image" not in one for one in containers
    )


def _named(kind: str) -> str:
    return f"{'an' if kind[:1] in 'AEIOU' else 'a'} {kind}"


def is_json_patch(value: Any) -> bool:
    """Whether a document is a list of JSON patch operations (RFC 6902)."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, dict) and "op" in one and "path" in one for one in value)
    )


def is_named_kustomization(file: str) -> bool:
    """Whether kustomize reads the file by its name alone."""
    return posixpath.basename(file) in _KUSTOMIZATIONS


def patch_files(kustomizations: Iterable[tuple[str, Any]]) -> frozenset[str]:
    """The files that kustomizations list as patches, each given as its file and its data.

    A file that another one lists as a resource is no patch.
    """
    found: set[str] = set()
    whole: set[str] = set()
    for file, data in kustomizations:
        folder = posixpath.dirname(file)
        found.update(_joined(folder, path) for path in patches_of(data))
        whole.update(_joined(folder, path) for path in _listed(data, _RESOURCES))
    return frozenset(found - whole)


def patches_of(data: Any) -> Iterator[str]:
    """The files that a kustomization lists as patches, as it names them."""
    return _listed(data, _PATCHES)


def _joined(folder: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(folder, path))


def _listed(data: Any, names: Iterable[str]) -> Iterator[str]:
    """The paths under some of a kustomization's fields; a patch may stand there as text."""
    for name in names:
        entries = below(data, name)
        for entry in entries if isinstance(entries, list) else ():
            path = entry.get("path") if isinstance(entry, dict) else entry
            if isinstance(path, str) and "\n" not in path:
                yield path
