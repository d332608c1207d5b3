"""Each rule folder is complete, and says of itself what the loader, people and editors need."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from bot.rule.rule import Rule
from tests.rules import record
from tests.rules.new_rule import SKELETON
from tests.rules.test_examples import ALL, name

SCHEMA: dict[str, Any] = json.loads(
    (record.ROOT / "bot" / "rule" / "rule.schema.json").read_text(encoding="utf-8")
)
HEADINGS = ["What it finds", "Why it matters", "The fix", "When to allow it"]
# the check ids of k8s.io/pod-security-admission, package policy
BASELINE = {
    *("appArmorProfile", "capabilities_baseline", "hostNamespaces", "hostPathVolumes"),
    *("hostPorts", "hostProbesAndHostLifecycle", "privileged", "procMount", "seLinuxOptions"),
    *("seccompProfile_baseline", "sysctls", "windowsHostProcess"),
}
RESTRICTED = {
    *("allowPrivilegeEscalation", "capabilities_restricted", "procMount_restricted"),
    *("restrictedVolumes", "runAsNonRoot", "runAsUser", "seccompProfile_restricted"),
}
FOLDERS = [*(record.folder(rule) for rule in ALL), SKELETON]


def data(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((folder / "rule.yaml").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_rule_yaml_is_valid_under_its_schema(folder: Path) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(data(folder))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_rule_is_declared_or_written_and_never_both(folder: Path) -> None:
    declared = {"require", "forbid", "message"} & set(data(folder))
    written = (folder / "rule.py").is_file()
    assert bool(declared) != written
    # without it, import-linter does not see what rule.py imports
    assert (folder / "__init__.py").is_file() == written


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_readme_has_its_headings_and_how_to_allow(folder: Path) -> None:
    lines = (folder / "README.md").read_text(encoding="utf-8").splitlines()
    rule = "RULE-ID" if folder == SKELETON else folder.name.replace("_", "-")
    assert lines[0] == f"# {rule}"
    assert [line[3:] for line in lines if line.startswith("## ")] == HEADINGS
    assert any(f"podsec: ignore[{rule}] " in line for line in lines)
    assert [line for line in lines if line.startswith("<!-- generated")] == [
        "<!-- generated: table -->",
        "<!-- generated: diff -->",
    ]


@pytest.mark.parametrize("rule", ALL, ids=name)
def test_a_rule_has_examples_of_both_kinds_and_nothing_else(rule: Rule) -> None:
    home = record.folder(rule) / "examples"
    assert record.examples(rule, "pass")
    assert record.examples(rule, "fail")
    assert {path.name for path in home.iterdir()} == {"pass", "fail", "fixed", "findings.txt"}
    fixed = [path.name for path in record.examples(rule, "fixed")]
    assert fixed == [path.name for path in record.examples(rule, "fail")]


def test_ids_are_unique_and_read_well_after_allow() -> None:
    ids = [rule.id for rule in ALL]
    assert len(ids) == len(set(ids))
    assert [i for i in ids if i.startswith(("no-", "not-", "require-", "missing-"))] == []


@pytest.mark.parametrize("rule", ALL, ids=name)
def test_the_summary_is_short_and_has_no_full_stop(rule: Rule) -> None:
    assert len(rule.summary) <= 72
    assert not rule.summary.endswith(".")


@pytest.mark.parametrize("rule", ALL, ids=name)
def test_a_rule_says_what_it_rests_on(rule: Rule) -> None:
    assert rule.references


@pytest.mark.parametrize(("profile", "ids"), [("baseline", BASELINE), ("restricted", RESTRICTED)])
def test_each_control_of_the_pod_security_standards_has_one_rule(
    profile: str, ids: set[str]
) -> None:
    controls = Counter(rule.control for rule in ALL if rule.profile == profile)
    assert controls == Counter(ids)


def test_own_rules_have_no_control() -> None:
    assert [rule.id for rule in ALL if rule.profile == "podsec" and rule.control] == []


@pytest.mark.parametrize("rule", [rule for rule in ALL if rule.control], ids=name)
def test_a_rule_of_the_standards_names_its_control_for_people(rule: Rule) -> None:
    text = (record.folder(rule) / "README.md").read_text(encoding="utf-8")
    assert f"Control `{rule.control}` of the Pod Security Standards" in " ".join(text.split())


@pytest.mark.parametrize("rule", [rule for rule in ALL if rule.overrides], ids=name)
def test_only_restricted_rules_override_and_only_baseline_ones(rule: Rule) -> None:
    assert rule.profile == "restricted"
    profiles = {other.id: other.profile for other in ALL}
    assert {profiles.get(other) for other in rule.overrides} == {"baseline"}
