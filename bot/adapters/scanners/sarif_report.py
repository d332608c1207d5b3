"""SARIF 2.1.0 of any scanner to the model: Grype, Snyk, Docker Scout, Trivy, clair-action.

SARIF has no place for a package and its versions: they are read from the message where the
scanner writes them there, and are absent where it does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from bot.adapters.scanners.document import (
    identifiers,
    mapping,
    mappings,
    number,
    text,
    texts,
    versions,
)
from bot.model.vulnerability import (
    GRADES,
    Grade,
    ImageReport,
    Origin,
    ScannerState,
    Vulnerability,
    distinct,
    grade_of_score,
)

_LEVELS: dict[str, Grade] = {"error": "high", "warning": "medium", "note": "low"}
# how the scanners write a package. In lines: Trivy, Docker Scout (which pads), Grype's help
_LINE = re.compile(
    r"^\s*(Package|Installed Version|Version|Severity|Fix(?:ed)? Version)\s*:\s*(\S.*?)\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_SENTENCES = (
    # clair-action: [pkg - 1.0 - High]
    re.compile(r"\[(?P<package>\S+) - (?P<installed>\S+) - (?P<severity>\w+)\]"),
    # Grype: A high vulnerability in apk package: pkg, version 1.0 was found at: path
    re.compile(
        r"(?P<severity>\w+) vulnerability in \S+ package: (?P<package>[^,\s]+), "
        r"version (?P<installed>[^,\s]+)(?: was found at: (?P<path>\S+))?",
    ),
    # Snyk: This file introduces a vulnerable pkg package with a high severity vulnerability.
    re.compile(
        r"introduces a vulnerable (?P<package>\S+) package with an? (?P<severity>\w+) severity"
    ),
)
_PURL = re.compile(r"pkg:(?P<type>[a-z0-9.+-]+)/(?P<name>[^@?#]+)(?:@(?P<version>[^?#]+))?")
_SYSTEM_PURLS = frozenset({"apk", "deb", "rpm", "alpm"})
_NO_VERSION = frozenset({"not fixed", "none", "n/a"})
_READ = 20_000
"""Characters of a text that are looked at."""
_IMAGE_KEYS = ("imageName", "imageReference", "userInput")


def is_sarif(document: Any) -> bool:
    """Whether a document is a SARIF log."""
    found = mapping(document)
    return isinstance(found.get("runs"), list) and text(found.get("version")).startswith("2.")


def sarif_reports(document: Any) -> tuple[ImageReport, ...]:
    """One report a run."""
    return tuple(_report(run) for run in mappings(mapping(document).get("runs")))


def sarif_rows(run: Mapping[str, Any]) -> Iterator[Vulnerability]:
    """The vulnerabilities of a run, as often as they stand there; other results are left out."""
    rules = _rules(run)
    for result in mappings(run.get("results")):
        name = text(result.get("ruleId")) or text(mapping(result.get("rule")).get("id"))
        rule = rules.get(name, {})
        if not result.get("suppressions") and _is_vulnerability(name, rule):
            yield _vulnerability(name, rule, result)


def _report(run: Mapping[str, Any]) -> ImageReport:
    driver = mapping(mapping(run.get("tool")).get("driver"))
    properties = mapping(run.get("properties"))
    digests = texts(properties.get("repoDigests"))
    return ImageReport(
        reference=_image(properties),
        scanner=ScannerState(
            name=text(driver.get("name")).lower() or "sarif",
            version=text(driver.get("semanticVersion")) or text(driver.get("version")),
        ),
        vulnerabilities=distinct(sarif_rows(run)),
        digest=digests[0].rpartition("@")[2] if digests else None,
    )


def _image(properties: Mapping[str, Any]) -> str:
    """The image, where the scanner names it; Trivy's tags are better than its file names."""
    named = [*texts(properties.get("repoTags")), *(text(properties.get(k)) for k in _IMAGE_KEYS)]
    return next(filter(None, named), "")


def _rules(run: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    tool = mapping(run.get("tool"))
    components = [mapping(tool.get("driver")), *mappings(tool.get("extensions"))]
    return {
        text(rule.get("id")): rule
        for component in components
        for rule in mappings(component.get("rules"))
    }


def _is_vulnerability(name: str, rule: Mapping[str, Any]) -> bool:
    """Trivy's logs may also hold secrets and misconfigurations: their rules say so."""
    kind = text(rule.get("name"))
    return not kind.endswith(("Misconfiguration", "Secret", "License")) and bool(name)


def _vulnerability(name: str, rule: Mapping[str, Any], result: Mapping[str, Any]) -> Vulnerability:
    message = text(mapping(result.get("message")).get("text"))
    said = _said(message, text(mapping(rule.get("help")).get("text")))
    properties = mapping(rule.get("properties"))
    score = number(properties.get("security-severity"))
    ids = identifiers(name, *texts(properties.get("tags")))
    fixed = versions(said.get("fixed"))
    origin, package, installed = _package(said)
    return Vulnerability(
        id=ids[0] if ids else name,
        aliases=ids[1:] if not ids or ids[0] in name else (*ids[1:], name),
        package=package,
        installed=installed,
        fixed=fixed,
        grade=_grade(score, properties, said, text(result.get("level"))),
        score=score,
        status="fixed" if fixed else "unknown",
        origin=origin,
        path=said.get("path", ""),
        purl=said["package"] if said.get("package", "").startswith("pkg:") else "",
        title=text(mapping(rule.get("shortDescription")).get("text")),
        url=text(rule.get("helpUri")),
    )


def _package(said: Mapping[str, str]) -> tuple[Origin, str, str]:
    """Where a package comes from, its name and its version; Docker Scout writes a package URL."""
    package, installed = said.get("package", ""), said.get("installed", "")
    match = _PURL.fullmatch(package.partition("?")[0])
    if match is None:
        return "unknown", package, installed
    is_system = match["type"] in _SYSTEM_PURLS
    name = match["name"].rpartition("/")[2] if is_system else match["name"]
    return "os" if is_system else "language", unquote(name), unquote(match["version"] or installed)


def _grade(
    score: float | None, properties: Mapping[str, Any], said: Mapping[str, str], level: str
) -> Grade:
    """The score of the rule, else a word among its tags or in the message, else the level."""
    if score is not None:
        return grade_of_score(score)
    for word in (*texts(properties.get("tags")), said.get("severity", "")):
        for grade in GRADES:
            if word.lower() == grade:
                return grade
    return _LEVELS.get(level, "unknown")


def _said(message: str, guide: str) -> dict[str, str]:
    """Package, versions and severity, as far as the text tells."""
    lines = _lines(message)
    if lines.get("package"):
        return lines
    for pattern in _SENTENCES:
        match = pattern.search(message)
        if match is not None:
            found = {key: value or "" for key, value in match.groupdict().items()}
            return {"fixed": _lines(guide).get("fixed", ""), **found}
    return {}


def _lines(written: str) -> dict[str, str]:
    """What stands in lines such as `Fixed Version: 1.1`, by the word that it begins with."""
    found: dict[str, str] = {}
    for key, value in _LINE.findall(written[:_READ]):
        word = key.lower().split(" ")[0]
        name = {"version": "installed", "fix": "fixed"}.get(word, word)
        if value.lower() not in _NO_VERSION:
            found.setdefault(name, value)
    return found
