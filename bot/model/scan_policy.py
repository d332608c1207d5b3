"""What a repository asks of image scans: thresholds, and what it has decided to bear."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from bot.frozen import frozen

if TYPE_CHECKING:  # every command reads the config; few know of vulnerabilities
    from bot.model.vulnerability import Grade


@frozen
class IgnoredVulnerability:
    """A vulnerability that is borne, with the reason; a part that is None fits everything.

    `package` and `image` are globs, the image by its repository written out. `until` is the last
    day on which it holds.
    """

    id: str
    reason: str
    package: str | None = None
    image: str | None = None
    until: date | None = None


@frozen
class ScanPolicy:
    """How scans are judged.

    `report` is the grade from which a comment is made, `fail_on` the one from which a check
    fails (None: never). `only_fixable` bears what no version mends yet. `pin` suggests digests,
    `newer_tags` is how many newer tags are scanned to name a better one. `vex` are the paths of
    OpenVEX documents in the repository.
    """

    report: Grade = "medium"
    fail_on: Grade | None = "critical"
    only_fixable: bool = False
    ignored: tuple[IgnoredVulnerability, ...] = ()
    vex: tuple[str, ...] = ()
    pin: bool = False
    newer_tags: int = 0
