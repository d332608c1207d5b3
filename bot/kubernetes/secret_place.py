"""Where a literal can go: names of Secrets, keys and variables, and the Secrets that are there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.frozen import frozen
from bot.kubernetes.kustomization import folder_of
from bot.kubernetes.namespace import Place
from bot.kubernetes.network_view import kustomizations_of, namespaces_of, place_of
from bot.kubernetes.view import Seen, View
from bot.kubernetes.workload import CONTAINER_LISTS, as_list, as_mapping

OPERATOR = "external-secrets.io"
_LONGEST = 240
"""Characters of an object's name (253, RFC 1123) that leave room for a suffix."""
_NO_LABEL = re.compile(r"[^a-z0-9.-]+")
_NO_VARIABLE = re.compile(r"[^A-Z0-9]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NO_KEY = re.compile(r"[^A-Z0-9]")


@frozen(kw_only=False)
class Known:
    """A key of a Secret that is there, or is read; `variable` is what reads it, if known."""

    place: Place
    secret: str
    key: str
    reader: str = ""
    """The workload that reads it."""
    variable: str = ""


class SecretsInView:
    """The Secrets of a view with their keys, however they are made; use it by `view.derived`."""

    def __init__(self, view: View) -> None:
        self._same = view.derived(namespaces_of).same
        self._keys = list(_kept(view))
        self._read = [known for seen in view.workloads() for known in _read(seen)]
        self._made = [(place, name) for place, name, _ in _made(view)]

    def read_as(self, place: Place, workload: str, variable: str) -> Known | None:
        """What a variable of this name reads elsewhere in the workload."""
        return next(
            (
                known
                for known in self._read
                if known.variable == variable and known.reader == workload
                if self._same(known.place, place)
            ),
            None,
        )

    def fit(self, place: Place, workload: str, variable: str) -> Known | None:
        """A key that fits a variable, in a Secret of the workload: it reads it, or names it."""
        wanted = {_plain(variable), _plain(variable).removeprefix(_plain(workload))}
        return next(
            (
                known
                for known in (*self._keys, *self._read)
                if known.key and _plain(known.key) in wanted and self._same(known.place, place)
                if self._belongs(known.secret, place, workload)
            ),
            None,
        )

    def reads(self, place: Place, workload: str, secret: str) -> bool:
        """Whether a workload reads a Secret already."""
        return any(
            known.secret == secret and known.reader == workload and self._same(known.place, place)
            for known in self._read
        )

    def is_made(self, place: Place, secret: str) -> bool:
        """Whether something in view makes such a Secret: a key put there by hand gets lost."""
        return any(
            name == secret and self._same(where, place) is not False for where, name in self._made
        )

    def _belongs(self, secret: str, place: Place, workload: str) -> bool:
        named = secret == workload or secret.startswith(f"{workload}-")
        return named or self.reads(place, workload, secret)


def home_of(view: View, place: Place) -> str:
    """What tells namespaces apart: the name, written or given by a kustomization, else the folder.

    Objects with the same home share a namespace.
    """
    if place.namespace is not None:
        return f"namespace {place.namespace}"
    given = view.derived(kustomizations_of).namespaces(place.folder)
    return f"namespace {min(given)}" if len(given) == 1 else f"folder {place.folder}"


def secret_name(workload: str) -> str:
    """The Secret of a workload; empty where its name is none (RFC 1123)."""
    name = _NO_LABEL.sub("-", workload.lower())[:_LONGEST].strip("-.")
    return f"{name}-secrets" if name else ""


def variable_of(text: str) -> str:
    """A variable for a flag or a setting: `--db-password` and `dbPassword` give DB_PASSWORD."""
    words = _CAMEL.sub("_", text)
    name = _NO_VARIABLE.sub("_", words.upper()).strip("_")
    return f"_{name}" if name[:1].isdigit() else name


def _plain(name: str) -> str:
    return _NO_KEY.sub("", name.upper())


def _kept(view: View) -> Iterator[Known]:
    for place, name, keys in _made(view):
        for key in keys:
            yield Known(place, name, key)


def _made(view: View) -> Iterator[tuple[Place, str, tuple[str, ...]]]:
    """The Secrets that manifests make: place, name, keys."""
    for seen in view.of_kind("Secret", "SealedSecret"):
        fields = [as_mapping(seen.data.get(field)) for field in ("data", "stringData")]
        yield place_of(seen), seen.name, tuple(str(key) for keys in fields for key in keys)
    for seen in view.of_kind("ExternalSecret"):
        name = str(seen.data.get("target") or seen.name)
        yield place_of(seen), name, tuple(map(str, as_list(seen.data.get("keys"))))


def _read(seen: Seen) -> Iterator[Known]:
    """The keys of Secrets that a workload reads into variables; an empty key stands for all."""
    place = Place(seen.namespace, folder_of(seen.file))
    for which in CONTAINER_LISTS:
        for container in map(as_mapping, as_list(seen.pod.get(which))):
            for entry in map(as_mapping, as_list(container.get("env"))):
                found = _reference(as_mapping(entry.get("valueFrom")).get("secretKeyRef"))
                if found is not None:
                    yield Known(place, *found, seen.name, str(entry.get("name") or ""))
            for entry in map(as_mapping, as_list(container.get("envFrom"))):
                name = as_mapping(entry.get("secretRef")).get("name")
                if isinstance(name, str):
                    yield Known(place, name, "", seen.name)


def _reference(data: Any) -> tuple[str, str] | None:
    found = data if isinstance(data, Mapping) else {}
    name, key = found.get("name"), found.get("key")
    return (name, key) if isinstance(name, str) and isinstance(key, str) else None
