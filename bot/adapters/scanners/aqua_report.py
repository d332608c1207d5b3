"""Aqua's reports to the model, in the four shapes that public clients of it show.

A: scannercli's own; B: a list of `{image_name, results: A}`; C: a flat list below `cves`; D: a
page of its REST API. Facts: aquasecurity/harbor-scanner-aqua pkg/aqua, aquasecurity/
terraform-provider-aquasec client/vulnerabilities.go, and reports that users published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.adapters.scanners.document import (
    all_have,
    identifiers,
    mapping,
    mappings,
    number,
    text,
    versions,
)
from bot.model.vulnerability import (
    Grade,
    ImageReport,
    OperatingSystem,
    Origin,
    ScannerState,
    Vulnerability,
    distinct,
    grade_of_score,
)

_GRADES: dict[str, Grade] = {
    "critical": "critical",
    "high": "high",
    "medium": "medium",
    "low": "low",
    "negligible": "low",
}
# who is asked for a grade and a score: Aqua itself, then the vendor, then NVD; CVSS v3 before v2
_SEVERITIES = (
    "aqua_severity",
    "severity",
    "vendor_severity_v3",
    "vendor_cvss3_severity",
    "nvd_severity_v3",
    "nvd_cvss3_severity",
    "vendor_severity",
    "nvd_severity",
)
_SCORES = (
    "aqua_score",
    "score",
    "vendor_score_v3",
    "vendor_cvss3_score",
    "nvd_score_v3",
    "nvd_cvss3_score",
    "vendor_score",
    "vendor_cvss2_score",
    "nvd_score",
    "nvd_cvss2_score",
)
_URLS = ("vendor_url", "nvd_url", "url")
_SYSTEM_FORMATS = frozenset({"apk", "deb", "rpm"})
Row = tuple[Mapping[str, Any], Mapping[str, Any]]
"""A vulnerability, and the resource that has it."""


def is_aqua(document: Any) -> bool:
    """Whether a document is one of Aqua's four shapes."""
    if isinstance(document, list):
        return all_have(document, "results")
    found = set(mapping(document))
    return (
        bool(found & {"cves", "scan_options", "vulnerability_summary"})
        or {
            "result",
            "pagesize",
        }
        <= found
    )


def aqua_reports(document: Any, state: ScannerState | None = None) -> tuple[ImageReport, ...]:
    """The reports of a document; a page of the REST API may speak of several images."""
    if isinstance(document, list):
        return tuple(
            _scanned(mapping(one.get("results")), text(one.get("image_name")), state)
            for one in mappings(document)
        )
    found = mapping(document)
    if isinstance(found.get("result"), list):
        return _of_page(found, state)
    return (_scanned(found, "", state),)


def aqua_rows(document: Mapping[str, Any]) -> Iterator[Row]:
    """The vulnerabilities of shapes A and C, as often as they stand there."""
    for one in mappings(document.get("resources")):
        resource = mapping(one.get("resource"))
        for row in mappings(one.get("vulnerabilities")):
            yield row, resource
    for row in mappings(document.get("cves")):
        yield row, {"path": row.get("file"), "name": text(row.get("file")).rpartition("/")[2]}


def _scanned(document: Mapping[str, Any], name: str, state: ScannerState | None) -> ImageReport:
    image = name or text(document.get("image")) or text(document.get("image_name"))
    rows = tuple(_vulnerability(*row) for row in aqua_rows(document))
    return ImageReport(
        reference=image,
        scanner=state or ScannerState(name="aqua", database=_data_date(document)),
        vulnerabilities=distinct(rows),
        digest=_digest(text(document.get("digest")), image),
        platform=_platform(text(document.get("scanned_image_platform"))),
        os=_os(document, "os", "version"),
        partial=_partial(document, len(rows)),
    )


def _partial(document: Mapping[str, Any], rows: int) -> str:
    """Why a report is not whole: Aqua says so, or counts more than it lists."""
    if document.get("partial_results") is True:
        return "Aqua could not scan all of it"
    counts = mapping(document.get("vulnerability_summary") or document.get("cves_counts"))
    total = counts.get("total")
    if isinstance(total, int) and total > rows:
        return f"the report counts {total} vulnerabilities and lists {rows}"
    return ""


def _of_page(document: Mapping[str, Any], state: ScannerState | None) -> tuple[ImageReport, ...]:
    by_image: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in mappings(document.get("result")):
        key = text(row.get("registry")), text(row.get("image_name"))
        by_image.setdefault(key, []).append(row)
    partial = "Aqua gave a part of its data" if document.get("is_partial_data") is True else ""
    listed, count = sum(map(len, by_image.values())), document.get("count")
    if isinstance(count, int) and count > listed:
        partial = f"the page lists {listed} of {count} vulnerabilities"
    return tuple(
        ImageReport(
            reference=image,
            scanner=state or ScannerState(name="aqua"),
            vulnerabilities=distinct(
                _vulnerability(row, mapping(row.get("resource"))) for row in rows
            ),
            digest=_digest(text(rows[0].get("image_digest")), image),
            os=_os(rows[0], "os", "os_version"),
            partial=partial,
        )
        for (_, image), rows in by_image.items()
    )


def _vulnerability(row: Mapping[str, Any], resource: Mapping[str, Any]) -> Vulnerability:
    name = text(row.get("name"))
    score = next((given for key in _SCORES if (given := number(row.get(key)))), None)
    word, source = _severity(row)
    fixed = versions(row.get("fix_version"))
    return Vulnerability(
        id=name,
        aliases=tuple(other for other in identifiers(text(row.get("solution"))) if other != name),
        package=text(resource.get("name")) or text(resource.get("path")),
        installed=text(resource.get("version")),
        fixed=fixed,
        grade=_GRADES.get(word) or grade_of_score(score),
        grade_source=source,
        score=score,
        status="fixed" if fixed else "affected",
        origin=_origin(resource),
        path=text(resource.get("path")),
        title=text(row.get("description")).split("\n")[0][:200],
        url=next((found for key in _URLS if (found := text(row.get(key)))), ""),
    )


def _severity(row: Mapping[str, Any]) -> tuple[str, str]:
    """The first grade that somebody gives, and who; where Aqua has only a score, that counts."""
    for key in _SEVERITIES:
        word = text(row.get(key)).lower()
        if word in _GRADES:
            return word, key.partition("_")[0] if "_" in key else "aqua"
        if key == "aqua_severity" and number(row.get("aqua_score")) is not None:
            return "", "aqua"
    return "", ""


def _origin(resource: Mapping[str, Any]) -> Origin:
    kind = text(resource.get("format"))
    if not kind:
        return "unknown"
    return "os" if kind in _SYSTEM_FORMATS else "language"


def _digest(given: str, image: str) -> str | None:
    """A digest in full; Aqua leaves the algorithm out at times."""
    found = given or image.partition("@")[2]
    return (found if ":" in found else f"sha256:{found}") if found else None


def _platform(given: str) -> str | None:
    """As in linux/amd64; Aqua writes amd64:::, a machine and its variants."""
    machine = given.partition(":")[0]
    return machine if "/" in machine else f"linux/{machine}" if machine else None


def _os(found: Mapping[str, Any], family: str, version: str) -> OperatingSystem | None:
    name = text(found.get(family))
    return OperatingSystem(family=name, version=text(found.get(version))) if name else None


def _data_date(document: Mapping[str, Any]) -> datetime | None:
    seconds = document.get("data_date")
    if not isinstance(seconds, int) or not 0 < seconds < 2**34:
        return None
    return datetime.fromtimestamp(seconds, UTC)
