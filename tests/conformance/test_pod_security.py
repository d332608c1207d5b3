"""podsec's verdict equals the Pod Security admission's: its own fixtures, and random pods."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.model.finding import Finding
from tests.conformance.admission import (
    FIXTURES,
    RULES,
    as_pod,
    fails,
    manifests_of,
    random_pods,
    standards,
)
from tests.workloads import KINDS

CONTROLS = {rule.control.lower(): rule.control for rule in RULES if rule.control}
OVERRIDES = {
    rule.control: {other.control for other in RULES if other.id in rule.overrides}
    for rule in RULES
    if rule.control
}


@dataclass(frozen=True)
class Fixture:
    level: str
    version: str
    name: str
    control: str | None
    data: bytes
    pod: dict[str, Any]

    def named(self) -> set[str | None]:
        """The control that fails; under restricted the one that takes its place speaks for it."""
        instead = {by for by, others in OVERRIDES.items() if self.control in others}
        return {self.control} | (instead if self.level == "restricted" else set())

    def wrong(self, found: set[str | None]) -> str | None:
        """How the verdict differs from the fixture's, or None."""
        right = bool(found & self.named()) if self.control else not found
        return (
            None if right else f"{self.level}/{self.version}/{self.name}: {sorted(map(str, found))}"
        )


def read_fixture(path: Path) -> Fixture:
    level, version, verdict = path.parts[-4:-1]
    data = path.read_bytes()
    failing = CONTROLS[path.stem.rstrip("0123456789")] if verdict == "fail" else None
    pod = yaml.load(data, Loader=yaml.CSafeLoader)
    return Fixture(level, version, f"{verdict}/{path.stem}", failing, data, pod)


@pytest.fixture(scope="module")
def fixtures(shared: Path) -> list[Fixture]:
    return [read_fixture(path) for path in sorted((shared / FIXTURES).rglob("*.yaml"))]


def say(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with capsys.disabled():
        print(f"\n  {text}")


def test_every_fixture_has_the_verdict_of_kubernetes(
    fixtures: list[Fixture], capsys: pytest.CaptureFixture[str]
) -> None:
    found = [(f, fails(f.data, f.level, f.version)) for f in fixtures]
    assert [text for fixture, seen in found if (text := fixture.wrong(seen))] == []
    count = Counter("fail" if fixture.control else "pass" for fixture in fixtures)
    alone = sum(len(seen) == 1 for _, seen in found)
    assert (count["pass"], count["fail"], count.total()) == (294, 964, 1258)
    say(
        capsys,
        f"{count.total()} fixtures: {count['pass']} pass, {count['fail']} fail with the control "
        f"named, in {alone} of them alone",
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_fixture_has_the_same_verdict_in_every_workload(
    fixtures: list[Fixture], kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = []
    for fixture in fixtures:
        wrapped = KINDS[kind](fixture.pod["metadata"], fixture.pod["spec"])
        found = fails(json.dumps(wrapped).encode(), fixture.level, fixture.version)
        wrong += [text for text in [fixture.wrong(found)] if text]
    assert wrong == []
    say(capsys, f"{len(fixtures)} fixtures in a {kind}")


def test_random_pods_fail_exactly_the_controls_that_fail_in_kubernetes(
    shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = random_pods(shared)
    wrong = []
    for number, row in enumerate(rows, 1):
        found = fails(as_pod(row), row["level"], row["version"])
        if found != set(row["fails"]):
            wrong.append(f"line {number}: {found ^ set(row['fails'])}")
    assert wrong == []
    assert len(rows) == 4000
    failing = Counter(control for row in rows for control in row["fails"])
    assert set(failing) == set(CONTROLS.values()), "a control is never seen to fail"
    levels = {(row["level"], row["version"]) for row in rows}
    say(
        capsys,
        f"{len(rows)} random pods in {len(levels)} levels and versions, {failing.total()} failing "
        f"controls of {len(failing)}",
    )


def said_of(finding: Finding) -> list[tuple[str, str]]:
    """The field, and of added capabilities each one: two rules may share them between them."""
    if finding.field.endswith("capabilities.add"):
        names = re.findall(r"'([^']*)'", finding.message.partition(" adds ")[2])
        return [(finding.field, name) for name in names]
    return [(finding.field, "")]


def test_the_own_profile_says_of_a_pod_what_the_restricted_one_says_and_nothing_twice(
    shared: Path,
) -> None:
    for row in random_pods(shared):
        if row["level"] == "baseline":
            continue
        data, version = as_pod(row), row["version"]
        found = standards(version).check(manifests_of(data))
        said = [place for finding in found for place in set(said_of(finding))]
        assert len(said) == len(set(said)), row
        controls = {finding.control for finding in found}
        for control in row["fails"]:
            assert controls & {control, *OVERRIDES[control]}, (control, row)
        assert controls <= {*row["fails"], *fails(data, "baseline", version)}, row
