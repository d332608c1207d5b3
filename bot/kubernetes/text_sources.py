"""ConfigMaps and Secrets with their texts, those too that a kustomization generates."""

from __future__ import annotations

import binascii
import posixpath
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from bot.kubernetes.kustomization import folder_of, is_kustomization
from bot.kubernetes.namespace import Place
from bot.kubernetes.network_actor import place_of_manifest
from bot.kubernetes.network_texts import LONGEST, Form, Text, form_of_name
from bot.kubernetes.workload import as_list, as_mapping
from bot.model.manifest import Manifest
from bot.yamlpatch import Path

Read: TypeAlias = Callable[[str], "bytes | None"]
"""Gives a file of the tree, None where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One key of a ConfigMap or Secret."""

    value: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
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
            value=entry.value,
            form=form,
            origin=origin,
            manifest=self.manifest,
            path=entry.path,
            name=name,
        )


def all_of(source: Source, prefix: str) -> dict[str, Text]:
    """All keys of a source as variables."""
    named = {f"{prefix}{key}": key for key in source.entries}
    return {name: source.text(key, form_in(name, source, key), name) for name, key in named.items()}


def form_in(name: str, source: Source, key: str) -> Form:
    """What the text of a key is, as the value of a variable."""
    return "file" if "\n" in source.entries[key].value.strip() else form_of_name(name)


def sources_in(manifest: Manifest, read: Read) -> Iterator[tuple[str, str, Source]]:
    """The sources that a manifest is, or makes: kind, name and texts."""
    if is_kustomization(manifest.api_version, manifest.kind):
        yield from _generated(manifest, read)
    elif manifest.kind in ("ConfigMap", "Secret") and manifest.api_version == "v1":
        fields = ("data",) if manifest.kind == "ConfigMap" else ("data", "stringData")
        entries = {
            str(key): _Entry(value=text[:LONGEST], path=(field, str(key)))
            for field in fields
            for key, value in as_mapping(manifest.data.get(field)).items()
            if (text := _plain(manifest, field, value)) is not None
        }
        yield manifest.kind, manifest.name, _source(manifest, manifest.kind, manifest.name, entries)


def _source(manifest: Manifest, kind: str, name: str, entries: Mapping[str, _Entry]) -> Source:
    place = place_of_manifest(manifest)
    return Source(called=f"{kind} {name}", place=place, manifest=manifest, entries=entries)


def _generated(manifest: Manifest, read: Read) -> Iterator[tuple[str, str, Source]]:
    """What a kustomization makes from literals and files; what it cannot read is left out."""
    for field, kind in (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")):
        for index, made in enumerate(map(as_mapping, as_list(manifest.data.get(field)))):
            path: Path = (field, index)
            entries = {
                key: _Entry(value=value[:LONGEST], path=path)
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
