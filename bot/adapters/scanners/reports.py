"""Reports that others made, given as files: whose they are is told by their shape."""

from __future__ import annotations

import json
from typing import Any

from bot.adapters.scanners.aqua_report import aqua_reports, is_aqua
from bot.adapters.scanners.clair_report import clair_report, is_clair
from bot.adapters.scanners.document import MOST_BYTES, parsed
from bot.adapters.scanners.sarif_report import is_sarif, sarif_reports
from bot.adapters.scanners.trivy_report import is_trivy, trivy_reports
from bot.errors import Malformed
from bot.model.vulnerability import ImageReport

_KNOWN = "Trivy, Clair, Aqua or SARIF"


def read_reports(data: bytes, name: str) -> tuple[ImageReport, ...]:
    """The reports of a file. Raises Malformed, which says the file's name.

    An empty answer (`{}` or `[]`, as Aqua's tools write for an image without findings) is no
    report: it names neither image nor scanner.
    """
    document = _document(data, name)
    if isinstance(document, _Several):
        return tuple(clair_report(one) for one in document)
    if is_sarif(document):
        return sarif_reports(document)
    if is_trivy(document):
        return trivy_reports(document)
    if is_clair(document):
        return (clair_report(document),)
    if is_aqua(document):
        return aqua_reports(document)
    if document in ({}, []):
        return ()
    raise Malformed(f"{name} is no report that podsec knows: expected one of {_KNOWN}")


class _Several(list[Any]):
    """The reports that `clairctl` prints one behind the other; it prints null for a failure."""


def _document(data: bytes, name: str) -> Any:
    try:
        return parsed(data, name)
    except Malformed:
        several = _several(data)
        if several is None:
            raise
        return several


def _several(data: bytes) -> _Several | None:
    """Clair's reports, written without anything between them; None where they are none."""
    if len(data) > MOST_BYTES:
        return None
    decoder = json.JSONDecoder()
    found = _Several()
    try:
        text = data.decode().strip()
        while text:
            document, end = decoder.raw_decode(text)
            text = text[end:].lstrip()
            if document is not None:
                found.append(document)
    except (ValueError, RecursionError):
        return None
    return found if found and all(map(is_clair, found)) else None
