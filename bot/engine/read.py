"""Text to manifests: which Kubernetes objects a file holds, and what of it cannot be judged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from bot.kubernetes import kustomization
from bot.kubernetes.kinds import pod_path
from bot.kubernetes.workload import CONTAINER_LISTS, dig
from bot.model.finding import Skipped
from bot.model.manifest import Manifest
from bot.yamlpatch import Odd, Outline, Path, Stream, Unreadable, outline, read

_TEMPLATE = re.compile(r"\{\{|\{%")
_TEMPLATES_FOLDER = re.compile(r"(?:^|/)templates/")
_SEPARATOR = re.compile(rb"^---(?=[ \t\r\n]|$)", re.MULTILINE)
# the names that kustomize looks for (kustomize, api/konfig)
_KUSTOMIZATIONS = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
_OBJECT = re.compile(rb"""["']?(?:kind|apiVersion)["']?[ \t]*:""")


def load(path: str, data: bytes) -> tuple[tuple[Manifest, ...], tuple[Skipped, ...]]:
    """All objects of a file, and what was skipped with its reason. Never raises."""
    named = b"kind" in data and b"apiVersion" in data
    if named or not _is_kustomization(path):  # else the fast reader would leave it out
        with suppress(Odd):
            return _of_stream(path, outline(data))
    try:
        return _of_stream(path, read(data))
    except Unreadable as error:
        reason = _reason(path, data, error.reason)
        skipped = Skipped(file=path, line=error.line, reason=reason)
        if reason.startswith(("larger", "Helm")):
            return (), (skipped,)
        return _salvaged(path, data, skipped)


def _reason(path: str, data: bytes, reason: str) -> str:
    """What the user sees: a template is no broken YAML."""
    if reason.startswith("larger"):
        return reason
    text = data.decode("utf-8", "replace")
    if _TEMPLATE.search(text):
        chart = _TEMPLATES_FOLDER.search(path)
        return "Helm template: not judged" if chart else "template text: not judged"
    return reason


def _salvaged(
    path: str, data: bytes, skipped: Skipped
) -> tuple[tuple[Manifest, ...], tuple[Skipped, ...]]:
    """The other documents of a file in which one cannot be read.

    Each is read with the lines before it blanked, so that positions hold; kubectl splits so too.
    """
    starts = [0, *(m.start() for m in _SEPARATOR.finditer(data) if m.start())]
    if len(starts) == 1 or len(starts) > 200:
        return (), (skipped,)
    found: list[Manifest] = []
    unread: list[Skipped] = []
    for start, end in zip(starts, [*starts[1:], len(data)], strict=True):
        blanked = b"\n" * data.count(b"\n", 0, start)
        try:
            manifests, _ = _of_stream(path, read(blanked + data[start:end]))
        except Unreadable as error:
            unread.append(Skipped(file=path, line=error.line, reason=error.reason))
        else:
            found += manifests
    return tuple(found), tuple(unread) or (skipped,)


def _of_stream(
    path: str, stream: Stream | Outline
) -> tuple[tuple[Manifest, ...], tuple[Skipped, ...]]:
    manifests: list[Manifest] = []
    skipped: list[Skipped] = []
    for document in stream.documents:
        if document.is_empty:
            continue
        value = stream.value(document.index)
        for base, data in _objects(_kustomization(path, value)):
            found = _manifest(path, stream, document.index, base, data)
            if isinstance(found, str):
                reason: str | None = found
            else:
                manifests.append(found)
                reason = _not_judged(found)
            if reason is not None:
                line = stream.locate(document.index, base)[0].line
                skipped.append(Skipped(file=path, line=line, reason=reason))
    if not manifests and not skipped:
        skipped.append(Skipped(file=path, line=1, reason="no Kubernetes object"))
    return tuple(manifests), tuple(skipped)


def _is_kustomization(path: str) -> bool:
    return path.rpartition("/")[2] in _KUSTOMIZATIONS


def _kustomization(path: str, value: Any) -> Any:
    """A kustomization may leave out its kind: kustomize knows it by the name of its file."""
    if not _is_kustomization(path) or not isinstance(value, dict):
        return value
    return {"kind": "Kustomization", "apiVersion": f"{kustomization.GROUP}/v1beta1", **value}


def _not_judged(manifest: Manifest) -> str | None:
    """Why no rule judges an object that others may be judged by."""
    if kustomization.is_kustomization(manifest.api_version, manifest.kind):
        return f"{manifest.kind}: not judged"
    return None


def _objects(value: Any, base: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The objects of a document: itself, or the items of a List."""
    if not isinstance(value, dict):
        return
    kind, version = value.get("kind"), value.get("apiVersion")
    if not (isinstance(kind, str) and isinstance(version, str)):
        return
    items = value.get("items")
    if kind.endswith("List") and isinstance(items, list):
        for index, item in enumerate(items):
            yield from _objects(item, (*base, "items", index))
    else:
        yield base, value


def _manifest(
    path: str, stream: Stream | Outline, document: int, base: Path, data: dict[str, Any]
) -> Manifest | str:
    """The manifest, or why it is not judged."""
    kind, version = data["kind"], data["apiVersion"]
    where = pod_path(version, kind)
    if where is not None and not _has_containers(data, where):
        return f"partial {kind}, a patch: not judged"
    metadata = data.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    namespace = metadata.get("namespace")
    return Manifest(
        file=path,
        stream=stream,
        document=document,
        base=base,
        api_version=version,
        kind=kind,
        name=str(metadata.get("name") or metadata.get("generateName") or ""),
        namespace=namespace if isinstance(namespace, str) else None,
        data=data,
        pod_path=where,
    )


def _has_containers(data: dict[str, Any], where: Path) -> bool:
    """Whether the pod has main containers with images: a patch names only what it changes."""
    containers = dig(data, ".".join((*map(str, where), CONTAINER_LISTS[1])))
    if not isinstance(containers, list) or not containers:
        return False
    return any(isinstance(c, dict) and isinstance(c.get("image"), str) for c in containers)


def mentions_object(data: bytes) -> bool:
    """Whether a file may hold a Kubernetes object at all: a cheap look before parsing."""
    return _OBJECT.search(data) is not None
