"""Laws that hold for every rule and every fix."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.config import DEFAULT
from bot.engine.check import check, view_of
from bot.engine.fix import fix_file
from bot.engine.read import load
from bot.kubernetes.workload import CONTAINER_LISTS, reach
from bot.model.finding import Finding
from bot.model.manifest import Manifest
from bot.rule.load import Rules
from bot.rule.rule import Rule
from bot.yamlpatch import read
from bot.yamlpatch.comments import comments
from tests.rules import record
from tests.rules.test_examples import FAILING, name
from tests.workloads import KINDS, LINUX_ONLY

VARIANTS = {
    "crlf": lambda data: data.replace(b"\n", b"\r\n"),
    "no-final-newline": lambda data: data.rstrip(b"\n"),
    "bom": lambda data: b"\xef\xbb\xbf" + data,
    "second-document": lambda data: b"kind: ConfigMap\napiVersion: v1\n---\n" + data,
    "closed": lambda data: data + b"...\n",
}


@pytest.mark.parametrize(("rule", "path"), FAILING, ids=name)
def test_fixing_twice_is_fixing_once(rule: Rule, path: Path) -> None:
    once = record.fixed(rule, path, path.read_bytes()).data
    assert record.fixed(rule, path, once).data == once


@pytest.mark.parametrize(("rule", "path"), FAILING, ids=name)
def test_a_fix_keeps_every_comment(rule: Rule, path: Path) -> None:
    data = path.read_bytes()
    after = record.fixed(rule, path, data).data
    assert comments(read(after)) == comments(read(data))


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(("rule", "path"), FAILING, ids=name)
def test_a_fix_survives_other_layouts(rule: Rule, path: Path, variant: str) -> None:
    change = VARIANTS[variant]
    plain = record.fixed(rule, path, path.read_bytes())
    data = change(path.read_bytes())
    result = record.fixed(rule, path, data)
    assert result.data == change(plain.data)


@pytest.mark.parametrize(("rule", "path"), FAILING, ids=name)
def test_all_fixes_of_all_rules_converge(rule: Rule, path: Path) -> None:
    data = path.read_bytes()
    manifests, _ = load(path.name, data)
    found = check(manifests, record.RULES, DEFAULT)
    first = fix_file(path.name, data, found, record.RULES, DEFAULT, unsafe=True)
    manifests, _ = load(path.name, first.data)
    rest = check(manifests, record.RULES, DEFAULT)
    again = fix_file(path.name, first.data, rest, record.RULES, DEFAULT, unsafe=True)
    assert again.data == first.data
    assert {f.fingerprint for f in rest} == {f.fingerprint for f, _ in first.left}


OF_CONTAINERS = [(rule, path) for rule, path in FAILING if rule.applies_to == "container"]
NEIGHBOUR = {"name": "neighbour", "image": "registry.example.com/shop/neighbour:1.0.0"}


def found_by(rule: Rule, documents: list[Any]) -> tuple[Finding, ...]:
    """What one rule finds where these documents are all there is."""
    data = "\n---\n".join(json.dumps(document) for document in documents).encode()
    manifests, skipped = load("all.yaml", data)
    assert skipped == ()
    view = view_of(manifests, complete=True)
    return check(manifests, Rules((rule,)), record.config(rule), view)


def transplants(manifest: Manifest, container: Any, kind: str, which: str) -> Iterator[Any]:
    """The pod with this one container in a list of an object of this kind.

    An init container comes plain and as a native sidecar: some rules speak of what lives on.
    """
    assert manifest.pod_path is not None
    spec = reach(manifest.data, manifest.pod_path)
    template = reach(manifest.data, (*manifest.pod_path[:-1], "metadata")) or {}
    metadata = {**template, "name": manifest.name}
    if manifest.namespace is not None:
        metadata["namespace"] = manifest.namespace
    rest = {key: spec[key] for key in spec if key not in CONTAINER_LISTS}
    lives = [{}, {"restartPolicy": "Always"}] if which == "initContainers" else [{}]
    for life in lives:
        lists = {"containers": [NEIGHBOUR], which: [{**container, **life}]}
        yield KINDS[kind](metadata, {**rest, **lists})


def found_containers(rule: Rule, manifests: tuple[Manifest, ...]) -> Iterator[tuple[Manifest, Any]]:
    """The containers in which the rule finds something, with the object that holds them."""
    found = found_by(rule, [manifest.data for manifest in manifests])
    for manifest in manifests:
        names = {f.container for f in found if (f.kind, f.name) == (manifest.kind, manifest.name)}
        spec = reach(manifest.data, manifest.pod_path) if manifest.pod_path else {}
        for which in CONTAINER_LISTS:
            for container in spec.get(which) or ():
                if container.get("name") in names:
                    yield manifest, container


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("rule", "path"), OF_CONTAINERS, ids=name)
def test_a_container_rule_holds_in_every_workload_kind_and_list(
    rule: Rule, path: Path, kind: str
) -> None:
    manifests, _ = load(path.name, path.read_bytes())
    for manifest, container in found_containers(rule, manifests):
        others = [other.data for other in manifests if other is not manifest]
        for which in sorted(rule.containers):
            moved = list(transplants(manifest, container, kind, which))
            found = [{f.container for f in found_by(rule, [*others, one])} for one in moved]
            holds = [container["name"] in names for names in found]
            assert all(holds) if rule.control else any(holds), json.dumps(moved)


WINDOWS = {"os": {"name": "windows"}}
WINDOWS_BY_SELECTOR = {"nodeSelector": {"kubernetes.io/os": "windows"}}


def linux_fields(value: Any, where: str = "") -> Iterator[str]:
    """Where fields stand that only Linux has."""
    pairs = value.items() if isinstance(value, dict) else ()
    pairs = enumerate(value) if isinstance(value, list) else pairs
    for key, below in pairs:
        if key in LINUX_ONLY:
            yield f"{where}.{key}"
        yield from linux_fields(below, f"{where}.{key}")


@pytest.mark.parametrize("windows", [WINDOWS, WINDOWS_BY_SELECTOR], ids=["os", "selector"])
@pytest.mark.parametrize(("rule", "path"), FAILING, ids=name)
def test_no_fix_gives_a_windows_pod_a_field_of_linux(
    rule: Rule, path: Path, windows: dict[str, Any]
) -> None:
    manifests, _ = load(path.name, path.read_bytes())
    for manifest in manifests:
        if manifest.pod_path is not None:
            reach(manifest.data, manifest.pod_path).update(windows)
    before = [manifest.data for manifest in manifests]
    data = "\n---\n".join(json.dumps(document) for document in before).encode()
    manifests, _ = load(path.name, data)
    view = view_of(manifests, complete=True)
    found = check(manifests, record.RULES, record.config(rule), view)
    fixed = fix_file(path.name, data, found, record.RULES, record.config(rule), unsafe=True)
    after = [manifest.data for manifest in load(path.name, fixed.data)[0]]
    assert set(linux_fields(after)) <= set(linux_fields(before))


STRANGE = (None, "x", 0, True, [[]], [None, {}], {"a": [1]})


def strange(value: Any) -> Iterator[Any]:
    """The value with one place after the other holding what should not stand there."""
    yield from STRANGE
    pairs = value.items() if isinstance(value, dict) else ()
    pairs = enumerate(value) if isinstance(value, list) else pairs
    for key, below in pairs:
        for changed in strange(below):
            copy = dict(value) if isinstance(value, dict) else list(value)
            copy[key] = changed
            yield copy


@pytest.mark.parametrize(("rule", "path"), FAILING, ids=name)
def test_a_rule_survives_any_value_at_any_place(rule: Rule, path: Path) -> None:
    manifests, _ = load(path.name, path.read_bytes())
    rules, config = Rules((rule,)), record.config(rule)
    for manifest in manifests:
        for data in strange(manifest.data):
            changed, _ = load("strange.yaml", json.dumps(data).encode())
            check(changed, rules, config, view_of(changed, complete=True))
