"""Trivy's JSON to the model: reports of images, and those of `trivy k8s`.

Facts: aquasecurity/trivy pkg/types/report.go and vulnerability.go; keys that are not known here
come with newer versions and are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.adapters.scanners.document import (
    all_have,
    mapping,
    mappings,
    moment,
    number,
    text,
    texts,
    versions,
)
from bot.kubernetes.image_config import read_config
from bot.model.vulnerability import (
    Grade,
    ImageReport,
    OperatingSystem,
    Origin,
    ScannerState,
    Status,
    Vulnerability,
    distinct,
)

_GRADES: dict[str, Grade] = {
    "CRITICAL": "critical",
    "HIGH": "high",
    "MEDIUM": "medium",
    "LOW": "low",
}
_STATUSES: dict[str, Status] = {
    "affected": "affected",
    "end_of_life": "end_of_life",
    "fix_deferred": "fix_deferred",
    "fixed": "fixed",
    "not_affected": "not_affected",
    "under_investigation": "under_investigation",
    "will_not_fix": "will_not_fix",
}
_ORIGINS: dict[str, Origin] = {"os-pkgs": "os", "lang-pkgs": "language"}
# in a report of a cluster only the target names the image: "docker.io/redis:6.0.5 (debian 10.4)"
_TARGET = re.compile(r"(?P<image>\S+) \((?P<family>[\w.-]+) (?P<version>[^)]*)\)")
_NEWEST_FIRST = ("V40Score", "V3Score", "V2Score")


def is_trivy(document: Any) -> bool:
    """Whether a document is one of Trivy's."""
    if isinstance(document, list):  # before schema version 2: the results alone
        return all_have(document, "Target")
    found = mapping(document)
    return "SchemaVersion" in found or ("ClusterName" in found and "Vulnerabilities" in found)


def trivy_reports(document: Any, state: ScannerState | None = None) -> tuple[ImageReport, ...]:
    """The reports of a document: one, or one for each image of a cluster.

    `state` is who scanned, where that is known better than the document tells.
    """
    if isinstance(document, list):
        return (_report({"Results": document}, state),)
    found = mapping(document)
    if "ClusterName" in found:
        return _of_cluster(found)
    return (_report(found, state),)


def trivy_rows(results: Any) -> Iterator[Vulnerability]:
    """The vulnerabilities of results, as often as they stand there."""
    for result in mappings(results):
        origin = _ORIGINS.get(text(result.get("Class")), "unknown")
        for row in mappings(result.get("Vulnerabilities")):
            yield _vulnerability(row, origin, text(result.get("Target")))


def _report(document: Mapping[str, Any], state: ScannerState | None) -> ImageReport:
    metadata = mapping(document.get("Metadata"))
    image = mapping(metadata.get("ImageConfig"))
    return ImageReport(
        reference=text(metadata.get("Reference")) or text(document.get("ArtifactName")),
        scanner=state or _state(document),
        vulnerabilities=distinct(trivy_rows(document.get("Results"))),
        digest=_digest(metadata),
        platform=_platform(image),
        os=_os(mapping(metadata.get("OS"))),
        config=read_config(mapping(image.get("config"))) if image else None,
        scanned=moment(document.get("CreatedAt")),
    )


def _of_cluster(document: Mapping[str, Any]) -> tuple[ImageReport, ...]:
    """One report an image: `trivy k8s` repeats an image for each workload that runs it."""
    found: dict[str, list[Vulnerability]] = {}
    bases: dict[str, OperatingSystem | None] = {}
    for resource in mappings(document.get("Vulnerabilities")):
        image = ""
        for result in mappings(resource.get("Results")):
            match = _TARGET.fullmatch(text(result.get("Target")))
            if match is not None:
                image = match["image"]
                bases[image] = OperatingSystem(family=match["family"], version=match["version"])
            found.setdefault(image, []).extend(trivy_rows([result]))
    return tuple(
        ImageReport(
            reference=image,
            scanner=_state(document),
            vulnerabilities=distinct(rows),
            os=bases.get(image),
        )
        for image, rows in found.items()
    )


def _state(document: Mapping[str, Any]) -> ScannerState:
    version = text(mapping(document.get("Trivy")).get("Version"))
    return ScannerState(name="trivy", version=version)


def _digest(metadata: Mapping[str, Any]) -> str | None:
    digests = texts(metadata.get("RepoDigests"))
    return digests[0].rpartition("@")[2] if digests else None


def _platform(image: Mapping[str, Any]) -> str | None:
    os, architecture = text(image.get("os")), text(image.get("architecture"))
    return f"{os}/{architecture}" if os and architecture else None


def _os(found: Mapping[str, Any]) -> OperatingSystem | None:
    family = text(found.get("Family"))
    if not family:
        return None
    is_ended = True if found.get("EOSL") is True else None  # absent where Trivy does not know, too
    return OperatingSystem(family=family, version=text(found.get("Name")), is_ended=is_ended)


def _vulnerability(row: Mapping[str, Any], origin: Origin, target: str) -> Vulnerability:
    name = text(row.get("VulnerabilityID"))
    fixed = versions(row.get("FixedVersion"))
    status = _STATUSES.get(text(row.get("Status")), "unknown")
    where = text(row.get("PkgPath"))
    return Vulnerability(
        id=name,
        aliases=texts(row.get("VendorIDs")),
        package=text(row.get("PkgName")),
        installed=text(row.get("InstalledVersion")),
        fixed=fixed,
        grade=_GRADES.get(text(row.get("Severity")).upper(), "unknown"),
        grade_source=text(row.get("SeveritySource")),
        score=_score(row),
        status="fixed" if status == "unknown" and fixed else status,
        origin=origin,
        path=where or (target if origin == "language" else ""),
        purl=text(mapping(row.get("PkgIdentifier")).get("PURL")),
        title=text(row.get("Title")),
        url=text(row.get("PrimaryURL")),
    )


def _score(row: Mapping[str, Any]) -> float | None:
    """The score of who gave the grade, else of NVD, else the first one; the newest version."""
    scores = mapping(row.get("CVSS"))
    for source in (text(row.get("SeveritySource")), "nvd", *scores):
        given = mapping(scores.get(source))
        for version in _NEWEST_FIRST:
            if (found := number(given.get(version))) is not None:
                return found
    return None
