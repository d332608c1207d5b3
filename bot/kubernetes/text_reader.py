"""Reads the texts of workloads: variables, commands, mounted files.

Facts: core/v1 Container, EnvVar, EnvFromSource, Probe, Lifecycle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from bot.kubernetes.namespace import Namespaces
from bot.kubernetes.nearest import nearest
from bot.kubernetes.network_actor import Actor
from bot.kubernetes.network_texts import (
    LONGEST,
    Form,
    Text,
    Texts,
    Unseen,
    expanded,
    form_of_name,
    in_shell,
    is_hosts,
)
from bot.kubernetes.text_sources import Read, Source, all_of, form_in, sources_in
from bot.kubernetes.workload import as_list, as_mapping, dig
from bot.model.manifest import Manifest
from bot.yamlpatch import Path

_MOST_GROWTH = 500_000
"""Characters that references to variables may add to the texts of all workloads."""


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
        self._grown = 0
        self._sources: dict[tuple[str, str], list[Source]] = {}
        for manifest in manifests:
            for kind, name, source in sources_in(manifest, read):
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
            yield (self._resolved(text, known) for text in _commands(actor, path, container))
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
                    found |= all_of(source, str(entry.get("prefix") or ""))
                elif name:
                    _note(unseen, f"{kind} {name}", "", (*path, "envFrom", index))
        known = {name: text.value for name, text in found.items()}
        for index, entry in enumerate(map(as_mapping, as_list(container.get("env")))):
            text = self._variable(actor, (*path, "env", index), entry, unseen)
            if text is not None:
                text = replace(text, value=self._expanded(text.value, known))
                found[text.name] = text
                known[text.name] = text.value
        return found

    def _expanded(self, value: str, known: Mapping[str, str]) -> str:
        """The value with its `$(VAR)`, while all that grew so is not too much."""
        return self._grow(value, expanded(value, known) if self._may_grow else value)

    def _resolved(self, text: Text, known: Mapping[str, str]) -> Text:
        """A command line with the variables that the kubelet, and then a shell, puts in."""
        if not self._may_grow:
            return text
        value = in_shell(expanded(text.value, known), known)
        return replace(text, value=self._grow(text.value, value))

    @property
    def _may_grow(self) -> bool:
        return self._grown < _MOST_GROWTH

    def _grow(self, before: str, after: str) -> str:
        self._grown += max(0, len(after) - len(before))
        return after

    def _variable(
        self, actor: Actor, path: Path, entry: Mapping[str, Any], unseen: _Unseen
    ) -> Text | None:
        name, value = str(entry.get("name") or ""), entry.get("value")
        if isinstance(value, str | int | float):
            text = str(value)[:LONGEST]
            form: Form = "file" if "\n" in text.strip() else form_of_name(name)
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
                return held.text(key, form_in(name, held, key), name)
            if said and is_hosts(name):
                _note(unseen, f"{kind} {said.get('name')}", name, path)
        return None

    def _find(self, actor: Actor, kind: str, name: Any) -> Source | None:
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
    value = " ".join(map(str, words))[:LONGEST]
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
