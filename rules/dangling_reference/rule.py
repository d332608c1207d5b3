"""References of pods to Secrets and ConfigMaps that are not in view, or lack the key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.rule import (
    Companions,
    Context,
    Place,
    Pod,
    Question,
    View,
    Violation,
    as_list,
    as_mapping,
    folder_of,
)

SOURCES = {"secretKeyRef": "Secret", "configMapKeyRef": "ConfigMap"}
BULKS = {"secretRef": "Secret", "configMapRef": "ConfigMap"}
LISTS = ("initContainers", "containers", "ephemeralContainers")
Reference = tuple[str, str, str, str | None]
"""Field, kind, name, key."""


def check(pod: Pod, context: Context) -> Iterator[Violation]:
    """Each reference once by name; whether it dangles only the other objects say."""
    for field, kind, name, key in _references(pod):
        what = f"the key {key!r} of {kind} {name!r}" if key else f"{kind} {name!r}"
        yield Violation(
            field,
            f"pod {pod.name!r} needs {what}, which is not there",
            question=(pod.owner.file, pod.namespace, kind, name, key),
        )


def _references(pod: Pod) -> Iterator[Reference]:
    for which in LISTS:
        for number, container in enumerate(map(as_mapping, as_list(pod.spec.get(which)))):
            yield from _of_container(container, f"{which}.{number}")
    for number, volume in enumerate(map(as_mapping, as_list(pod.spec.get("volumes")))):
        yield from _of_volume(volume, f"volumes.{number}")


def _of_container(container: Mapping[str, Any], at: str) -> Iterator[Reference]:
    for number, entry in enumerate(map(as_mapping, as_list(container.get("env")))):
        source = as_mapping(entry.get("valueFrom"))
        for field, kind in SOURCES.items():
            reference = as_mapping(source.get(field))
            key = reference.get("key")
            if _is_meant(reference, "name") and isinstance(key, str):
                yield f"{at}.env.{number}.valueFrom.{field}", kind, reference["name"], key
    for number, entry in enumerate(map(as_mapping, as_list(container.get("envFrom")))):
        for field, kind in BULKS.items():
            reference = as_mapping(entry.get(field))
            if _is_meant(reference, "name"):
                yield f"{at}.envFrom.{number}.{field}", kind, reference["name"], None


def _of_volume(volume: Mapping[str, Any], at: str) -> Iterator[Reference]:
    yield from _mounted(as_mapping(volume.get("secret")), "Secret", "secretName", f"{at}.secret")
    yield from _mounted(as_mapping(volume.get("configMap")), "ConfigMap", "name", f"{at}.configMap")
    sources = as_list(as_mapping(volume.get("projected")).get("sources"))
    for number, source in enumerate(map(as_mapping, sources)):
        where = f"{at}.projected.sources.{number}"
        yield from _mounted(as_mapping(source.get("secret")), "Secret", "name", f"{where}.secret")
        found = as_mapping(source.get("configMap"))
        yield from _mounted(found, "ConfigMap", "name", f"{where}.configMap")


def _mounted(source: Mapping[str, Any], kind: str, named: str, at: str) -> Iterator[Reference]:
    """A volume of an object: the object, or the keys of it that are asked for."""
    if not _is_meant(source, named):
        return
    items = [as_mapping(item) for item in as_list(source.get("items"))]
    if not items:
        yield f"{at}.{named}", kind, source[named], None
    for number, item in enumerate(items):
        if isinstance(item.get("key"), str):
            yield f"{at}.items.{number}.key", kind, source[named], item["key"]


def _is_meant(reference: Mapping[str, Any], named: str) -> bool:
    return isinstance(reference.get(named), str) and reference.get("optional") is not True


def confirm(question: Question, view: View) -> bool:
    """Only in a whole directory that evidently holds such objects of this namespace."""
    if not view.complete:
        return False
    file, namespace, kind, name, key = question
    companions = view.derived(Companions)
    return companions.lack(Place(namespace, folder_of(file)), kind, name, key)
