"""What the engine found in files, before anybody decides what of it counts."""

from __future__ import annotations

from bot.frozen import frozen
from bot.model.finding import Finding, Skipped
from bot.model.suppression import Suppression


@frozen
class Judgement:
    """All findings and all suppressions that are written in some files; plain data throughout."""

    findings: tuple[Finding, ...]
    written: tuple[Suppression, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    files: int = 0
    manifests: int = 0
    workloads: int = 0
    without_schema: int = 0
