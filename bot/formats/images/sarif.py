"""Vulnerabilities as SARIF 2.1.0, each at the line that names the image."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from bot.formats.images.words import fixed_in
from bot.model.image import ImageAnswer, ImageUse
from bot.model.image_review import JudgedImage
from bot.model.vulnerability import Grade, Vulnerability

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVEL: dict[Grade, str] = {
    "unknown": "note",
    "low": "note",
    "medium": "warning",
    "high": "error",
    "critical": "error",
}
# GitHub reads a rule's rank from this number where no score is known
_SCORE: dict[Grade, float] = {
    "unknown": 0.0,
    "low": 2.0,
    "medium": 5.5,
    "high": 8.0,
    "critical": 9.5,
}


def images_sarif(
    judged: Sequence[JudgedImage], unknown: Sequence[ImageAnswer], version: str
) -> str:
    """One run: a rule for each vulnerability, a result for each package of each image."""
    rules: dict[str, dict[str, Any]] = {}
    results = []
    for one in judged:
        for found in one.report.vulnerabilities:
            rules.setdefault(found.id, _rule(found))
            results += list(_results(one, found))
    driver = {
        "name": "podsec images",
        "version": version,
        "informationUri": "https://github.com/podsec/podsec",
        "rules": list(rules.values()),
    }
    notes = [_note(answer) for answer in unknown]
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notes}],
        "results": results,
    }
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _rule(one: Vulnerability) -> dict[str, Any]:
    score = one.score if one.score is not None else _SCORE[one.grade]
    rule = {
        "id": one.id,
        "shortDescription": {"text": one.title or one.id},
        "defaultConfiguration": {"level": _LEVEL[one.grade]},
        "properties": {
            "tags": ["security", "vulnerability", one.grade],
            "security-severity": f"{score:.1f}",
        },
    }
    return {**rule, "helpUri": one.url} if one.url.startswith(("https://", "http://")) else rule


def _results(judged: JudgedImage, one: Vulnerability) -> Iterator[dict[str, Any]]:
    image = judged.answer.image
    repository = image.repository if image is not None else judged.answer.plan.reference
    text = (
        f"Package: {one.package}\nInstalled Version: {one.installed}\nVulnerability {one.id}\n"
        f"Severity: {one.grade.upper()}\nFixed Version: {fixed_in(one)}\n"
        f"Image: {judged.answer.plan.reference}"
    )
    for use in judged.answer.plan.uses:
        yield {
            "ruleId": one.id,
            "level": _LEVEL[one.grade],
            "message": {"text": text},
            "locations": [_location(use)],
            "partialFingerprints": {"podsec/image/v1": _fingerprint(one, repository, use)},
        }


def _fingerprint(one: Vulnerability, repository: str, use: ImageUse) -> str:
    """Without the version of the image: a bump that mends nothing is no news."""
    parts = (one.id, one.package, one.path, repository, use.file, use.kind, use.name, use.container)
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _location(use: ImageUse) -> dict[str, Any]:
    uri = quote(use.file.replace("\\", "/"), safe="/!$&'()*+,;=@~-._")
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": uri},
            "region": {"startLine": use.region.line, "startColumn": use.region.column},
        },
        "logicalLocations": [
            {"fullyQualifiedName": f"{use.kind}/{use.name}/{use.container}", "kind": "resource"}
        ],
    }


def _note(answer: ImageAnswer) -> dict[str, Any]:
    return {
        "level": "warning",
        "message": {"text": f"{answer.plan.reference} was not scanned: {answer.reason}"},
        "locations": [_location(use) for use in answer.plan.uses[:1]],
    }
