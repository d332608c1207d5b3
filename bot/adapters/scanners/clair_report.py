"""Clair's vulnerability reports to the model: from its API, `clairctl` and clair-action.

Facts: quay/clair httptransport/types/v1 (the JSON schemas) and real reports. Three traps: the
normalized severity is Unknown for all of Alpine and of some Debian feeds, where the CVSS
enrichment knows better; names are sentences, not identifiers; "no fix" is written "" and "0:0".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.adapters.scanners.document import identifiers, mapping, mappings, number, text, texts
from bot.model.vulnerability import (
    Grade,
    ImageReport,
    OperatingSystem,
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
_CVSS = "enricher=clair.cvss"
_NO_FIX = frozenset({"", "0", "0:0"})
_SYSTEMS = frozenset({"alpine", "amzn", "debian", "ol", "photon", "rhel", "sles", "suse", "ubuntu"})


def is_clair(document: Any) -> bool:
    """Whether a document is a vulnerability report of Clair."""
    return {"manifest_hash", "package_vulnerabilities"} <= set(mapping(document))


def clair_report(
    document: Any, reference: str = "", state: ScannerState | None = None
) -> ImageReport:
    """The report; it does not name its image, so `reference` does."""
    found = mapping(document)
    return ImageReport(
        reference=reference,
        scanner=state or ScannerState(name="clair"),
        vulnerabilities=distinct(clair_rows(found)),
        digest=text(found.get("manifest_hash")) or None,
        os=_os(found),
    )


def clair_rows(document: Mapping[str, Any]) -> Iterator[Vulnerability]:
    """One row for each vulnerability of each package, as often as the report names them."""
    packages = mapping(document.get("packages"))
    known = mapping(document.get("vulnerabilities"))
    scores = _scores(document)
    places = _places(document)
    for package, names in mapping(document.get("package_vulnerabilities")).items():
        for name in texts(names):
            row = mapping(known.get(name))
            if row and row.get("Invert") is not True:  # Clair's way to say "not affected"
                holder = mapping(packages.get(package))
                yield _vulnerability(row, holder, scores.get(name), places.get(package, ""))


def _vulnerability(
    row: Mapping[str, Any], package: Mapping[str, Any], score: float | None, path: str
) -> Vulnerability:
    name, *aliases = _names(row)
    grade = _GRADES.get(text(row.get("normalized_severity")).lower(), "unknown")
    by_score = grade == "unknown"
    fixed = text(row.get("fixed_in_version"))
    is_system = text(mapping(row.get("distribution")).get("did")) in _SYSTEMS
    return Vulnerability(
        id=name,
        aliases=tuple(aliases),
        package=text(package.get("name")) or text(mapping(row.get("package")).get("name")),
        installed=text(package.get("version")),
        fixed=() if fixed in _NO_FIX else (fixed,),
        grade=grade_of_score(score) if by_score else grade,
        grade_source="cvss" if by_score and score else text(row.get("updater")),
        score=score,
        status="affected" if fixed in _NO_FIX else "fixed",
        origin="os" if is_system else "language",
        path=path if not is_system else "",
        title=text(row.get("description")).split("\n")[0][:200],
        url=next(iter(text(row.get("links")).split()), ""),
    )


def _names(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Its identifier, then the others: Clair's `name` is a sentence that may hold one.

    An advisory that speaks of one CVE goes by it, as other scanners say; one of several stays.
    """
    name = text(row.get("name"))
    own = identifiers(name)
    others = identifiers(text(row.get("links")), *texts(row.get("Aliases")))
    cves = [one for one in (*own, *others) if one.startswith("CVE-")]
    first = own[0] if own else name.split(" ")[0] or text(row.get("id"))
    if not first.startswith("CVE-") and len(set(cves)) == 1:
        first = cves[0]
    return tuple(dict.fromkeys((first, *own, *others)))


def _scores(document: Mapping[str, Any]) -> dict[str, float]:
    """The highest CVSS base score by vulnerability; the enrichment's key differs by version."""
    found: dict[str, float] = {}
    for kind, enrichments in mapping(document.get("enrichments")).items():
        if _CVSS not in kind:
            continue
        for enrichment in mappings(enrichments):
            for name, vectors in enrichment.items():
                given = (number(vector.get("baseScore")) for vector in mappings(vectors))
                found[name] = max([found.get(name, 0.0), *filter(None, given)])
    return {name: score for name, score in found.items() if score}


def _places(document: Mapping[str, Any]) -> dict[str, str]:
    """The database that names a package, or the file that it is."""
    return {
        package: next((text(one.get("package_db")) for one in mappings(found)), "")
        for package, found in mapping(document.get("environments")).items()
    }


def _os(document: Mapping[str, Any]) -> OperatingSystem | None:
    for found in mapping(document.get("distributions")).values():
        distribution = mapping(found)
        family = text(distribution.get("did"))
        if family:
            return OperatingSystem(family=family, version=text(distribution.get("version_id")))
    return None
