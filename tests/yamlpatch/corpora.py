"""Real manifests, the edits that hardening makes on them, and the layouts that they may come in."""

from __future__ import annotations

import copy
import itertools
import json
import re
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.engine.read import load
from bot.kubernetes.workload import reach
from bot.yamlpatch import (
    Append,
    Edit,
    Insert,
    Patch,
    Remove,
    Rename,
    Set,
    Unreadable,
    read,
)
from bot.yamlpatch.patch import places

MOUNT = {"name": "tmp", "mountPath": "/tmp"}
REF = {"secretKeyRef": {"name": "app", "key": "password"}}


def manifests(shared: Path) -> dict[str, bytes]:
    """Every YAML file of the corpora, by its path."""
    archive = shared / "corpora" / "manifests.tar.gz"
    found: dict[str, bytes] = {}
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.isfile() and member.name.endswith((".yaml", ".yml")):
                handle = tar.extractfile(member)
                assert handle is not None
                found[member.name.removeprefix("./")] = handle.read()
    return dict(sorted(found.items()))


@dataclass(frozen=True, slots=True)
class Pod:
    """Where a pod spec stands, and what it says."""

    document: int
    path: tuple[str | int, ...]
    spec: dict[str, Any]

    def containers(self) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
        listed = self.spec.get("containers")
        for index, container in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(container, dict):
                yield (*self.path, "containers", index), container


def pods(data: bytes) -> list[Pod]:
    """All pod specs of a file."""
    return [
        Pod(m.document, (*m.base, *m.pod_path), reach(m.data, m.pod_path))
        for m in load("x.yaml", data)[0]
        if m.pod_path is not None
    ]


# -- the edits: for a file, the patches, or none where it has no place for them

Kind = Callable[[list[Pod]], list[Patch]]


def _hardened(pod: Pod, path: tuple[str | int, ...]) -> list[Patch]:
    context = (*path, "securityContext")
    return [
        Set(document=pod.document, path=(*context, "allowPrivilegeEscalation"), value=False),
        Set(document=pod.document, path=(*context, "readOnlyRootFilesystem"), value=True),
        Append(document=pod.document, path=(*context, "capabilities", "drop"), value="ALL"),
    ]


def first_security_context(found: list[Pod]) -> list[Patch]:
    return [
        p for pod in found[:1] for path, _ in [*pod.containers()][:1] for p in _hardened(pod, path)
    ]


def all_security_contexts(found: list[Pod]) -> list[Patch]:
    return [p for pod in found for path, _ in pod.containers() for p in _hardened(pod, path)]


