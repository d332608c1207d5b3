"""Text to manifests: which Kubernetes objects a file holds, and what of it cannot be judged."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from bot.config import Config
from bot.kubernetes.custom_kinds import KNOWN, UNKNOWN, embedded, has_images
from bot.kubernetes.kinds import EACH, Kinds, Shape, is_built_in, places
from bot.kubernetes.kustomization import GROUP, is_kustomization
from bot.kubernetes.partial import (
    LISTED_AS_A_PATCH,
    is_json_patch,
    is_named_kustomization,
    patch_files,
    why_partial,
)
from bot.kubernetes.schema import has_schema
from bot.kubernetes.version import Version
from bot.kubernetes.workload import CONTAINER_LISTS, reach
from bot.model.finding import Skipped
from bot.model.manifest import Manifest, PodPlace
from bot.yamlpatch import Odd, Outline, Path, Stream, Unreadable, outline, read, read_json

_TEMPLATE = re.compile(r"\{\{|\{%")
_TEMPLATES_FOLDER = re.compile(r"(?:^|/)templates/")
_SEPARATOR = re.compile(rb"^---(?=[ \t\r\n]|$)", re.MULTILINE)
_OBJECT = re.compile(rb"""["']?(?:kind|apiVersion)["']?[ \t]*:""")
_MOST_PARTS = 200
# these keep a file under 2 s and 200 MB, far above what people deploy: of 16,000 files of public
# repositories the largest bundle has 80,000 lines and values, the fullest 130 objects
MOST_VALUES = 100_000
MOST_OBJECTS = 500
MOST_CONTAINERS = 1_000
_VALUE_SIGNS = (b"\n", b"\r", b",", b"[", b"{", b"? ")
_KUSTOMIZATION = {"apiVersion": f"{GROUP}/v1beta1", "kind": "Kustomization"}
_PIECES = frozenset(
    {
        "Kustomization: not judged",
        "Component: not judged",
        "JSON patch: not judged",
        "no Kubernetes object",
        LISTED_AS_A_PATCH,
    }
)
# custom resources that bring workloads only once somebody has rendered them
_UNRENDERED = {
    ("helm.toolkit.fluxcd.io", "HelmRelease"): "HelmRelease: its chart is not rendered, not judged",
    ("helm.cattle.io", "HelmChart"): "HelmChart: its chart is not rendered, not judged",
    ("template.openshift.io", "Template"): "OpenShift Template: not processed, not judged",
}

Loaded = tuple[tuple[Manifest, ...], tuple[Skipped, ...]]


def load(path: str, data: bytes, kinds: Kinds = KNOWN) -> Loaded:
    """All objects of a file, and what was skipped with its reason. Never raises.

    `kinds` says where the objects of which kinds hold pods.
    """
    if _is_too_full(data):
        reason = f"more than {MOST_VALUES:,} lines and values: not judged"
        return (), (Skipped(file=path, line=1, reason=reason),)
    reader = _Reader(path, kinds)
    named = b"kind" in data and b"apiVersion" in data
    if named or not is_named_kustomization(path):  # else the fast reader would leave it out
        with suppress(Odd):
            return reader.read(outline(data))
    try:
        return reader.read(_stream(data))
    except Unreadable as error:
        reason = _reason(path, data, error.reason)
        skipped = Skipped(file=path, line=error.line, reason=reason)
        if reason.startswith(("larger", "Helm")):
            return (), (skipped,)
        return _salvaged(reader, data, skipped)


def kinds_of(config: Config) -> Kinds:
    """The kinds that make pods, those of a config among them."""
    if not config.kinds:
        return KNOWN
    return KNOWN.extended((own.group, own.kind, own.path) for own in config.kinds)


def _is_too_full(data: bytes) -> bool:
    return sum(map(data.count, _VALUE_SIGNS)) > MOST_VALUES


def _stream(data: bytes) -> Stream:
    """JSON that libyaml refuses is JSON still, for kubectl too. Raises Unreadable."""
    try:
        return read(data)
    except Unreadable:
        if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"["):
            raise
        try:
            return read_json(data)
        except Unreadable:
            pass
        raise


