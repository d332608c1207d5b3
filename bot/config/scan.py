"""What the config says of scans of images, as the engine reads it; the schema has checked it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.model.scan_policy import IgnoredVulnerability, ScanPolicy

DEFAULT_SCAN = ScanPolicy()
NEVER = "never"


def scan_policy(data: Mapping[str, Any]) -> ScanPolicy:
    """The section `scan`."""
    fail_on = data.get("failOn", DEFAULT_SCAN.fail_on)
    return ScanPolicy(
        report=data.get("report", DEFAULT_SCAN.report),
        fail_on=None if fail_on == NEVER else fail_on,
        only_fixable=data.get("onlyFixable", DEFAULT_SCAN.only_fixable),
        ignored=tuple(map(_ignored, data.get("ignore", ()))),
        vex=tuple(data.get("vex", ())),
        pin=data.get("pin", DEFAULT_SCAN.pin),
        newer_tags=data.get("newerTags", DEFAULT_SCAN.newer_tags),
    )


def _ignored(entry: Mapping[str, Any]) -> IgnoredVulnerability:
    return IgnoredVulnerability(
        id=entry["id"],
        reason=entry["reason"].strip(),
        package=entry.get("package"),
        image=entry.get("image"),
        until=date.fromisoformat(entry["until"]) if "until" in entry else None,
    )