def resources(found: list[Pod]) -> list[Patch]:
    value = {"requests": {"cpu": "250m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}}
    return [
        Set(document=pod.document, path=(*path, "resources"), value=value, after=("image", "env"))
        for pod in found
        for path, container in pod.containers()
        if not container.get("resources")
    ]


def value_from(found: list[Pod]) -> list[Patch]:
    return [
        Rename(document=pod.document, path=(*path, "env", i, "value"), key="valueFrom", value=REF)
        for pod in found
        for path, container in pod.containers()
        for i, entry in enumerate(container.get("env") or ())
        if isinstance(entry, dict) and isinstance(entry.get("value"), str)
    ]


def _with(found: list[Pod], field: str) -> Iterator[tuple[Pod, tuple[str | int, ...], Any]]:
    for pod in found:
        for path, container in pod.containers():
            value = reach(container, tuple(field.split(".")))
            if value is not None:
                yield pod, (*path, *field.split(".")), value


def append_mount(found: list[Pod]) -> list[Patch]:
    mounted = _with(found, "volumeMounts")
    return [Append(document=pod.document, path=path, value=MOUNT) for pod, path, _ in mounted]


def insert_mount(found: list[Pod]) -> list[Patch]:
    mounted = _with(found, "volumeMounts")
    return [
        Insert(document=pod.document, path=path, index=len(value) // 2, value=MOUNT)
        for pod, path, value in mounted
        if isinstance(value, list) and value
    ]


def append_drop(found: list[Pod]) -> list[Patch]:
    dropped = _with(found, "securityContext.capabilities.drop")
    return [Append(document=pod.document, path=path, value="SYS_TIME") for pod, path, _ in dropped]


def flip(found: list[Pod]) -> list[Patch]:
    flipped: list[Patch] = []
    for pod in found:
        for path, value in _leaves(pod.spec):
            if isinstance(value, bool):
                flipped.append(Set(document=pod.document, path=(*pod.path, *path), value=not value))
                break
    return flipped


def _leaves(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, Any]]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _leaves(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _leaves(value, (*path, index))
    else:
        yield path, data


def pod_level(found: list[Pod]) -> list[Patch]:
    context = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    out: list[Patch] = []
    for pod in found:
        path = (*pod.path, "automountServiceAccountToken")
        out.append(Set(document=pod.document, path=path, value=False))
        out.append(Set(document=pod.document, path=(*pod.path, "securityContext"), value=context))
    return out


def remove_resources(found: list[Pod]) -> list[Patch]:
    return [Remove(document=pod.document, path=path) for pod, path, _ in _with(found, "resources")]


KINDS: dict[str, Kind] = {
    "securityContext, first container": first_security_context,
    "securityContext, all containers": all_security_contexts,
    "resources": resources,
    "value to valueFrom": value_from,
    "append a volumeMount": append_mount,
    "insert a volumeMount": insert_mount,
    "append to drop": append_drop,
    "flip a boolean": flip,
    "pod: token and securityContext": pod_level,
    "remove resources": remove_resources,
}


# -- the layouts: the same manifests as others write them; None where a file cannot be written so

Layout = Callable[[bytes], bytes | None]


def _values(data: bytes) -> list[Any] | None:
    try:
        stream = read(data)
        return [copy.deepcopy(stream.value(document.index)) for document in stream.documents]
    except Unreadable:
        return None


def _dumped(**style: Any) -> Layout:
    def write(data: bytes) -> bytes | None:
        values = _values(data)
        if values is None:
            return None
        return yaml.dump_all(
            values, allow_unicode=True, sort_keys=False, Dumper=yaml.CSafeDumper, **style
        ).encode()

    return write


def _json(indent: int | str | None, **style: Any) -> Layout:
    def write(data: bytes) -> bytes | None:
        values = _values(data)
        if values is None or len(values) != 1:
            return None
        text = json.dumps(values[0], indent=indent, ensure_ascii=False, **style)
        return f"{text}\n".encode()

    return write


def _listed(data: bytes) -> bytes | None:
    """All objects in one `kind: List`, their lines indented."""
    values = _values(data)
    if values is None or b"\r" in data or data.startswith((b"%", b"\xef\xbb\xbf")):
        return None
    out = ["apiVersion: v1", "kind: List", "items:"]
    for part in re.split(r"(?m)^---.*\n", data.decode()):
        lines = part.rstrip("\n").split("\n")
        first = next((i for i, line in enumerate(lines) if line and not line.startswith("#")), None)
        if first is None:
            continue
        out += [f"  {line}" if line else "" for line in lines[:first]]
        out.append(f"- {lines[first]}")
        out += [f"  {line}" if line else "" for line in lines[first + 1 :]]
    return ("\n".join(out) + "\n").encode()


def _anchored(data: bytes) -> bytes | None:
    """Images in anchors, used again elsewhere in the document."""
    count = iter(range(10_000))
    text = re.sub(
        r"(?m)^(\s*(?:- )?image: )(\S)", lambda m: f"{m[1]}&i{next(count)} {m[2]}", data.decode()
    )
    return None if next(count) == 0 else text.encode()


def _duplicated(data: bytes) -> bytes | None:
    """The apiVersion said twice, as kubectl reads it."""
    text = re.sub(r"(?m)^(apiVersion: .*)$", r"\1\n\1", data.decode())
    return text.encode()


def _commented(data: bytes) -> bytes:
    """Comments behind values and on lines of their own, at several depths."""
    out: list[str] = []
    block: int | None = None
    for number, line in enumerate(data.decode().split("\n")):
        indent = len(line) - len(line.lstrip(" "))
        left = block is not None and line.strip() != "" and indent <= block
        block = None if left else block
        ends = line.rstrip().endswith
        plain = block is None and re.match(r"\s*(- )?[\w./-]+:( [\w./:-]+)?$", line) is not None
        if plain and number % 5 == 0 and not left:  # a deeper line would belong to the scalar
            out.append(" " * (indent + 2 * (number % 2)) + f"# über {number}: {{")
        out.append(line + (f"  # {number} - x: y" if plain and number % 3 == 0 else ""))
        if block is None and ends(("|", ">", "|-", ">-", "|+", ">+")):
            block = indent
    return "\n".join(out).encode()


def _mixed(data: bytes) -> bytes:
    """LF and CRLF by turns."""
    ends = itertools.cycle([b"\n", b"\r\n"])
    return re.sub(rb"\n", lambda _: next(ends), data.replace(b"\r\n", b"\n"))


def _text(change: Callable[[str], str]) -> Layout:
    return lambda data: change(data.decode()).encode()


LAYOUTS: dict[str, Layout] = {
    "as it is": lambda data: data,
    "CRLF": lambda data: data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
    "mixed line ends": _mixed,
    "no final newline": lambda data: data.rstrip(b"\r\n"),
    "several final newlines": lambda data: data + b"\n\n\n",
    "byte order mark": lambda data: b"\xef\xbb\xbf" + data.removeprefix(b"\xef\xbb\xbf"),
    "--- and ...": lambda data: b"---\n" + data.rstrip(b"\n").removeprefix(b"---\n") + b"\n...\n",
    "%YAML, ... and a comment": lambda data: (
        b"%YAML 1.1\n---\n" + data.rstrip(b"\n").removeprefix(b"---\n") + b"\n...\n# end\n"
    ),
    "a tab before comments": _text(
        lambda t: re.sub(r"(?m)^(\s*(?:- )?[\w./-]+: [\w./:-]+)$", "\\1\t# tab", t)
    ),
    "trailing blanks": _text(
        lambda t: re.sub(r"(?m)^(\s*(?:- )?[\w./-]+: [\w./:-]+)$", r"\1  ", t)
    ),
    "many comments": _commented,
    "compact JSON": _json(None, separators=(",", ":")),
    "JSON, 2 blanks": _json(2),
    "JSON, 4 blanks": _json(4),
    "JSON, tabs": _json("\t"),
    "kind: List": _listed,
    "flow leaves": _dumped(default_flow_style=None),
    "all in flow": _dumped(default_flow_style=True, width=60),
    "4 blanks": _dumped(default_flow_style=False, indent=4),
    "anchors": _anchored,
    "a key twice": _duplicated,
}


# -- what may change


def unrelated(before: str, after: str, edits: tuple[Edit, ...]) -> int:
    """Lines that a line diff shows, and that no edit touches: old ones and new ones."""
    import difflib

    old, new = before.removeprefix("\ufeff"), after.removeprefix("\ufeff")
    gone = [(e.start, e.end) for e in edits]
    come = places(edits)
    count = 0
    matcher = difflib.SequenceMatcher(None, old.split("\n"), new.split("\n"), autojunk=False)
    for tag, first, last, new_first, new_last in matcher.get_opcodes():
        if tag != "equal":
            count += _untouched(old, first, last, gone) + _untouched(new, new_first, new_last, come)
    return count


def _untouched(text: str, first: int, last: int, spans: list[tuple[int, int]]) -> int:
    starts = [0, *(m.end() for m in re.finditer("\n", text)), len(text) + 1]
    return sum(
        not any(start <= starts[line + 1] and end >= starts[line] - 1 for start, end in spans)
        for line in range(first, last)
    )


def old_lines_lost(before: str, after: str) -> int:
    """How many lines of the old text are not in the new one, as a line diff sees it."""
    import difflib

    matcher = difflib.SequenceMatcher(None, before.split("\n"), after.split("\n"), autojunk=False)
    return sum(last - first for tag, first, last, _, _ in matcher.get_opcodes() if tag != "equal")
