"""Reports of images as JSON and back: what is kept of a scan, and what `--format json` prints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from bot.errors import Malformed
from bot.model.vulnerability import (
    ImageConfig,
    ImageReport,
    OperatingSystem,
    ScannerState,
    Vulnerability,
)

_LISTS = ("aliases", "fixed", "ports", "volumes", "entrypoint", "command")


def to_record(report: ImageReport) -> dict[str, Any]:
    """The report as JSON holds it; dates are RFC 3339."""
    found = asdict(report)
    found["scanner"]["database"] = _written(report.scanner.database)
    found["scanned"] = _written(report.scanned)
    return found


def to_bytes(report: ImageReport) -> bytes:
    """The report as it is kept."""
    return json.dumps(to_record(report)).encode()


def from_bytes(data: bytes) -> ImageReport:
    """The report that was kept. Raises Malformed for what another version of podsec kept."""
    try:
        found = json.loads(data)
        return ImageReport(
            **{
                **found,
                "scanner": _state(found["scanner"]),
                "vulnerabilities": tuple(
                    Vulnerability(**_tuples(row)) for row in found["vulnerabilities"]
                ),
                "os": OperatingSystem(**found["os"]) if found["os"] else None,
                "config": ImageConfig(**_tuples(found["config"])) if found["config"] else None,
                "scanned": _read(found["scanned"]),
            }
        )
    except (ValueError, KeyError, TypeError) as error:
        raise Malformed("a report that is kept is of another version of podsec") from error


VERSION = "-".join(
    f"{len(fields(kind))}" for kind in (ImageReport, Vulnerability, ImageConfig, ScannerState)
)
"""Part of the key that reports are kept by: a model that grew reads no older entry."""


def _state(found: Mapping[str, Any]) -> ScannerState:
    return ScannerState(**{**found, "database": _read(found["database"])})


def _tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if key in _LISTS else value for key, value in row.items()}


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _read(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written is not None else None
