"""Reports that the scanners themselves made, read into the model: nothing lost, nothing added.

The expected numbers are counted here from the files, by other means than the readers'.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.scanners.aqua_report import aqua_rows
from bot.adapters.scanners.clair_report import clair_rows
from bot.adapters.scanners.reports import read_reports
from bot.adapters.scanners.sarif_report import sarif_rows
from bot.adapters.scanners.trivy_report import trivy_rows
from bot.model.vulnerability import Grade, ImageReport

WORDS: dict[Any, Grade] = {
    "critical": "critical",
    "high": "high",
    "medium": "medium",
    "low": "low",
    "negligible": "low",
}
TRIVY = [
    "all_statuses.json",
    "alpine-310.json.golden",
    "alpine-39.json.golden",
    "busybox-with-lockfile.json.golden",
    "cvssv4_severity_source.json",
    "debian-buster.json.golden",
    "distroless-base.json.golden",
    "fluentd-gems.json.golden",
    "photon-30.json.golden",
    "scheme_2_no_vuln.json",
    "spring4shell-jre8.json.golden",
    "ubi-7.json.golden",
]
CLUSTERS = [
    "kubernetes.json",
    "kubernetes_fabricated_internal_duplicates.json",
    "kubernetes_fabricated_internal_duplicates_subset.json",
    "kubernetes_fabricated_subset.json",
]
AQUA = [
    "aqua_devops_issue_10611.json",
    "aqua_report_photon_3.0.json",
    "issue_10585.json",
    "issue_10849.json",
    "many_vulns.json",
    "one_vuln.json",
    "vulns_with_aqua_severity.json",
]
AQUA_FLAT = ["many_v2.json", "one_v2.json"]
AQUA_PAGES = ["over_api_v2.json", "over_api_v2_empty.json"]
AQUA_EMPTY = ["empty_aquadevops.json", "no_vuln.json"]
CLAIR = ["debian_stretch.json", "report-with-vulns.json"]
SARIF = ["alpine-310.sarif.golden"]


def raw(path: Path) -> Any:
    return json.loads(path.read_bytes())


def counted(report: ImageReport) -> Counter[str]:
    return Counter({grade: count for grade, count in report.counts().items() if count})


def of(*reports: ImageReport) -> Counter[str]:
    return sum((counted(report) for report in reports), Counter())


def test_each_recorded_report_is_read_by_a_test_below(shared: Path) -> None:
    named = {
        "trivy": [*TRIVY, *CLUSTERS],
        "aqua": [*AQUA, *AQUA_FLAT, *AQUA_PAGES, *AQUA_EMPTY],
        "clair": CLAIR,
        "sarif": SARIF,
    }
    for folder, names in named.items():
        there = {path.name for path in (shared / "reports" / folder).iterdir()}
        assert set(names) == there


@pytest.mark.parametrize("name", TRIVY)
def test_a_report_of_trivy(shared: Path, name: str) -> None:
    path = shared / "reports" / "trivy" / name
    document = raw(path)
    rows = [
        (vulnerability, result)
        for result in document["Results"]
        for vulnerability in result.get("Vulnerabilities", [])
    ]
    by_grade = Counter(WORDS.get(row["Severity"].lower(), "unknown") for row, _ in rows)
    assert Counter(row.grade for row in trivy_rows(document["Results"])) == by_grade
    (report,) = read_reports(path.read_bytes(), name)
    assert counted(report) == by_grade  # none of these files repeats a row
    assert [v.id for v in trivy_rows(document["Results"])] == [
        r["VulnerabilityID"] for r, _ in rows
    ]
    assert {(v.id, v.package): v.fixed for v in report.vulnerabilities} == {
        (row["VulnerabilityID"], row["PkgName"]): tuple(
            part.strip() for part in row.get("FixedVersion", "").split(",") if part.strip()
        )
        for row, _ in rows
    }
    assert {v.status for v in report.vulnerabilities} == {row["Status"] for row, _ in rows}
    system = document.get("Metadata", {}).get("OS")
    if system is None:
        assert report.os is None
    else:
        assert report.os is not None
        assert (report.os.family, report.os.version) == (system["Family"], system["Name"])
        assert report.os.is_ended is (True if system.get("EOSL") else None)
    assert report.scanned is not None or "CreatedAt" not in document


@pytest.mark.parametrize("name", CLUSTERS)
def test_a_report_of_a_cluster_is_one_of_each_image(shared: Path, name: str) -> None:
    path = shared / "reports" / "trivy" / name
    images: dict[str, set[tuple[str, str, str, str]]] = {}
    rows = 0
    for resource in raw(path)["Vulnerabilities"]:
        for result in resource["Results"]:
            image = result["Target"].split(" (")[0]
            for row in result["Vulnerabilities"]:
                rows += 1
                images.setdefault(image, set()).add(
                    (
                        row["VulnerabilityID"],
                        row["PkgName"],
                        row["InstalledVersion"],
                        row["Severity"].lower(),
                    )
                )
    reports = read_reports(path.read_bytes(), name)
    assert [report.reference for report in reports] == list(images)
    for report in reports:
        found = {(v.id, v.package, v.installed, v.grade) for v in report.vulnerabilities}
        assert found == images[report.reference]
        assert str(report.os) == "debian 10.4"
    assert rows >= sum(len(report.vulnerabilities) for report in reports) > 0


@pytest.mark.parametrize("name", AQUA)
def test_a_report_of_scannercli(shared: Path, name: str) -> None:
    path = shared / "reports" / "aqua" / name
    document = raw(path)
    scans = [one["results"] for one in document] if isinstance(document, list) else [document]
    by_grade = Counter(
        WORDS[row["aqua_severity"]]
        for scan in scans
        for resource in scan["resources"]
        for row in resource.get("vulnerabilities") or []
    )
    reports = read_reports(path.read_bytes(), name)
    assert of(*reports) == by_grade
    assert sum(len(list(aqua_rows(scan))) for scan in scans) == by_grade.total()
    for scan, report in zip(scans, reports, strict=True):
        assert str(report.os) == f"{scan['os']} {scan['version']}"
        digest = scan.get("digest") or scan["image"].partition("@")[2]
        assert report.digest == f"sha256:{digest.removeprefix('sha256:')}"
        short = scan["vulnerability_summary"]["total"] > by_grade.total()
        assert bool(report.partial) == (short or scan.get("partial_results", False))


def test_what_aqua_itself_counts_is_what_is_read_where_the_file_is_whole(shared: Path) -> None:
    whole = 0
    for name in AQUA:
        path = shared / "reports" / "aqua" / name
        for report in read_reports(path.read_bytes(), name):
            if report.partial or name == "vulns_with_aqua_severity.json":
                continue  # users cut these files, or edited their severities
            document = raw(path)
            scan = document[0]["results"] if isinstance(document, list) else document
            said = scan["vulnerability_summary"]
            expected = {
                grade: said.get(grade, 0) for grade in ("critical", "high", "medium", "low")
            }
            assert {**report.counts(), "unknown": 0} == {**expected, "unknown": 0}
            whole += 1
    assert whole >= 2


@pytest.mark.parametrize("name", AQUA_FLAT)
def test_a_flat_report_of_aqua(shared: Path, name: str) -> None:
    path = shared / "reports" / "aqua" / name
    document = raw(path)
    (report,) = read_reports(path.read_bytes(), name)
    said = {k: v for k, v in document["cves_counts"].items() if k in WORDS and v}
    assert counted(report) == Counter(said)
    assert report.reference == document["image_name"]
    assert [v.score for v in report.vulnerabilities] == sorted(
        (float(row["score"]) for row in document["cves"]), reverse=True
    )


@pytest.mark.parametrize("name", AQUA_PAGES)
def test_a_page_of_aquas_rest_api(shared: Path, name: str) -> None:
    path = shared / "reports" / "aqua" / name
    document = raw(path)
    reports = read_reports(path.read_bytes(), name)
    by_grade = Counter(WORDS[row["aqua_severity"]] for row in document["result"])
    assert of(*reports) == by_grade
    assert by_grade.total() == document["count"]
    assert {report.reference for report in reports} == {r["image_name"] for r in document["result"]}
    assert {report.digest for report in reports} == {r["image_digest"] for r in document["result"]}
    assert not any(report.partial for report in reports)


@pytest.mark.parametrize("name", AQUA_EMPTY)
def test_an_empty_answer_is_no_report(shared: Path, name: str) -> None:
    assert read_reports((shared / "reports" / "aqua" / name).read_bytes(), name) == ()


@pytest.mark.parametrize("name", CLAIR)
def test_a_report_of_clair(shared: Path, name: str) -> None:
    path = shared / "reports" / "clair" / name
    document = raw(path)
    scores = {
        key: max(vector["baseScore"] for vector in vectors)
        for kind, found in document["enrichments"].items()
        if "clair.cvss" in kind
        for one in found
        for key, vectors in one.items()
    }

    def grade(key: str) -> str:
        written = document["vulnerabilities"][key]["normalized_severity"].lower()
        if written in WORDS:
            return WORDS[written]
        score = scores.get(key, 0)
        steps = [(9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low")]
        return next((word for least, word in steps if score >= least), "unknown")

    pairs = [(p, v) for p, names in document["package_vulnerabilities"].items() for v in names]
    by_grade = Counter(grade(key) for _, key in pairs)
    assert Counter(row.grade for row in clair_rows(document)) == by_grade
    (report,) = read_reports(path.read_bytes(), name)
    assert counted(report) == by_grade
    assert report.digest == document["manifest_hash"]
    names = {document["packages"][p]["name"] for p, _ in pairs}
    assert {v.package for v in report.vulnerabilities} == names
    assert all(v.id.startswith("CVE-") for v in report.vulnerabilities)
    assert not any(v.fixed for v in report.vulnerabilities)  # "" and "0:0" are no versions
    (system,) = document["distributions"].values()
    assert str(report.os) == f"{system['did']} {system['version_id']}"


def test_the_enrichment_grades_what_clair_calls_unknown(shared: Path) -> None:
    path = shared / "reports" / "clair" / "debian_stretch.json"
    (report,) = read_reports(path.read_bytes(), path.name)
    written = {v["normalized_severity"] for v in raw(path)["vulnerabilities"].values()}
    assert written == {"Unknown"}
    assert report.counts()["unknown"] == 212 - 199


def test_reports_that_clairctl_prints_one_behind_the_other(shared: Path) -> None:
    folder = shared / "reports" / "clair"
    several = b"".join((folder / name).read_bytes() for name in CLAIR) + b"null\n"
    reports = read_reports(several, "clairctl")
    assert [len(report.vulnerabilities) for report in reports] == [212, 3]


@pytest.mark.parametrize("name", SARIF)
def test_a_sarif_log(shared: Path, name: str) -> None:
    path = shared / "reports" / "sarif" / name
    document = raw(path)
    results = document["runs"][0]["results"]
    (report,) = read_reports(path.read_bytes(), name)
    assert len(list(sarif_rows(document["runs"][0]))) == len(results) == 4
    level = {"error": "high", "warning": "medium", "note": "low"}
    assert counted(report) == Counter(level[result["level"]] for result in results)
    assert report.scanner.name == "trivy"


def test_the_sarif_and_the_json_of_one_scan_say_the_same(shared: Path) -> None:
    folder = shared / "reports"
    sarif, json_ = folder / "sarif" / SARIF[0], folder / "trivy" / "alpine-310.json.golden"
    (left,) = read_reports(sarif.read_bytes(), sarif.name)
    (right,) = read_reports(json_.read_bytes(), json_.name)
    assert left.reference == right.reference

    def said(report: ImageReport) -> set[tuple[Any, ...]]:
        return {(v.id, v.package, v.installed, v.fixed, v.grade) for v in report.vulnerabilities}

    assert said(left) == said(right)
