"""Aqua: a `scannercli` in its place that checks what it is told, and a console on loopback."""

from __future__ import annotations

import json
import stat
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.adapters.scanners.aqua import AquaOptions, AquaScanner
from bot.adapters.scanners.aqua_console import AquaConsole
from bot.errors import (
    ConfigError,
    Gone,
    Malformed,
    NotInstalled,
    NotPermitted,
    PodsecError,
    RateLimited,
    Unavailable,
)
from bot.model.image import LINUX, Pinned
from bot.model.vulnerability import ImageReport
from tests.http.serving import Answer, Asked, serving

IMAGE = Pinned(
    repository="harbor.example.com/library/photon", tag="3.0", digest=f"sha256:{'a' * 64}"
)
PROGRAM = """#!{python}
import json, os, sys, time
given = dict(a[2:].split("=", 1) for a in sys.argv[1:] if a.startswith("--") and "=" in a)
open({seen!r}, "w").write(json.dumps([sys.argv[1:], sorted(os.environ)]))
time.sleep({sleep})
report = {report!r}
if report is not None:
    open(given["jsonfile"], "w").write(report)
print("token was", given.get("token"), file=sys.stderr)
sys.exit({code})
"""


def scannercli(folder: Path, report: str | None, code: int = 0, sleep: float = 0) -> str:
    """A program that writes down what it is told, writes a report, and ends with a code."""
    path = folder / "scannercli"
    path.write_text(
        PROGRAM.format(
            python=sys.executable,
            seen=str(folder / "seen.json"),
            sleep=sleep,
            report=report,
            code=code,
        )
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def options(**changes: Any) -> AquaOptions:
    given = {
        "host": "https://aqua.example.com",
        "token": "hidden",
        "registries": (("harbor.example.com", "Harbor"),),
        **changes,
    }
    return AquaOptions(**given)


def photon(shared: Path) -> str:
    return (shared / "reports" / "aqua" / "aqua_report_photon_3.0.json").read_text()


@pytest.mark.parametrize("code", [0, 4], ids=["allowed", "disallowed by a policy"])
def test_what_scannercli_writes_is_the_answer(shared: Path, tmp_path: Path, code: int) -> None:
    program = scannercli(tmp_path, photon(shared), code)
    report = AquaScanner(options(program=program)).scan(IMAGE, LINUX, 20)
    assert report.counts() == {"critical": 1, "high": 2, "medium": 0, "low": 0, "unknown": 0}
    assert (report.digest, report.platform, str(report.os)) == (IMAGE.digest, LINUX, "photon 3.0")
    assert report.partial == "Aqua could not scan all of it"
    assert report.scanner.database is not None


def test_scannercli_is_told_what_aquas_own_adapter_tells_it(shared: Path, tmp_path: Path) -> None:
    program = scannercli(tmp_path, photon(shared))
    AquaScanner(options(program=program)).scan(IMAGE, LINUX, 20)
    arguments, environment = json.loads((tmp_path / "seen.json").read_text())
    file = next(one for one in arguments if one.startswith("--jsonfile="))
    assert [one for one in arguments if one != file] == [
        "scan",
        "--checkonly",
        "--dockerless",
        "--host=https://aqua.example.com",
        "--registry=Harbor",
        "--no-verify=false",
        "--direct-cc=false",
        "--show-negligible=true",
        "--token=hidden",
        f"library/photon@{IMAGE.digest}",
    ]
    assert not [name for name in environment if name.startswith("PODSEC_")]
    assert not Path(file.partition("=")[2]).exists()  # the report does not stay behind


def test_with_user_and_password(shared: Path, tmp_path: Path) -> None:
    program = scannercli(tmp_path, photon(shared))
    chosen = options(program=program, token="", user="podsec", password="hidden")
    AquaScanner(chosen).scan(IMAGE, LINUX, 20)
    arguments, _ = json.loads((tmp_path / "seen.json").read_text())
    assert arguments[-3:-1] == ["--user=podsec", "--password=hidden"]


@pytest.mark.parametrize("code", [1, 2, 3, 255])
def test_any_other_code_is_a_failure_that_tells_no_secret(
    shared: Path, tmp_path: Path, code: int
) -> None:
    program = scannercli(tmp_path, photon(shared), code)
    with pytest.raises(Unavailable, match=f"ended with code {code}") as caught:
        AquaScanner(options(program=program)).scan(IMAGE, LINUX, 20)
    assert "hidden" not in str(caught.value)
    assert "hidden" not in repr(options())


def test_a_scannercli_that_hangs_is_ended(tmp_path: Path) -> None:
    program = scannercli(tmp_path, None, sleep=60)
    started = time.monotonic()
    with pytest.raises(Unavailable, match="scannercli took longer than 1 seconds"):
        AquaScanner(options(program=program)).scan(IMAGE, LINUX, 1)
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("report", "message"),
    [(None, "wrote no report"), ("{", "no JSON"), ('{"a": 1}', "something else"), ("[]", "else")],
)
def test_without_a_report_that_is_said(report: str | None, message: str, tmp_path: Path) -> None:
    program = scannercli(tmp_path, report)
    with pytest.raises(Malformed, match=message):
        AquaScanner(options(program=program)).scan(IMAGE, LINUX, 20)


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="wants a token"):
        AquaScanner(options(token=""))
    unknown = Pinned(repository="ghcr.io/a/b", tag="1", digest=IMAGE.digest)
    with pytest.raises(ConfigError, match=r"what Aqua calls the registry ghcr\.io"):
        AquaScanner(options()).scan(unknown, LINUX, 5)
    with pytest.raises(NotInstalled):
        AquaScanner(options(program="scannercli-that-is-not-there")).scan(IMAGE, LINUX, 5)


