"""Asking a scanner: once a digest, from memory where that holds, within bounds, never in vain."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.adapters.registry import OciRegistry
from bot.cache import Cache
from bot.config import DEFAULT
from bot.engine.image_uses import plan_scans
from bot.errors import ConfigError, NotInstalled, PodsecError, Unavailable
from bot.formats.images.record import from_bytes, to_bytes
from bot.http import Client, Hosts
from bot.kubernetes.custom_kinds import KNOWN
from bot.model.change import ChangedFile, ChangeSet
from bot.model.image import ImageAnswer, Pinned
from bot.model.image_review import ImageReview
from bot.model.scan_policy import ScanPolicy
from bot.model.vulnerability import ImageConfig, ImageReport, ScannerState, distinct
from bot.rule.load import load_rules
from bot.workflows.check_change import check_change
from bot.workflows.check_path import Asked
from bot.workflows.image_memory import ImageMemory
from bot.workflows.review_images import ImageScans, image_plans, vex_of
from bot.workflows.scan_images import Scanning, scan_images
from tests.http.serving import Server
from tests.scanning.images import Image
from tests.scanning.making import change, found, pod, report, uses
from tests.scanning.registry import Shelf, running

DAY_ONE = datetime(2026, 11, 20, tzinfo=UTC)
DAY_TWO = datetime(2026, 11, 21, tzinfo=UTC)


@dataclass
class FakeScanner:
    """A scanner that knows what it is given, and remembers what it is asked."""

    database: datetime | None = DAY_ONE
    ails: PodsecError | None = None
    fails: PodsecError | None = None
    takes: float = 0
    asked: list[Pinned] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    say: Callable[[Pinned], ImageReport] = lambda image: report(found("CVE-1", "critical"))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def state(self, seconds: float) -> ScannerState:
        if self.ails is not None:
            raise self.ails
        return ScannerState(name="trivy", version="1", database=self.database)

    def scan(self, image: Pinned, platform: str, seconds: float) -> ImageReport:
        with self._lock:
            self.asked.append(image)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        time.sleep(min(self.takes, seconds))
        with self._lock:
            self.at_once -= 1
        if self.takes > seconds:
            raise Unavailable(f"Trivy took longer than {seconds:.0f} seconds")
        if self.fails is not None:
            raise self.fails
        said = self.say(image)
        state = ScannerState(name="trivy", version="1", database=self.database)
        return replace(said, scanner=state)


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class House:
    shelf: Shelf
    server: Server
    scanner: FakeScanner
    clock: Clock
    scanning: Scanning

    def scan(self, *images: str, **limits: float) -> tuple[ImageAnswer, ...]:
        plans = plan_scans(uses(pod(*(image.format(h=self.server.host) for image in images))))
        bounds = replace(self.scanning.limits, **limits)  # type: ignore[arg-type]
        return scan_images(plans, replace(self.scanning, limits=bounds))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    shelf, scanner, clock = Shelf(), FakeScanner(), Clock()
    shelf.put("app", "1.0.0", Image())
    with running(shelf) as server:
        scanning = Scanning(
            name="trivy",
            registry=OciRegistry(Client(Hosts([f"http://{server.host}"]))),
            scanner=scanner,
            memory=ImageMemory(Cache(tmp_path, clock)),
        )
        yield House(shelf=shelf, server=server, scanner=scanner, clock=clock, scanning=scanning)


def test_each_image_is_answered_in_its_place_and_asked_about_once(house: House) -> None:
    house.shelf.put("other", "2", Image(machine="arm64"))
    answers = house.scan("{h}/app:1.0.0", "$(IMAGE)", "{h}/other:2", "{h}/app:1.0.0", "{h}/gone:1")
    assert [a.plan.reference.removeprefix(f"{house.server.host}/") for a in answers] == [
        "app:1.0.0",
        "$(IMAGE)",
        "other:2",
        "gone:1",
    ]
    assert [bool(a.report) for a in answers] == [True, False, True, False]
    assert answers[1].reason == "it stands for an image that something else fills in"
    assert "does not have gone" in answers[3].reason
    assert len(house.scanner.asked) == 2
    assert answers[0].report is not None
    assert answers[0].report.reference == f"{house.server.host}/app:1.0.0"


def test_the_same_digest_is_not_scanned_again_while_the_database_is_the_same(house: House) -> None:
    house.shelf.put("app", "latest", Image())
    house.scan("{h}/app:1.0.0")
    (again,) = house.scan("{h}/app:latest")
    assert again.report is not None
    assert again.report.reference.endswith("app:latest")
    assert len(house.scanner.asked) == 1


def test_a_younger_database_or_another_day_asks_again(house: House) -> None:
    house.scan("{h}/app:1.0.0")
    house.scanner.database = DAY_TWO
    house.scan("{h}/app:1.0.0")
    assert len(house.scanner.asked) == 2
    house.scan("{h}/app:1.0.0")
    assert len(house.scanner.asked) == 2
    house.clock.now += 86_401
    house.scan("{h}/app:1.0.0")
    assert len(house.scanner.asked) == 3


def test_a_database_that_came_with_the_first_scan_is_no_reason_for_a_second(house: House) -> None:
    house.scanner.database = None

    def first(image: Pinned) -> ImageReport:
        house.scanner.database = DAY_ONE
        return report(found("CVE-1"))

    house.scanner.say = first
    house.scan("{h}/app:1.0.0")
    house.scan("{h}/app:1.0.0")
    assert len(house.scanner.asked) == 1


@pytest.mark.parametrize("when", ["state", "scan"])
def test_a_scanner_that_is_down_gives_its_last_answer_marked_as_old(
    house: House, when: str
) -> None:
    house.scan("{h}/app:1.0.0")
    trouble = Unavailable("the Trivy server cannot be reached")
    house.scanner.database = DAY_TWO
    if when == "state":
        house.scanner.ails = trouble
    else:
        house.scanner.fails = trouble
    (answer,) = house.scan("{h}/app:1.0.0")
    assert answer.report is not None
    assert answer.report.is_stale
    assert answer.reason == "the Trivy server cannot be reached"
    house.clock.now += 31 * 86_400
    (late,) = house.scan("{h}/app:1.0.0")
    assert (late.report, late.reason) == (None, "the Trivy server cannot be reached")


def test_a_scanner_that_is_not_there_is_a_reason_and_no_error(house: House) -> None:
    house.scanner.ails = NotInstalled("trivy is not installed, or not on PATH")
    (answer,) = house.scan("{h}/app:1.0.0")
    assert (answer.report, answer.reason) == (None, "trivy is not installed, or not on PATH")
    assert house.scanner.asked == []


def test_a_registry_that_is_down_leaves_what_was_known_of_the_tag(house: House) -> None:
    house.scan("{h}/app:1.0.0")

    class Down(OciRegistry):
        def pin(self, reference: object) -> Pinned:
            raise Unavailable("the registry cannot be reached")

    down = Down(Client(Hosts([])))
    plans = plan_scans(uses(pod(f"{house.server.host}/app:1.0.0", f"{house.server.host}/new:1")))
    known, new = scan_images(plans, replace(house.scanning, registry=down))
    assert known.report is not None
    assert known.report.is_stale
    assert known.reason == "the registry cannot be reached"
    assert (new.report, new.reason) == (None, "the registry cannot be reached")


def test_what_a_registry_refuses_is_not_asked_for_again_at_once(house: House) -> None:
    house.scan("{h}/nope/app:1", "{h}/secret/app:1", "{h}/limit/app:1")
    before = len(house.server.asked)
    answers = house.scan("{h}/nope/app:1", "{h}/secret/app:1", "{h}/limit/app:1")
    assert len(house.server.asked) == before
    assert [answer.reason.partition(" ")[2] for answer in answers] == [
        "does not have nope/app, or not this version of it",
        "does not let podsec read secret/app",
        "asked for a pause",
    ]
    house.clock.now += 601
    house.scan("{h}/nope/app:1")
    assert len(house.server.asked) == before + 1


def test_a_registry_that_is_broken_is_asked_again(house: House) -> None:
    house.scan("{h}/broken/app:1")
    before = len(house.server.asked)
    (answer,) = house.scan("{h}/broken/app:1")
    assert len(house.server.asked) == before + 1
    assert "status 500" in answer.reason


def test_a_registry_that_is_not_listed_is_not_asked(house: House) -> None:
    answers = house.scan("169.254.169.254/a:1", "ghcr.io/a/b:1", "localhost/a:1")
    assert {a.reason.partition(" is ")[2] for a in answers} == {"not on the list of registries"}
    assert house.server.asked == []
    assert house.scanner.asked == []


def test_only_so_many_images_are_scanned_at_once(house: House) -> None:
    for number in range(6):
        house.shelf.put(f"app{number}", "1", Image(config={"User": str(number)}))
    house.scanner.takes = 0.1
    house.scan(*(f"{{h}}/app{number}:1" for number in range(6)), at_once=2)
    assert len(house.scanner.asked) == 6
    assert house.scanner.most_at_once == 2


def test_all_scans_together_end_in_time(house: House) -> None:
    for number in range(6):
        house.shelf.put(f"app{number}", "1", Image(config={"User": str(number)}))
    house.scanner.takes = 60
    started = time.monotonic()
    answers = house.scan(
        *(f"{{h}}/app{number}:1" for number in range(6)), at_once=2, seconds=2, seconds_each=1
    )
    assert time.monotonic() - started < 6
    assert [a.report for a in answers] == [None] * 6
    assert any("took longer than 1 seconds" in a.reason for a in answers)
    assert all(a.reason for a in answers)


def test_more_images_than_a_check_may_scan_are_said(house: House) -> None:
    house.shelf.put("b", "1", Image())
    first, second = house.scan("{h}/app:1.0.0", "{h}/b:1", most_images=1)
    assert first.report is not None
    assert second.report is None
    assert "1 images and 600 seconds are what one check may take" in second.reason


def test_a_tag_that_moved_since_the_last_look_is_told(house: House) -> None:
    old = house.shelf.put("app", "1.0.0", Image())
    (first,) = house.scan("{h}/app:1.0.0")
    assert first.moved_from is None
    house.shelf.put("app", "1.0.0", Image(machine="arm64"))
    (second,) = house.scan("{h}/app:1.0.0")
    assert second.moved_from == old
    (third,) = house.scan("{h}/app:1.0.0")
    assert third.moved_from is None


def test_newer_tags_are_scanned_where_that_is_wanted(house: House) -> None:
    mended = house.shelf.put("app", "1.0.1", Image(config={"User": "1"}))
    house.shelf.put("app", "2.0.0", Image(config={"User": "2"}))
    house.scanner.say = lambda image: (
        report() if image.digest == mended else report(found("CVE-1", "critical"))
    )
    plans = plan_scans(uses(pod(f"{house.server.host}/app:1.0.0")))
    (plain,) = scan_images(plans, house.scanning)
    assert plain.newer == ()
    (answer,) = scan_images(plans, replace(house.scanning, newer_tags=2))
    assert [tag for tag, _ in answer.newer] == ["1.0.1", "2.0.0"]
    assert [len(found_.vulnerabilities) for _, found_ in answer.newer] == [0, 1]


def bump(house: House, tag: str, base: str) -> ChangeSet:
    host = house.server.host
    data, before = pod(f"{host}/app:{tag}", "$(X)"), pod(f"{host}/app:{base}", "$(X)")
    return change(data, before, 8)


def reviewed(house: House, changes: ChangeSet, said: frozenset[str] = frozenset()) -> ImageReview:
    scans = ImageScans(scanning=house.scanning, web_url="https://github.com")
    return scans.review(scans.plans(changes, DEFAULT), changes, said, ScanPolicy(), ())


def test_a_pull_request_that_bumps_an_image_is_told_once(house: House) -> None:
    house.shelf.put("app", "2.0.0", Image(config={"User": "2"}))
    changes = bump(house, "2.0.0", "1.0.0")
    (remark,) = reviewed(house, changes).remarks
    assert (remark.use.region.line, remark.use.container) == (8, "c0")
    assert len(house.scanner.asked) == 1  # the other container did not change
    again = reviewed(house, changes, frozenset({remark.fingerprint}))
    assert again.remarks == ()
    assert len(house.scanner.asked) == 1


def test_what_a_scan_told_of_an_image_is_remembered_for_its_fixes(house: House) -> None:
    house.shelf.put("app", "2.0.0", Image(config={"User": "2"}))
    house.scanner.say = lambda image: replace(report(), config=ImageConfig(user="2:3"))
    changes = bump(house, "2.0.0", "1.0.0")
    scans = ImageScans(scanning=house.scanning, web_url="https://github.com")
    assert scans.remembered(changes, DEFAULT) == ()
    reviewed(house, changes)
    asked = len(house.scanner.asked), len(house.server.asked)
    (known,) = scans.remembered(changes, DEFAULT)
    assert (known.reference, known.config) == (
        f"{house.server.host}/app:2.0.0",
        ImageConfig(user="2:3"),
    )
    assert (len(house.scanner.asked), len(house.server.asked)) == asked
    terms = Asked(
        rules=load_rules(),
        config=DEFAULT,
        today=DAY_ONE.date(),
        is_informed=True,
        reports=(known,),
    )
    judged, _ = check_change(changes, terms)
    reasons = [found.fix.reason for found in judged.findings if found.fix is not None]
    assert any("the image's own config (USER 2:3)" in reason for reason in reasons)


def test_a_pull_request_that_changes_no_image_scans_none(house: House) -> None:
    review = reviewed(house, bump(house, "1.0.0", "1.0.0"))
    assert review.judged == ()
    assert house.scanner.asked == []
    assert house.server.asked == []


def test_files_without_objects_or_content_bring_no_image(house: House) -> None:
    files = (
        ChangedFile(path="a.txt", status="added", data=b"image: nginx"),
        ChangedFile(path="b.yaml", status="removed", data=None),
    )
    assert reviewed(house, ChangeSet(files=files)).judged == ()


def test_without_a_scanner_nothing_is_planned_read_or_said(house: House) -> None:
    nobody = ImageScans(scanning=None, web_url="")
    changes = bump(house, "2.0.0", "1.0.0")
    assert image_plans(changes, KNOWN) != ()
    assert nobody.plans(changes, DEFAULT) == ()
    assert (
        nobody.review(image_plans(changes, KNOWN), changes, (), ScanPolicy(), ()) == ImageReview()
    )
    policy = ScanPolicy(vex=("gone.json",))
    assert nobody.statements(policy, lambda path: None) == ()


def test_vex_documents_come_from_the_base_branch() -> None:
    document = b'{"@context": "https://openvex.dev/ns/v0.2.0", "statements": [{"status": "fixed"}]}'
    policy = ScanPolicy(vex=("a.json",))
    assert len(vex_of(policy, {"a.json": document}.get)) == 1
    with pytest.raises(ConfigError, match=r"there is no file a\.json"):
        vex_of(policy, lambda path: None)


def test_reports_are_kept_whole(tmp_path: Path) -> None:
    full = ImageReport(
        reference="nginx:1",
        scanner=ScannerState(name="trivy", version="1", database=DAY_ONE),
        vulnerabilities=distinct([found("CVE-1", aliases=("GHSA-x",), score=9.8, purl="pkg:x/y")]),
        digest="sha256:1",
        platform="linux/amd64",
        config=ImageConfig(user="1000", ports=("80/tcp",), command=("x",)),
        partial="some",
        scanned=DAY_TWO,
        is_stale=True,
    )
    for one in (full, report(), ImageReport(reference="", scanner=ScannerState(name="x"))):
        assert from_bytes(to_bytes(one)) == one
    with pytest.raises(PodsecError):
        from_bytes(b'{"reference": "x"}')
