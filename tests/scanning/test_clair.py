"""Clair's client against a server on loopback that speaks by Clair's own schemas."""

from __future__ import annotations

import base64
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
import pytest

from bot.adapters.registry import Credential, OciRegistry
from bot.adapters.scanners.clair import ClairOptions, ClairScanner
from bot.adapters.scanners.clair_report import clair_report
from bot.errors import (
    ConfigError,
    Gone,
    Malformed,
    NotPermitted,
    PodsecError,
    RateLimited,
    Rejected,
    Unavailable,
    Unlisted,
)
from bot.http import Client, Hosts
from bot.kubernetes.image import parse
from bot.model.image import LINUX, Pinned
from tests.http.serving import Answer, Asked, Server, serving
from tests.scanning.clair_schemas import Schemas, newest
from tests.scanning.images import Image, digest
from tests.scanning.registry import Shelf, running

KEY = base64.b64encode(b"a key that is shared before, 32 b").decode()


@dataclass
class Clair:
    """A Clair that answers by its schemas; what it is told is held against them too."""

    schemas: Schemas
    report: Any
    is_loaded: bool = True
    has_internal: bool = True
    index: dict[str, Any] = field(
        default_factory=lambda: {"state": "IndexFinished", "success": True}
    )
    fails: dict[str, int] = field(default_factory=dict)
    told: list[Any] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    mangle: Callable[[bytes], bytes] = bytes

    def answer(self, asked: Asked) -> Answer:
        for part, status in self.fails.items():
            if part in asked.path:
                return self._error(status, f"{part} failed")
        if asked.path.endswith("/index_state"):
            return self._say(200, "index_state", {"state": "abc123"})
        if asked.path.startswith("/matcher/api/v1/internal/") and self.has_internal:
            return self._say(200, "update_operations", UPDATES)
        if asked.path == "/indexer/api/v1/index_report" and asked.method == "POST":
            return self._take(json.loads(asked.body))
        name = asked.path.rpartition("/")[2]
        if "/vulnerability_report/" not in asked.path:
            return self._error(404, "no such page")
        if not self.is_loaded:
            return Answer(status=202)
        if name not in self.known:
            return self._error(404, f"index report for manifest {name!r} not found")
        return self._say(200, "vulnerability_report", {**self.report, "manifest_hash": name})

    def _take(self, manifest: Any) -> Answer:
        assert self.schemas.faults("manifest", manifest) == []
        self.told.append(manifest)
        self.known.add(manifest["hash"])
        return self._say(201, "index_report", {"manifest_hash": manifest["hash"], **self.index})

    def _say(self, status: int, schema: str, document: Any) -> Answer:
        assert self.schemas.are_right(schema, document)
        # Clair labels its answers so, whatever they are
        kind = "application/vnd.clair.index_report.v1+json"
        body = self.mangle(json.dumps(document).encode())
        return Answer(status=status, body=body, headers={"Content-Type": kind})

    def _error(self, status: int, message: str) -> Answer:
        document = {"code": "some-code", "message": message}
        assert self.schemas.faults("error", document) == []
        return Answer(status=status, body=json.dumps(document).encode())


UPDATES = {
    "debian": [
        {
            "ref": "r1",
            "updater": "debian",
            "fingerprint": "f",
            "date": "2026-11-19T06:00:00Z",
            "kind": "vulnerability",
        }
    ],
    "rhel": [
        {
            "ref": "r2",
            "updater": "rhel",
            "fingerprint": "f",
            "date": "2026-11-20T07:30:00.123456789Z",
            "kind": "vulnerability",
        }
    ],
}


@dataclass
class House:
    clair: Clair
    server: Server
    registry: OciRegistry
    registry_server: Server
    image: Pinned
    shelf: Shelf

    def scanner(self, **options: str) -> ClairScanner:
        return ClairScanner(ClairOptions(url=self.server.url, **options), self.registry)

    def paths(self) -> list[str]:
        return [f"{one.method} {one.path}" for one in self.server.asked]


@pytest.fixture(scope="session")
def schemas(shared: Path) -> Schemas:
    return Schemas(shared)


@pytest.fixture(scope="session")
def recorded(shared: Path) -> Any:
    path = shared / "reports" / "clair" / "debian_stretch.json"
    return newest(json.loads(path.read_bytes()))