def _reason(path: str, data: bytes, reason: str) -> str:
    """What the user sees: a template is no broken YAML."""
    if reason.startswith("larger"):
        return reason
    text = data.decode("utf-8", "replace")
    if _TEMPLATE.search(text):
        chart = _TEMPLATES_FOLDER.search(path)
        return "Helm template: not judged" if chart else "template text: not judged"
    return reason


def _salvaged(reader: _Reader, data: bytes, skipped: Skipped) -> Loaded:
    """The other documents of a file in which one cannot be read.

    Each is read with the lines before it blanked, so that positions hold; kubectl splits so too.
    """
    starts = [0, *(m.start() for m in _SEPARATOR.finditer(data) if m.start())]
    if len(starts) == 1 or len(starts) > _MOST_PARTS:
        return (), (skipped,)
    found: list[Manifest] = []
    unread: list[Skipped] = []
    for start, end in zip(starts, [*starts[1:], len(data)], strict=True):
        blanked = b"\n" * data.count(b"\n", 0, start)
        try:
            manifests, others = reader.read(_stream(blanked + data[start:end]))
        except Unreadable as error:
            unread.append(Skipped(file=reader.file, line=error.line, reason=error.reason))
        else:
            found += manifests
            unread += others
    return tuple(found), tuple(unread) or (skipped,)


class _Reader:
    """Reads the documents of one file."""

    def __init__(self, file: str, kinds: Kinds) -> None:
        self.file = file
        self._kinds = kinds
        self._manifests: list[Manifest] = []
        self._skipped: list[Skipped] = []
        self._containers = 0

    def read(self, stream: Stream | Outline) -> Loaded:
        """All objects of a file. Raises Odd and Unreadable."""
        self._manifests, self._skipped, self._containers = [], [], 0
        for index, base, data in self._found(stream):
            if len(self._manifests) == MOST_OBJECTS:
                reason = f"more than {MOST_OBJECTS:,} objects: the rest of the file is not judged"
                self._skip(stream, index, base, reason)
                break
            self._object(stream, index, base, data)
        if not self._manifests and not self._skipped:
            self._skipped.append(Skipped(file=self.file, line=1, reason="no Kubernetes object"))
        return tuple(self._manifests), tuple(self._skipped)

    def _found(self, stream: Stream | Outline) -> Iterator[tuple[int, Path, dict[str, Any]]]:
        for document in stream.documents:
            value = None if document.is_empty else stream.value(document.index)
            if is_json_patch(value):
                self._skip(stream, document.index, (), "JSON patch: not judged")
            elif isinstance(value, dict) and is_named_kustomization(self.file):
                value = _KUSTOMIZATION | value
            for base, data in objects_of(value):
                yield document.index, base, data

    def _object(
        self, stream: Stream | Outline, document: int, base: Path, data: Mapping[str, Any]
    ) -> None:
        version, kind = data["apiVersion"], data["kind"]
        shapes = self._kinds.known(version, kind)
        pods = self._pods(version, shapes, data)
        if (reason := _why_not(self.file, data, shapes, pods)) is not None:
            self._skip(stream, document, base, reason)
            return
        self._containers += sum(_containers(data, pod) for pod in pods)
        if self._containers > MOST_CONTAINERS:
            reason = f"more than {MOST_CONTAINERS:,} containers in the file: not judged"
            self._skip(stream, document, base, reason)
            return
        if (note := _unseen(data, shapes, pods)) is not None:
            self._skip(stream, document, base, note)
        self._manifests.append(
            Manifest(
                file=self.file,
                stream=stream,
                document=document,
                base=base,
                api_version=version,
                kind=kind,
                name=text_of(reach(data, ("metadata", "name")))
                or text_of(reach(data, ("metadata", "generateName"))),
                namespace=text_of(reach(data, ("metadata", "namespace"))) or None,
                data=data,
                pods=pods,
            )
        )

    @staticmethod
    def _pods(
        version: str, shapes: Sequence[Shape] | None, data: Mapping[str, Any]
    ) -> tuple[PodPlace, ...]:
        if shapes is not None:
            return tuple(places(shapes, data))
        if is_built_in(version):
            return ()
        found = places(UNKNOWN, data)
        return tuple(pod for pod in found if has_images(reach(data, (*pod.path, "containers"))))

    def _skip(self, stream: Stream | Outline, document: int, path: Path, reason: str) -> None:
        line = stream.locate(document, path)[0].line
        self._skipped.append(Skipped(file=self.file, line=line, reason=reason))


