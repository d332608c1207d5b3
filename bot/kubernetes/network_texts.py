"""The texts of a workload that may name those it connects to, and where each stands.

Facts: core/v1 Container, EnvVar, EnvFromSource, Probe, Lifecycle; "Define Dependent Environment
Variables" for `$(VAR)`.
"""

from __future__ import annotations

import binascii
import posixpath
import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from bot.kubernetes.kustomization import folder_of, is_kustomization
from bot.kubernetes.namespace import Namespaces, Place
from bot.kubernetes.nearest import nearest
from bot.kubernetes.network_actor import Actor, line_of, place_of_manifest
from bot.kubernetes.workload import as_list, as_mapping, dig
from bot.model.manifest import Manifest
from bot.yamlpatch import Path

Form = Literal["host", "value", "words", "file"]
"""What a text is: the value of a variable that names hosts, of another, a command, a file."""

_REFERENCE = re.compile(r"\$\$|\$\(([A-Za-z_.-][A-Za-z0-9_.-]*)\)")
_SHELL_REFERENCE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)[^}]*\}|([A-Za-z_][A-Za-z0-9_]*))")
_HOSTS = re.compile(
    r"HOST|ADDR|URL|URI|ENDPOINT|SERVER|BROKER|DSN|BACKEND|UPSTREAM|TARGET|PEER|NODES?$|CONNECT"
    r"|SERVICE$|BOOTSTRAP|SEEDS?$|CLUSTER$|MASTER|REPLICA|PRIMARY",
    re.IGNORECASE,
)
# variables that hold the name of something else, whatever else their own name says
_OTHERS = re.compile(
    r"(?:^|_)(?:NAME|USER|USERNAME|PASS|PASSWORD|DATABASE|DB|SCHEMA|TYPE|DIALECT|DRIVER|ENGINE"
    r"|KIND|MODE|TAG|VERSION|LEVEL|ROLE|TOPIC|QUEUE|BUCKET|INDEX|PREFIX|ID|REALM|IMAGE)S?$",
    re.IGNORECASE,
)
_LONGEST = 200_000
"""Characters of one text that are searched; a ConfigMap holds at most 1 MiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text and where it stands. `name` is the variable's, where it is the value of one."""

    value: str
    form: Form
    origin: str
    manifest: Manifest
    path: Path
    name: str = ""

    @property
    def line(self) -> int:
        """The line that it begins in."""
        return line_of(self.manifest, self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """A ConfigMap or Secret that a workload reads and that is not in view: "Secret db".

    `variable` is where its text goes, empty where that is a file, or variables of any name.
    """

    source: str
    variable: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What a workload's texts are, and which sources of it are not in view."""

    found: tuple[Text, ...]
    unseen: tuple[Unseen, ...]
    """Those that may hold addresses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One key of a ConfigMap or Secret."""

    value: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """A ConfigMap or a Secret, or one that a kustomization generates."""

    called: str
    place: Place
    manifest: Manifest
    entries: Mapping[str, _Entry]

    def text(self, key: str, form: Form, name: str = "") -> Text:
        """The text of a key."""
        entry = self.entries[key]
        origin = f"env {name} ({self.called}, key {key})" if name else f"{self.called}, key {key}"
        return Text(
            value=entry.value[:_LONGEST],
            form=form,
            origin=origin,
            manifest=self.manifest,
            path=entry.path,
            name=name,
        )


Read: TypeAlias = Callable[[str], "bytes | None"]


def _nothing(_path: str) -> None:
    return None


_Unseen: TypeAlias = dict[tuple[str, str], Unseen]


class TextReader:
    """Reads the texts of workloads; ConfigMaps and Secrets are found by place and name."""

    def __init__(
        self, manifests: Iterable[Manifest], namespaces: Namespaces, read: Read = _nothing
    ) -> None:
        """`read` gives the files of the tree, from which kustomizations generate ConfigMaps."""
        self._namespaces = namespaces
        self._sources: dict[tuple[str, str], list[_Source]] = {}
        for manifest in manifests:
            for kind, name, source in _sources(manifest, read):
                self._sources.setdefault((kind, name), []).append(source)

    def read(self, actor: Actor) -> Texts:
        """All texts of a workload's containers and of the files that are mounted into them."""
        unseen: _Unseen = {}
        found = [text for group in self._read(actor, unseen) for text in group]
        return Texts(found=tuple(found), unseen=tuple(unseen.values()))

    def _read(self, actor: Actor, unseen: _Unseen) -> Iterator[Iterable[Text]]:
        for path, container in actor.containers:
            variables = self._variables(actor, path, container, unseen)
            yield variables.values()
            known = {name: text.value for name, text in variables.items()}
            yield (_resolved(text, known) for text in _commands(actor, path, container))
        for kind, name, keys in _mounts(actor.spec):
            source = self._find(actor, kind, name)
            if source is not None:
                yield (source.text(key, "file") for key in source.entries if keys in (None, key))
            elif kind == "ConfigMap":  # a Secret is rather mounted for its keys and certificates
                _note(unseen, f"{kind} {name}", "", (*actor.path, "volumes"))

    def _variables(
        self, actor: Actor, path: Path, container: Mapping[str, Any], unseen: _Unseen
    ) -> dict[str, Text]:
        """The environment in the order in which the kubelet makes it: references look back."""
        found: dict[str, Text] = {}
        for index, entry in enumerate(map(as_mapping, as_list(container.get("envFrom")))):
            for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
                name = as_mapping(entry.get(field)).get("name")
                source = self._find(actor, kind, name)
                if source is not None:
                    found |= _all_of(source, str(entry.get("prefix") or ""))
                elif name:
                    _note(unseen, f"{kind} {name}", "", (*path, "envFrom", index))
        known = {name: text.value for name, text in found.items()}
        for index, entry in enumerate(map(as_mapping, as_list(container.get("env")))):
            text = self._variable(actor, (*path, "env", index), entry, unseen)
            if text is not None:
                text = replace(text, value=expanded(text.value, known))
                found[text.name] = text
                known[text.name] = text.value
        return found

    def _variable(
        self, actor: Actor, path: Path, entry: Mapping[str, Any], unseen: _Unseen
    ) -> Text | None:
        name, value = str(entry.get("name") or ""), entry.get("value")
        if isinstance(value, str | int | float):
            text = str(value)[:_LONGEST]
            form: Form = "file" if "\n" in text.strip() else _form_of_name(name)
            return Text(
                value=text,
                form=form,
                origin=f"env {name}",
                manifest=actor.manifest,
                path=path,
                name=name,
            )
        source = as_mapping(entry.get("valueFrom"))
        for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
            said = as_mapping(source.get(field))
            held = self._find(actor, kind, said.get("name"))
            key = str(said.get("key") or "")
            if held is not None and key in held.entries:
                return held.text(key, _form(name, held, key), name)
            if said and is_hosts(name):
                _note(unseen, f"{kind} {said.get('name')}", name, path)
        return None

    def _find(self, actor: Actor, kind: str, name: Any) -> _Source | None:
        """The source of that name in the workload's namespace, or in what may be that."""
        same = self._namespaces.same
        answers = [
            (same(actor.place, source.place), source)
            for source in self._sources.get((kind, str(name)), ())
        ]
        for wanted in (True, None):
            found = [source for answer, source in answers if answer is wanted]
            if found:
                return nearest(actor.manifest, found)[0]
        return None


def _note(unseen: _Unseen, source: str, variable: str, path: Path) -> None:
    unseen.setdefault((source, variable), Unseen(source=source, variable=variable, path=path))


def _all_of(source: _Source, prefix: str) -> dict[str, Text]:
    """All keys of a source as variables."""
    named = {f"{prefix}{key}": key for key in source.entries}
    return {name: source.text(key, _form(name, source, key), name) for name, key in named.items()}


def is_hosts(name: str) -> bool:
    """Whether a variable or a setting of that name holds hosts."""
    return _HOSTS.search(name) is not None and _OTHERS.search(name) is None


def may_be_host(name: str, service: str) -> bool:
    """Whether a variable is named for a service, so that its value may be where that is."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return _OTHERS.search(name) is None and re.sub(r"[^a-z0-9]", "", service) in plain


def expanded(value: str, known: Mapping[str, str]) -> str:
    """A value with its `$(VAR)` replaced; `$$` is a dollar sign, what is not known stays."""

    def put(match: re.Match[str]) -> str:
        return "$" if match[1] is None else known.get(match[1], match[0])

    return _REFERENCE.sub(put, value) if "$" in value else value


def _resolved(text: Text, known: Mapping[str, str]) -> Text:
    """A command line with the variables that the kubelet, and then a shell, puts in."""

    def put(match: re.Match[str]) -> str:
        return known.get(match[1] or match[2], match[0])

    value = expanded(text.value, known)
    return replace(text, value=_SHELL_REFERENCE.sub(put, value) if "$" in value else value)


def _form_of_name(name: str) -> Form:
    return "host" if is_hosts(name) else "value"


def _form(name: str, source: _Source, key: str) -> Form:
    return "file" if "\n" in source.entries[key].value.strip() else _form_of_name(name)


def _commands(actor: Actor, path: Path, container: Mapping[str, Any]) -> Iterator[Text]:
    """What runs in a container: its command line, and those of its probes and hooks.

    A probe by HTTP or TCP comes from the node, not from the pod.
    """
    named = str(container.get("name") or "")
    for field in ("args", "command"):
        if as_list(container.get(field)):
            both = [*as_list(container.get("command")), *as_list(container.get("args"))]
            yield _command(actor, (*path, field), both, f"{field} of {named}")
            break
    for field in (
        "livenessProbe",
        "readinessProbe",
        "startupProbe",
        "lifecycle.postStart",
        "lifecycle.preStop",
    ):
        words = as_list(dig(container, f"{field}.exec.command"))
        if words:
            steps = (*path, *field.split("."), "exec", "command")
            yield _command(actor, steps, list(words), f"{field} of {named}")


def _command(actor: Actor, path: Path, words: Iterable[Any], origin: str) -> Text:
    value = " ".join(map(str, words))[:_LONGEST]
    return Text(value=value, form="words", origin=origin, manifest=actor.manifest, path=path)


def _mounts(spec: Mapping[str, Any]) -> Iterator[tuple[str, str, str | None]]:
    """The ConfigMaps and Secrets that a pod mounts: kind, name, and the key where one is chosen."""
    for volume in map(as_mapping, as_list(spec.get("volumes"))):
        sources = [volume, *map(as_mapping, as_list(dig(volume, "projected.sources")))]
        for source in sources:
            for field, kind in (("configMap", "ConfigMap"), ("secret", "Secret")):
                said = as_mapping(source.get(field))
                name = said.get("name") or said.get("secretName")
                chosen = [as_mapping(item).get("key") for item in as_list(said.get("items"))]
                for key in chosen or ([None] if name else []):
                    yield kind, str(name), key


def _sources(manifest: Manifest, read: Read) -> Iterator[tuple[str, str, _Source]]:
    if is_kustomization(manifest.api_version, manifest.kind):
        yield from _generated(manifest, read)
    elif manifest.kind in ("ConfigMap", "Secret") and manifest.api_version == "v1":
        fields = ("data",) if manifest.kind == "ConfigMap" else ("data", "stringData")
        entries = {
            str(key): _Entry(value=text, path=(field, str(key)))
            for field in fields
            for key, value in as_mapping(manifest.data.get(field)).items()
            if (text := _plain(manifest, field, value)) is not None
        }
        yield manifest.kind, manifest.name, _source(manifest, manifest.kind, manifest.name, entries)


def _source(manifest: Manifest, kind: str, name: str, entries: Mapping[str, _Entry]) -> _Source:
    place = place_of_manifest(manifest)
    return _Source(called=f"{kind} {name}", place=place, manifest=manifest, entries=entries)


def _generated(manifest: Manifest, read: Read) -> Iterator[tuple[str, str, _Source]]:
    """What a kustomization makes from literals and files; what it cannot read is left out."""
    for field, kind in (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")):
        for index, made in enumerate(map(as_mapping, as_list(manifest.data.get(field)))):
            path: Path = (field, index)
            entries = {
                key: _Entry(value=value, path=path)
                for key, value in (*_literals(made), *_read_files(made, manifest, read))
            }
            if entries and isinstance(made.get("name"), str):
                yield kind, made["name"], _source(manifest, kind, made["name"], entries)


def _literals(made: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for literal in as_list(made.get("literals")):
        key, equals, value = str(literal).partition("=")
        if equals:
            yield key, value.strip("\"'")


def _read_files(
    made: Mapping[str, Any], manifest: Manifest, read: Read
) -> Iterator[tuple[str, str]]:
    """The files of a generator, `[KEY=]PATH`; those of `envs` hold one variable a line."""
    folder = folder_of(manifest.file)
    for entry in as_list(made.get("files")):
        key, equals, path = str(entry).rpartition("=")
        data = read(posixpath.normpath(posixpath.join(folder, path)))
        if data is not None:
            yield key if equals else posixpath.basename(path), data.decode("utf-8", "replace")
    for path in (*as_list(made.get("envs")), made.get("env")):
        data = read(posixpath.normpath(posixpath.join(folder, str(path)))) if path else None
        for line in (data or b"").decode("utf-8", "replace").splitlines():
            key, equals, value = line.strip().partition("=")
            if equals and not key.startswith("#"):
                yield key, value


def _plain(manifest: Manifest, field: str, value: Any) -> str | None:
    """The text of a key; None where it is none, such as a certificate or what SOPS encrypts."""
    if not isinstance(value, str) or "sops" in manifest.data:
        return None
    if manifest.kind == "ConfigMap" or field == "stringData":
        return value
    try:
        return b64decode(value, validate=False).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