@pytest.fixture
def house(schemas: Schemas, recorded: Any) -> Iterator[House]:
    with built(Clair(schemas=schemas, report=recorded)) as found:
        yield found


@contextmanager
def built(clair: Clair, token: str | None = None) -> Iterator[House]:
    shelf = Shelf(token=token)
    shelf.put("team/app", "1", Image(machine="arm64"), Image())
    with serving(clair.answer) as server, running(shelf) as kept:
        registry = OciRegistry(
            Client(Hosts([f"http://{kept.host}"])),
            {kept.host: Credential(username="podsec", password="hidden")},
        )
        reference = parse(f"{kept.host}/team/app:1")
        assert reference is not None
        yield House(
            clair=clair,
            server=server,
            registry=registry,
            registry_server=kept,
            image=registry.pin(reference),
            shelf=shelf,
        )


def test_the_recorded_reports_are_as_the_schemas_say_but_for_what_older_clairs_wrote(
    shared: Path, schemas: Schemas
) -> None:
    for name, rows in (("debian_stretch", 212), ("report-with-vulns", 3)):
        report = json.loads((shared / "reports" / "clair" / f"{name}.json").read_bytes())
        assert schemas.faults("vulnerability_report", report) != []
        assert schemas.faults("vulnerability_report", newest(report)) == []
        old, new = clair_report(report), clair_report(newest(report))
        assert old == new
        assert len(new.vulnerabilities) == rows


def test_an_image_is_indexed_by_its_layers_and_then_asked_for(house: House) -> None:
    report = house.scanner().scan(house.image, LINUX, 30)
    assert report.counts() == {"critical": 30, "high": 79, "medium": 76, "low": 14, "unknown": 13}
    assert (report.digest, report.platform, report.partial) == (house.image.digest, LINUX, "")
    assert report.reference == house.image.reference
    assert report.scanner.version == "abc123"
    assert report.scanner.day == "2026-11-20"
    own = digest(Image().manifest)  # of the platform, found through the index
    layer = digest(Image().packed)
    assert house.clair.told == [
        {
            "hash": own,
            "layers": [
                {
                    "hash": layer,
                    "uri": f"{house.registry_server.url}/v2/team/app/blobs/{layer}",
                    "headers": {},
                }
            ],
        }
    ]
    assert house.paths() == [
        "POST /indexer/api/v1/index_report",
        f"GET /matcher/api/v1/vulnerability_report/{own}",
        "GET /indexer/api/v1/index_state",
        "GET /matcher/api/v1/internal/update_operation?latest=true",
    ]
    assert not any("if-none-match" in one.headers for one in house.server.asked)


def test_clair_gets_the_token_of_the_registry_and_never_a_password(
    schemas: Schemas, recorded: Any
) -> None:
    with built(Clair(schemas=schemas, report=recorded), token="t1") as house:
        house.scanner().scan(house.image, LINUX, 30)
    (told,) = house.clair.told
    assert [layer["headers"] for layer in told["layers"]] == [{"Authorization": ["Bearer t1"]}]
    assert "hidden" not in json.dumps(told)


def test_while_clair_loads_its_database_the_scan_is_tried_later(house: House) -> None:
    house.clair.is_loaded = False
    with pytest.raises(Unavailable, match="has not loaded its vulnerability database") as caught:
        house.scanner().scan(house.image, LINUX, 30)
    assert caught.value.retry_after == 60


@pytest.mark.parametrize(
    ("status", "error", "message"),
    [
        (400, Rejected, "refused the request with status 400: index_report failed"),
        (401, NotPermitted, "does not take podsec's key: index_report failed"),
        (403, NotPermitted, "does not take podsec's key"),
        (404, Gone, "does not know this image"),
        (415, Rejected, "status 415"),
        (429, RateLimited, "indexes as many images as it may"),
        (500, Unavailable, "failed with status 500: index_report failed"),
        (502, Unavailable, "failed with status 502"),
    ],
)
def test_each_error_of_clair_says_what_to_do_next(
    house: House, status: int, error: type[PodsecError], message: str
) -> None:
    house.clair.fails = {"index_report": status}
    with pytest.raises(error, match=message):
        house.scanner().scan(house.image, LINUX, 30)


