"""`podsec rules` and `podsec config`: what podsec knows, and what holds here."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import yaml

from bot.config.schema import SCHEMA
from bot.rule.load import load_rules
from tests.cli.conftest import SOFT, Run


def test_the_list_names_every_rule(run: Run) -> None:
    lines = run("rules").out.splitlines()
    assert [line.split()[0] for line in lines[1:-2]] == [rule.id for rule in load_rules()]


def test_a_rule_is_explained_with_references_and_its_ids_elsewhere(run: Run) -> None:
    text = run("rules", "privilege-escalation").out
    for part in (
        "## What it finds",
        "## Why it matters",
        "## The fix",
        "## When to allow it",
        "- Pod Security Standards, restricted: allowPrivilegeEscalation",
        "- https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
        "## The same check elsewhere",
        "- trivy: KSV-0001",
        "- checkov: CKV_K8S_20",
    ):
        assert part in text
    assert "<!--" not in text


def test_the_benchmarks_of_a_rule_are_among_its_references(run: Run) -> None:
    text = run("rules", "privilege-escalation").out
    assert "- CIS Kubernetes Benchmark 1.12: 5.2.6" in text
    assert "- cis: " not in text


def test_one_rule_as_json_is_what_the_list_says_of_it(run: Run) -> None:
    one = run("rules", "root-user", "--format", "json").json
    (listed,) = (row for row in run("rules", "--format", "json").json if row["id"] == "root-user")
    assert one == listed
    assert (one["severity"], one["profile"], one["default"]) == ("medium", "restricted", "on")
    assert one["fix"]["applicability"] == "unsafe"


def test_the_effective_config_is_yaml_that_says_where_each_value_came_from(
    run: Run, home: Path
) -> None:
    (home / ".podsec.yaml").write_text(
        "profile: restricted\n\nrules:\n  root-user: high\nresources:\n  memoryLimit: 1Gi\n",
        encoding="utf-8",
    )
    out = run("config", "--kubernetes-version", "1.30").out
    values = yaml.safe_load(out)
    jsonschema.Draft202012Validator(SCHEMA).validate(values)
    assert values["resources"]["memoryLimit"] == "1Gi"
    lines = {line.split("#")[0].strip(): line.partition("# ")[2] for line in out.splitlines()}
    assert lines["profile: restricted"] == ".podsec.yaml:1"
    assert lines["root-user: high"] == ".podsec.yaml:4"
    assert lines['memoryLimit: "1Gi"'] == ".podsec.yaml:6"
    assert lines['memoryRequest: "64Mi"'] == "default"
    assert lines['kubernetesVersion: "1.30"'] == "--kubernetes-version"


def test_the_config_of_a_folder_is_the_nearest_one_above_it(run: Run, home: Path) -> None:
    deep = home / "a" / "b"
    deep.mkdir(parents=True)
    (home / ".podsec.yaml").write_text("failOn: low\n", encoding="utf-8")
    (home / "a" / ".podsec.yaml").write_text("failOn: medium\n", encoding="utf-8")
    assert run("config", "a/b", "--format", "json").json["config"]["failOn"] == "medium"
    assert run("config", "--format", "json").json["config"]["failOn"] == "low"


def test_the_operator_s_file_is_named(run: Run, home: Path, tmp_path: Path) -> None:
    operator = tmp_path / "operator.yaml"
    operator.write_text("enforced: ['*']\nfailOn: low\n", encoding="utf-8")
    answer = run("config", "--operator-config", str(operator), "--format", "json").json
    assert answer["origins"]["failOn"] == f"{operator}:2"
    assert answer["config"]["enforced"] == ["*"]


def test_the_schema_is_printed_for_editors(run: Run) -> None:
    assert run("config", "--schema").json == SCHEMA


def test_a_wrong_config_stops_every_command_by_line(run: Run, home: Path) -> None:
    (home / ".podsec.yaml").write_text("# a\nprofil: restricted\n", encoding="utf-8")
    for command in (("check", "."), ("fix", "."), ("config",), ("rules",), ("baseline", ".")):
        answer = run(*command)
        assert answer.code == 2
        expected = "podsec: .podsec.yaml:2: profil: unknown key; did you mean 'profile'?\n"
        assert answer.err == expected


def test_the_globs_of_a_config_count_from_its_folder(run: Run, home: Path) -> None:
    for name in ("team/deploy/a.yaml", "team/old/b.yaml", "old/c.yaml"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(SOFT, encoding="utf-8")
    entry = "{rule: privileged-container, path: deploy/**, reason: known}"
    (home / "team" / ".podsec.yaml").write_text(
        f"paths: {{exclude: [old]}}\nsuppressions: [{entry}]\n", encoding="utf-8"
    )
    report = run("check", "team", "--format", "json").json
    assert {row["file"] for row in report["findings"]} == {"team/deploy/a.yaml"}
    assert len(report["suppressed"]) == report["summary"]["excluded"] == 1
    log = run("check", "team", "--format", "sarif").json
    (uri,) = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in log["runs"][0]["results"]
    }
    assert uri == "team/deploy/a.yaml"  # from the root of the checkout, as GitHub wants it
