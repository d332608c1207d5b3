"""Images of whole repositories: asked again with each database, and only news are told."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cache import Cache
from bot.kubernetes.image import ImageReference
from bot.model.image import Pinned
from bot.model.vulnerability import ImageReport, ScannerState, Vulnerability
from bot.workflows.image_memory import ImageMemory
from bot.workflows.review_images import ImageScans
from bot.workflows.scan_images import Scanning
from tests.e2e.test_sweep import DEPLOYMENT, Field, land, played

__all__ = ["land", "played"]
CONFIG = "sweep: {maxOpen: 0, dashboard: true}\n"


class Scanner:
    """A scanner whose database the test sets; and a registry in which each tag stays."""

    def __init__(self) -> None:
        self.day, self.known, self.scanned = 1, ["CVE-2026-1"], 0

    def state(self, seconds: float) -> ScannerState:
        return ScannerState(name="test", database=datetime(2026, 11, self.day, tzinfo=UTC))

    def scan(self, image: Pinned, platform: str, seconds: float) -> ImageReport:
        self.scanned += 1
        found = [
            Vulnerability(id=name, package="openssl", installed="3.0.1", grade="high")
            for name in self.known
        ]
        return ImageReport(
            reference=image.reference, scanner=self.state(1), vulnerabilities=tuple(found)
        )

    def pin(self, reference: ImageReference) -> Pinned:
        digest = f"sha256:{reference.tag}".ljust(71, "0")
        return Pinned(repository=reference.repository, tag=reference.tag, digest=digest)


@pytest.fixture
def scanner(land: Field, tmp_path: Path) -> Iterator[Scanner]:
    scanner, before = Scanner(), land.sweeper
    scanning = Scanning(
        name="test",
        registry=scanner,  # type: ignore[arg-type]  # it is only asked to pin
        scanner=scanner,
        memory=ImageMemory(Cache(tmp_path, time.time)),
    )
    land.sweeper = replace(before, scans=ImageScans(scanning=scanning, web_url="http://sandbox"))
    yield scanner
    land.sweeper = before


def test_a_newer_database_asks_again_and_tells_only_what_is_newly_known(
    land: Field, scanner: Scanner
) -> None:
    home = land.repository({".podsec.yaml": CONFIG, "a/shop.yaml": DEPLOYMENT.format(name="shop")})
    assert "image nginx:1.25: 1 high" in land.sweep(home).lines
    (board,) = home.issues()
    assert "| `nginx:1.25` | `Deployment/shop` | 1 high |" in board["body"]
    assert home.comments(board["number"]) == []
    assert land.sweep(home).state == "unchanged"
    scanner.day, scanner.known = 2, ["CVE-2026-1", "CVE-2026-2"]
    land.calls()
    assert "image nginx:1.25: 2 high, 1 newly known" in land.sweep(home).lines
    assert not [call for call in land.calls() if "/git/" in call]
    (comment,) = home.comments(board["number"])
    assert "**1 vulnerability is newly known** in 1 image" in comment["body"]
    assert "CVE-2026-2" in comment["body"]
    assert "CVE-2026-1 " not in comment["body"]
    assert "2 high" in home.issues()[0]["body"]
    assert land.sweep(home).state == "unchanged"
    scanner.day = 3
    land.sweep(home)
    assert len(home.comments(board["number"])) == 1, "nothing new is not told"
    assert scanner.scanned == 3


def test_another_image_under_the_same_name_is_no_news_of_the_scanner(
    land: Field, scanner: Scanner
) -> None:
    text = DEPLOYMENT.format(name="shop")
    home = land.repository({".podsec.yaml": CONFIG, "a/shop.yaml": text})
    land.sweep(home)
    home.commit("main", {"a/shop.yaml": text.replace("1.25", "1.26")}, "Another image")
    scanner.day, scanner.known = 2, ["CVE-2026-1", "CVE-2026-2"]
    assert "image nginx:1.26: 2 high" in land.sweep(home).lines
    assert home.comments(home.issues()[0]["number"]) == []