def objects_of(value: Any, base: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The objects of a document: itself, or the items of a List.

    The items of a typed list such as a PodList need not repeat what they are.
    """
    if not isinstance(value, dict):
        return
    kind, version = value.get("kind"), value.get("apiVersion")
    if not (isinstance(kind, str) and isinstance(version, str)):
        return
    items = value.get("items")
    if not (kind.endswith("List") and isinstance(items, list)):
        yield base, value
        return
    typed = {"apiVersion": version, "kind": kind.removesuffix("List")} if kind != "List" else {}
    for index, item in enumerate(items):
        if isinstance(item, dict):
            whole = item if "kind" in item else typed | item
            yield from objects_of(whole, (*base, "items", index))


def _why_not(
    file: str,
    data: Mapping[str, Any],
    shapes: Sequence[Shape] | None,
    pods: Sequence[PodPlace],
) -> str | None:
    """Why an object is not judged at all, None where it is."""
    kind = data["kind"]
    reason = why_partial(file, kind, data, pods)
    if reason is None and not pods and shapes is not None and _demands_pod(shapes):
        if isinstance(reach(data, ("spec", "workloadRef")), dict):
            return f"{kind}: its pods are another workload's, not judged"
        return f"partial {kind}, a patch: not judged"
    return reason


def _containers(data: Mapping[str, Any], pod: PodPlace) -> int:
    """How many containers a pod has."""
    if pod.containers is not None:
        return len(pod.containers)
    lists = (reach(data, (*pod.path, which)) for which in CONTAINER_LISTS)
    return sum(len(listed) for listed in lists if isinstance(listed, list))


def _demands_pod(shapes: Sequence[Shape]) -> bool:
    """Whether every object of a kind has a pod."""
    return len(shapes) == 1 and shapes[0].is_whole and EACH not in shapes[0].path


def _unseen(
    data: Mapping[str, Any], shapes: Sequence[Shape] | None, pods: Sequence[PodPlace]
) -> str | None:
    """What an object brings that is not judged, though the object is."""
    version, kind = data["apiVersion"], data["kind"]
    if is_kustomization(version, kind):
        return f"{kind}: not judged"
    note = _UNRENDERED.get((version.rpartition("/")[0], kind))
    if note is not None or shapes is not None or pods or is_built_in(version):
        return note
    place = next(embedded(data), None)
    if place is None:
        return None
    where = ".".join(map(str, place))
    return f"{kind}: what looks like a pod at {where!r} is not judged; 'kinds' may name it"


def text_of(value: Any) -> str:
    """A name as written; what is no string or number is none."""
    return str(value) if isinstance(value, str | int | float) else ""


def without_patches(manifests: Iterable[Manifest]) -> Loaded:
    """The manifests but for those of files that kustomizations among them list as patches."""
    every = tuple(manifests)
    patches = patch_files(
        (one.file, one.data) for one in every if is_kustomization(one.api_version, one.kind)
    )
    kept = tuple(one for one in every if posixpath.normpath(one.file) not in patches)
    files = sorted({one.file for one in every} - {one.file for one in kept})
    return kept, tuple(Skipped(file=file, line=1, reason=LISTED_AS_A_PATCH) for file in files)


def is_rendered_away(reason: str) -> bool:
    """Whether what was skipped is a piece of what a kustomization makes: judged with all of it."""
    pieces = ("partial ", "a patch of ", "an patch of ")
    return reason in _PIECES or reason.startswith(pieces)


def without_schema(manifests: Iterable[Manifest], version: Version) -> int:
    """How many objects no schema judges: custom resources, API versions that are not served."""
    return sum(
        not has_schema(one.api_version, one.kind, version)
        for one in manifests
        if not is_kustomization(one.api_version, one.kind)
    )


def mentions_object(path: str, data: bytes) -> bool:
    """Whether a file may hold a Kubernetes object at all: a cheap look before parsing."""
    return is_named_kustomization(path) or _OBJECT.search(data) is not None
