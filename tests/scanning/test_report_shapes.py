"""What the recorded reports do not show: other scanners' SARIF, odd values, what is no report."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.scanners.clair_report import clair_report
from bot.adapters.scanners.document import identifiers, moment, number, versions
from bot.adapters.scanners.reports import read_reports
from bot.errors import Malformed
from bot.model.vulnerability import Vulnerability, distinct, grade_of_score


def sarif(message: str, rule: dict[str, Any], level: str = "error", **run: Any) -> Vulnerability:
    """The only vulnerability of a log with one result."""
    document = {
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "Some", "rules": [rule]}},
                "results": [
                    {"ruleId": rule["id"], "level": level, "message": {"text": message}},
                ],
                **run,
            }
        ],
    }
    (report,) = read_reports(json.dumps(document).encode(), "log")
    (found,) = report.vulnerabilities
    return found


def test_grype() -> None:
    rule = {
        "id": "CVE-2019-5188-ssl_client",
        "shortDescription": {"text": "CVE-2019-5188 high vulnerability for ssl_client package"},
        "helpUri": "https://github.com/anchore/grype",
        "help": {
            "text": "Vulnerability CVE-2019-5188\nPackage: ssl_client\nFix Version: 1.31.1-r10"
        },
        "properties": {"security-severity": "7.5"},
    }
    message = (
        "A high vulnerability in apk package: ssl_client, version 1.31.1-r9 was found at: "
        "/lib/apk/db/installed"
    )
    found = sarif(message, rule)
    assert (found.id, found.aliases) == ("CVE-2019-5188", ())
    assert (found.package, found.installed, found.fixed) == (
        "ssl_client",
        "1.31.1-r9",
        ("1.31.1-r10",),
    )
    assert (found.grade, found.score, found.path) == ("high", 7.5, "/lib/apk/db/installed")


def test_snyk() -> None:
    rule = {
        "id": "SNYK-DEBIAN10-CURL-466507",
        "properties": {"tags": ["security", "CWE-122", "CVE-2019-5482"]},
    }
    message = (
        "This file introduces a vulnerable curl package with a critical severity vulnerability."
    )
    found = sarif(message, rule)
    assert (found.id, found.aliases) == ("CVE-2019-5482", ("SNYK-DEBIAN10-CURL-466507",))
    assert (found.package, found.installed, found.grade) == ("curl", "", "critical")


def test_docker_scout() -> None:
    message = (
        "  Vulnerability   : CVE-2023-45853      \n"
        "  Severity        : CRITICAL            \n"
        "  Package         : pkg:deb/debian/zlib@1%3A1.2.13.dfsg-1?os_name=debian&os_version=12  \n"
        "  Affected range  : >=1:1.2.13.dfsg-1   \n"
        "  Fixed version   : not fixed           \n"
    )
    found = sarif(message, {"id": "CVE-2023-45853"})
    assert (found.package, found.installed, found.fixed) == ("zlib", "1:1.2.13.dfsg-1", ())
    assert (found.grade, found.origin) == ("critical", "os")
    message = (
        "  Severity        : HIGH\n  Package         : pkg:golang/google.golang.org/grpc@1.57.0\n"
        "  Fixed version   : 1.57.1, 1.58.3\n"
    )
    found = sarif(message, {"id": "GHSA-m425-mq94-257g"})
    assert (found.package, found.installed) == ("google.golang.org/grpc", "1.57.0")
    assert (found.fixed, found.origin) == (("1.57.1", "1.58.3"), "language")


def test_clair_action() -> None:
    found = sarif("[libssl1.1 - 1.1.1d-0 - Medium]", {"id": "CVE-2021-3711"})
    assert (found.package, found.installed, found.grade) == ("libssl1.1", "1.1.1d-0", "medium")


@pytest.mark.parametrize(
    ("level", "tags", "grade"),
    [
        ("error", [], "high"),
        ("warning", [], "medium"),
        ("note", [], "low"),
        ("none", [], "unknown"),
        ("note", ["vulnerability", "CRITICAL"], "critical"),
    ],
)
def test_without_a_score_a_tag_grades_and_without_one_the_level(
    level: str, tags: list[str], grade: str
) -> None:
    rule = {"id": "CVE-2021-3711", "properties": {"tags": tags}}
    assert sarif("something", rule, level).grade == grade


def test_results_of_sarif_that_are_suppressed_or_no_vulnerability_are_left_out() -> None:
    rules = [{"id": "KSV001", "name": "Misconfiguration"}, {"id": "CVE-2021-3711"}]
    results = [
        {"ruleId": "KSV001", "message": {"text": "x"}},
        {
            "ruleId": "CVE-2021-3711",
            "message": {"text": "x"},
            "suppressions": [{"kind": "external"}],
        },
    ]
    run = {"tool": {"driver": {"name": "Trivy", "rules": rules}}, "results": results}
    document = {"version": "2.1.0", "runs": [run]}
    (report,) = read_reports(json.dumps(document).encode(), "log")
    assert report.vulnerabilities == ()


def test_clair_at_its_newest_says_what_is_not_affected() -> None:
    package = {"name": "zlib", "version": "1", "kind": "binary"}
    row = {"name": "CVE-2020-0001 zlib", "normalized_severity": "High", "fixed_in_version": "2"}
    document = {
        "manifest_hash": "sha256:" + "0" * 64,
        "packages": {"1": package},
        "vulnerabilities": {"a": row, "b": {**row, "Invert": True}},
        "package_vulnerabilities": {"1": ["a", "b", "gone"]},
    }
    (found,) = clair_report(document).vulnerabilities
    assert (found.id, found.grade, found.fixed) == ("CVE-2020-0001", "high", ("2",))


@pytest.mark.parametrize(
    ("name", "links", "names"),
    [
        ("CVE-2018-6829 libgcrypt20", "", ("CVE-2018-6829",)),
        (
            "RHSA-2022:0892: libarchive security update (Moderate)",
            "https://access.redhat.com/errata/RHSA-2022:0892 https://x/CVE-2021-31566",
            ("CVE-2021-31566", "RHSA-2022:0892"),
        ),
        (
            "RHSA-2022:0892: libarchive security update",
            "https://x/CVE-2021-31566 https://x/CVE-2021-23177",
            ("RHSA-2022:0892", "CVE-2021-31566", "CVE-2021-23177"),
        ),
        ("pyup.io-42559 (CVE-2021-3572)", "", ("CVE-2021-3572",)),
        ("pyup.io-1 something", "", ("pyup.io-1",)),
    ],
)
def test_names_of_clair_are_sentences_that_hold_identifiers(
    name: str, links: str, names: tuple[str, ...]
) -> None:
    row = {"name": name, "links": links, "normalized_severity": "Low"}
    document = {
        "manifest_hash": "",
        "packages": {"1": {"name": "p"}},
        "vulnerabilities": {"a": row},
        "package_vulnerabilities": {"1": ["a"]},
    }
    (found,) = clair_report(document).vulnerabilities
    assert (found.id, *found.aliases) == names


def test_trivy_before_its_second_schema_wrote_the_results_alone() -> None:
    row = {"VulnerabilityID": "CVE-1", "PkgName": "p", "InstalledVersion": "1", "Severity": "HIGH"}
    old = [{"Target": "alpine:3.10 (alpine 3.10)", "Vulnerabilities": [row]}]
    (report,) = read_reports(json.dumps(old).encode(), "old")
    assert [v.id for v in report.vulnerabilities] == ["CVE-1"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not json",
        b"[" * 100_000,
        b'{"kind": "Pod"}',
        b'{"a": 1}{"b": 2}',
        b'"text"',
        b"3",
        b"\xff\xfe",
        b"[1, 2]",
    ],
)
def test_what_is_no_report_is_said_with_its_name(data: bytes) -> None:
    with pytest.raises(Malformed, match=r"report\.json"):
        read_reports(data, "report.json")


KEYS = st.sampled_from(
    [
        "SchemaVersion",
        "Results",
        "Vulnerabilities",
        "Target",
        "Metadata",
        "OS",
        "CVSS",
        "nvd",
        "manifest_hash",
        "packages",
        "vulnerabilities",
        "package_vulnerabilities",
        "environments",
        "enrichments",
        "image_name",
        "results",
        "resources",
        "resource",
        "cves",
        "result",
        "pagesize",
        "scan_options",
        "runs",
        "tool",
        "driver",
        "rules",
        "version",
        "properties",
        "message",
        "locations",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_no_shape_of_json_breaks_the_readers(value: Any) -> None:
    for document in (
        value,
        {"SchemaVersion": 2, "Results": value, "Metadata": value},
        {"ClusterName": "c", "Vulnerabilities": value},
        {"manifest_hash": value, "package_vulnerabilities": value, "packages": value},
        {"scan_options": value, "resources": value, "cves": value},
        {"result": value, "pagesize": 1},
        {"version": "2.1.0", "runs": value},
        {"version": "2.1.0", "runs": [value]},
    ):
        try:
            reports = read_reports(json.dumps(document).encode(), "x")
        except Malformed:
            continue
        for report in reports:
            assert set(report.counts()) == {"critical", "high", "medium", "low", "unknown"}


def test_of_two_rows_of_one_vulnerability_the_worse_stays() -> None:
    low = Vulnerability(id="CVE-1", package="p", installed="1", grade="low")
    high = Vulnerability(id="CVE-1", package="p", installed="1", grade="high")
    other = Vulnerability(id="CVE-1", package="p", installed="2", grade="medium")
    assert distinct([low, high, other, low]) == (high, other)


@pytest.mark.parametrize(
    ("score", "grade"),
    [
        (None, "unknown"),
        (0.0, "unknown"),
        (0.1, "low"),
        (3.9, "low"),
        (4.0, "medium"),
        (6.9, "medium"),
        (7.0, "high"),
        (8.9, "high"),
        (9.0, "critical"),
        (10.0, "critical"),
    ],
)
def test_the_bands_of_cvss(score: float | None, grade: str) -> None:
    assert grade_of_score(score) == grade


def test_values_of_documents() -> None:
    assert versions("7.23.2, 8.0.0-alpha.4") == ("7.23.2", "8.0.0-alpha.4")
    assert versions("The vendor has a fix (2.0).\n\nhttp://x/y\n3.0.6") == ("3.0.6",)
    assert [number(value) for value in ("7.5", 5, "", None, "x", 99, True, [1])] == [
        7.5,
        5.0,
        None,
        None,
        None,
        None,
        1.0,
        None,
    ]
    found = moment("2021-08-25T12:20:30.000000005Z")
    assert found is not None
    assert found.isoformat() == "2021-08-25T12:20:30+00:00"
    assert [moment(value) for value in ("0001-01-01T00:00:00Z", "soon", 3, None)] == [None] * 4
    assert identifiers("see GHSA-2345-6789-cfgh and CVE-2020-12345", "CVE-2020-12345") == (
        "CVE-2020-12345",
        "GHSA-2345-6789-cfgh",
    )