def test_a_matcher_that_does_not_know_the_image_says_so(house: House) -> None:
    house.clair.fails = {"vulnerability_report": 404}
    with pytest.raises(Gone, match="does not know this image: vulnerability_report failed"):
        house.scanner().scan(house.image, LINUX, 30)


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (
            {"state": "IndexError", "success": False, "err": "failed to fetch layers"},
            "Clair did not index all of the image: failed to fetch layers",
        ),
        (
            {"state": "ScanLayers", "success": True},
            "Clair did not index all of the image: it stopped at ScanLayers",
        ),
    ],
)
def test_an_image_that_is_indexed_in_part_is_reported_as_such(
    house: House, index: dict[str, Any], message: str
) -> None:
    house.clair.index = index
    report = house.scanner().scan(house.image, LINUX, 30)
    assert report.partial == message
    assert report.vulnerabilities


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"state": 1}'])
def test_an_answer_that_is_no_report_is_said(house: House, body: bytes) -> None:
    house.clair.mangle = lambda _: body
    with pytest.raises(Malformed, match="Clair"):
        house.scanner().scan(house.image, LINUX, 30)


def test_without_its_internal_api_there_is_no_date(house: House) -> None:
    house.clair.has_internal = False
    assert house.scanner().scan(house.image, LINUX, 30).scanner.database is None


def test_the_pre_shared_key_signs_a_token_of_a_few_minutes(house: House) -> None:
    house.scanner(key=KEY, issuer="team").scan(house.image, LINUX, 30)
    for one in house.server.asked:
        token = one.headers["authorization"].removeprefix("Bearer ")
        claims = jwt.decode(token, base64.b64decode(KEY), algorithms=["HS256"], issuer="team")
        assert 0 < claims["exp"] - time.time() <= 300
    assert KEY not in repr(ClairOptions(url=house.server.url, key=KEY))


def test_a_key_or_url_that_is_none_is_said(house: House) -> None:
    with pytest.raises(ConfigError, match="no base64"):
        house.scanner(key="%%%")
    for url in ("", "clair.example.com", "ftp://clair", "https://"):
        with pytest.raises(ConfigError):
            ClairScanner(ClairOptions(url=url), house.registry)


def test_a_clair_that_is_down_is_said(house: House) -> None:
    with socket.create_server(("127.0.0.1", 0)) as found:
        url = f"http://127.0.0.1:{found.getsockname()[1]}"
    scanner = ClairScanner(ClairOptions(url=url), house.registry)
    with pytest.raises(Unavailable, match="Connection refused"):
        scanner.scan(house.image, LINUX, 10)


def test_a_clair_that_is_slow_is_given_up(house: House) -> None:
    def slow(asked: Asked) -> Answer:
        time.sleep(1.5)
        return Answer(status=500)

    with serving(slow) as server:
        scanner = ClairScanner(ClairOptions(url=server.url), house.registry)
        started = time.monotonic()
        with pytest.raises(Unavailable, match="too slow"):
            scanner.scan(house.image, LINUX, 0.5)
        assert time.monotonic() - started < 1.4


def test_clair_is_told_of_no_layer_that_podsec_would_not_fetch(house: House) -> None:
    inside = OciRegistry(
        Client(Hosts(["*"]), lambda host, port: pytest.fail("no name was to be resolved"))
    )
    hidden = Pinned(repository="169.254.169.254/team/app", tag="1", digest=house.image.digest)
    scanner = ClairScanner(ClairOptions(url=house.server.url), inside)
    with pytest.raises(Unlisted):
        scanner.scan(hidden, LINUX, 10)
    assert house.paths() == []


def test_clair_is_sent_to_no_registry_that_only_a_star_admits(house: House) -> None:
    anybody = Pinned(repository="evil.example.net/a", tag="1", digest=house.image.digest)
    loose = OciRegistry(Client(Hosts(["*"]), lambda host, port: pytest.fail("looked up")))
    scanner = ClairScanner(ClairOptions(url=house.server.url), loose)
    with pytest.raises(Unlisted, match="by name: Clair would go there"):
        scanner.scan(anybody, LINUX, 10)
    assert house.paths() == []
