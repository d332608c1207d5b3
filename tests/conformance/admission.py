"""podsec's verdict on one pod, in the words of the Pod Security admission: the controls that fail."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from bot.config import DEFAULT, Profile
from bot.engine.check import Checker
from bot.engine.read import load
from bot.kubernetes.version import parse_version
from bot.model.finding import Finding
from bot.model.manifest import Manifest
from bot.rule.load import Rules, load_rules

RULES = load_rules()
FIXTURES = "conformance/pod-security"
RANDOM = "conformance/pod-security-random.jsonl"


@cache
def checker(profile: Profile, version: str) -> Checker:
    config = replace(DEFAULT, profile=profile, kubernetes_version=parse_version(version))
    return Checker(RULES, config)


@cache
def standards(version: str) -> Checker:
    """The standards' rules as they run under podsec's own profile, without podsec's own rules."""
    rules = Rules(tuple(rule for rule in RULES if rule.control))
    return Checker(rules, replace(DEFAULT, kubernetes_version=parse_version(version)))


def manifests_of(data: bytes) -> tuple[Manifest, ...]:
    manifests, skipped = load("pod.yaml", data)
    assert skipped == ()
    return manifests


def findings(data: bytes, profile: Profile, version: str) -> tuple[Finding, ...]:
    return checker(profile, version).check(manifests_of(data))


def fails(data: bytes, profile: Profile, version: str) -> set[str | None]:
    return {finding.control for finding in findings(data, profile, version)}


def random_pods(shared: Path) -> list[dict[str, Any]]:
    lines = (shared / RANDOM).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def as_pod(row: Mapping[str, Any]) -> bytes:
    metadata = {"name": "pod", **row["meta"]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": row["spec"]}
    return json.dumps(pod).encode()