class Console:
    """A console that pages as Aqua's does."""

    def __init__(self, shared: Path) -> None:
        page = shared / "reports" / "aqua" / "over_api_v2.json"
        self.rows = json.loads(page.read_bytes())["result"] * 3
        self.status = 200

    def answer(self, asked: Asked) -> Answer:
        if self.status != 200:
            return Answer(status=self.status)
        if asked.path == "/api/v1/login":
            told = json.loads(asked.body)
            if told != {"id": "podsec", "password": "hidden"}:
                return Answer(status=401)
            return Answer(body=b'{"token": "t1"}')
        if asked.headers.get("authorization") != "Bearer t1":
            return Answer(status=401)
        query = {name: values[0] for name, values in parse_qs(urlsplit(asked.path).query).items()}
        if query["image_name"] != "library/photon:3.0" or query["registry_name"] != "Harbor":
            return Answer(body=b'{"count": 0, "page": 1, "pagesize": 200, "result": []}')
        size, page = int(query["pagesize"]), int(query["page"])
        body = {
            "count": len(self.rows),
            "page": page,
            "pagesize": size,
            "result": self.rows[size * (page - 1) : size * page],
        }
        return Answer(body=json.dumps(body).encode())


def console(url: str, **changes: Any) -> AquaConsole:
    return AquaConsole(options(host=url, user="podsec", password="hidden", **changes))


def test_the_console_is_asked_page_by_page(shared: Path) -> None:
    answering = Console(shared)
    with serving(answering.answer) as server:
        report = console(server.url).scan(IMAGE, LINUX, 20)
    assert len(server.asked) == 3  # the login and two pages of 200
    assert len(answering.rows) == 297
    assert len(report.vulnerabilities) == 99  # the rows repeat
    assert report.partial == "Aqua scanned an older image of this tag"


def test_an_image_that_the_console_does_not_list_has_no_vulnerability(shared: Path) -> None:
    other = Pinned(repository="harbor.example.com/other", tag="1", digest=IMAGE.digest)
    with serving(Console(shared).answer) as server:
        report: ImageReport = console(server.url).scan(other, LINUX, 20)
    assert report.vulnerabilities == ()


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, NotPermitted), (404, Gone), (429, RateLimited), (500, Unavailable)],
)
def test_what_the_console_refuses_is_said(
    shared: Path, status: int, error: type[PodsecError]
) -> None:
    answering = Console(shared)
    answering.status = status
    with serving(answering.answer) as server, pytest.raises(error) as caught:
        console(server.url).scan(IMAGE, LINUX, 20)
    assert "hidden" not in str(caught.value)


def test_the_console_wants_a_user_and_a_tag(shared: Path) -> None:
    with pytest.raises(ConfigError, match="a user and a password"):
        AquaConsole(options())
    untagged = Pinned(repository=IMAGE.repository, tag=None, digest=IMAGE.digest)
    with serving(Console(shared).answer) as server, pytest.raises(Gone, match="by their tags"):
        console(server.url).scan(untagged, LINUX, 20)
