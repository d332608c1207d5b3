"""Pods out of a few lines of YAML, as rules see them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml

from bot.config import DEFAULT, Config
from bot.kubernetes.evidence import Evidence
from bot.kubernetes.workload import Container, Object, Pod
from bot.rule.rule import AppendField, Context, RuleFix, SetField

POD_PATH = ("spec", "template", "spec")


def pod(
    spec: str | dict[str, Any],
    *,
    kind: str = "Deployment",
    name: str = "shop",
    file: str = "shop.yaml",
    namespace: str | None = None,
    claims: Iterable[str] = (),
) -> Pod:
    """A pod of a workload; `claims` are a StatefulSet's volumeClaimTemplates."""
    data = yaml.safe_load(spec) if isinstance(spec, str) else spec
    templates = [{"metadata": {"name": claim}} for claim in claims]
    whole = {"spec": {"template": {"spec": data}, "volumeClaimTemplates": templates}}
    owner = Object(
        spec=whole,
        path=(),
        api_version="apps/v1",
        kind=kind,
        name=name,
        namespace=namespace,
        file=file,
    )
    return Pod(spec=data, path=POD_PATH, name=name, owner=owner)


def first(found: Pod) -> Container:
    return next(iter(found.containers))


def one(container: str, rest: str = "", **where: Any) -> Container:
    """The only container of a pod: its fields in YAML, and those of its pod."""
    fields = {"name": "shop", **yaml.safe_load(container)}
    return first(pod({**(yaml.safe_load(rest) or {}), "containers": [fields]}, **where))


def other(
    kind: str, spec: str, *, file: str = "other.yaml", namespace: str | None = None
) -> Object:
    """An object beside the workloads."""
    return Object(
        spec={"spec": yaml.safe_load(spec)},
        path=(),
        api_version="v1",
        kind=kind,
        name="other",
        namespace=namespace,
        file=file,
    )


def context(
    pods: Iterable[Pod] = (), objects: Iterable[Object] = (), config: Config = DEFAULT, **more: Any
) -> Context:
    """What a rule knows: these pods and objects are in view."""
    seen: list[tuple[Object, Pod | None]] = [(found.owner, found) for found in pods]
    seen += [(found, None) for found in objects]
    return Context(config=config, evidence=Evidence(lambda: seen, **more))


def values(fix: RuleFix) -> dict[str, Any]:
    """What a fix sets and appends, by target and field."""
    found: dict[str, Any] = {}
    for patch in fix.patches:
        key = f"{patch.target}:{patch.field}"
        if isinstance(patch, SetField):
            found[key] = patch.value
        elif isinstance(patch, AppendField):
            found.setdefault(key, []).append(patch.value)
    return found
