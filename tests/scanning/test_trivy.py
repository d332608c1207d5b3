"""The real Trivy, end to end and offline: databases, images and registries made by the tests."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from bot.adapters.registry import OciRegistry
from bot.adapters.scanners.reports import read_reports
from bot.adapters.scanners.trivy import TrivyOptions, TrivyScanner
from bot.adapters.scanners.trivy_errors import classified
from bot.errors import (
    Gone,
    Malformed,
    NotInstalled,
    NotPermitted,
    PodsecError,
    RateLimited,
    Unavailable,
    UserError,
)
from bot.http import Client, Hosts
from bot.kubernetes.image import parse
from bot.model.image import LINUX, Pinned
from bot.model.vulnerability import ImageReport
from tests.http.serving import Server
from tests.scanning.images import HALF_MENDED, MENDED, Image, layer, package
from tests.scanning.registry import Shelf, running
from tests.scanning.trivy_binary import VERSION, trivy
from tests.scanning.trivy_database import MADE, write_database

FOUND = {
    ("CVE-2019-14697", "musl", "1.1.20-r4", ("1.1.20-r5",), "critical"),
    ("CVE-2019-1549", "libcrypto1.1", "1.1.1b-r1", ("1.1.1d-r0",), "medium"),
}


@pytest.fixture(scope="session")
def program() -> str:
    return trivy()


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_database(tmp_path_factory.mktemp("trivy"))


def registry_at(server: Server, *, listed: bool = True) -> OciRegistry:
    """A registry that Trivy may go to itself, or one that only podsec speaks to."""
    if listed:
        return OciRegistry(Client(Hosts([f"http://{server.host}"])))

    class Untrusted(OciRegistry):
        def is_listed(self, repository: str) -> bool:
            return False

    return Untrusted(Client(Hosts([f"http://{server.host}"])))


def pinned(registry: OciRegistry, text: str) -> Pinned:
    reference = parse(text)
    assert reference is not None
    return registry.pin(reference)


def options(program: str, cache: Path, **changes: str) -> TrivyOptions:
    return TrivyOptions(cache=cache, program=program, updates=False, **changes)


def said(report: ImageReport) -> set[tuple[str, str, str, tuple[str, ...], str]]:
    return {(v.id, v.package, v.installed, v.fixed, v.grade) for v in report.vulnerabilities}


def test_the_binary_is_the_one_that_was_tried(program: str, cache: Path) -> None:
    with running(Shelf()) as server:
        state = TrivyScanner(options(program, cache), registry_at(server)).state(20)
    assert (state.name, state.version, state.database) == ("trivy", VERSION, MADE)


@pytest.mark.parametrize("listed", [True, False], ids=["trivy pulls", "podsec pulls"])
def test_an_image_of_a_registry_is_scanned(program: str, cache: Path, listed: bool) -> None:
    shelf = Shelf()
    expected = shelf.put("demo/app", "1.0", Image(machine="arm64"), Image())
    with running(shelf) as server:
        registry = registry_at(server, listed=listed)
        image = pinned(registry, f"{server.host}/demo/app:1.0")
        server.asked.clear()
        report = TrivyScanner(options(program, cache), registry).scan(image, LINUX, 30)
        agents = {one.headers["user-agent"].split("/")[0] for one in server.asked}
    assert agents == ({"trivy"} if listed else {"podsec"})
    assert said(report) == FOUND
    assert report.counts()["critical"] == 1
    assert (report.digest, report.platform, report.partial) == (expected, LINUX, "")
    assert str(report.os) == "alpine 3.9.4"
    assert report.os is not None
    assert report.os.is_ended is True
    assert report.config is not None
    assert (report.config.user, report.config.ports) == ("1000:2000", ("8080/tcp",))
    assert (report.scanner.version, report.scanner.database) == (VERSION, MADE)
    worst = report.vulnerabilities[0]
    assert (worst.score, worst.status, worst.origin, worst.title) == (
        9.8,
        "fixed",
        "os",
        "musl x87 stack",
    )
    assert worst.purl.startswith("pkg:apk/alpine/musl@1.1.20-r4")


def test_an_image_that_is_mended_has_no_vulnerability(program: str, cache: Path) -> None:
    shelf = Shelf()
    shelf.put("app", "1", Image(layer=MENDED))
    shelf.put("app", "2", Image(layer=HALF_MENDED))
    with running(shelf) as server:
        registry = registry_at(server)
        scanner = TrivyScanner(options(program, cache), registry)
        assert (
            scanner.scan(pinned(registry, f"{server.host}/app:1"), LINUX, 30).vulnerabilities == ()
        )
        half = scanner.scan(pinned(registry, f"{server.host}/app:2"), LINUX, 30)
    assert {v.id for v in half.vulnerabilities} == {"CVE-2019-1549"}


def test_a_report_of_an_image_archive_is_read_as_a_file(
    program: str, cache: Path, tmp_path: Path
) -> None:
    archive = Image().archive(tmp_path / "image.tar")
    done = subprocess.run(
        [
            *(program, "image", "--quiet", "--format", "json", "--scanners", "vuln"),
            *("--cache-dir", str(cache), "--skip-db-update", "--input", str(archive)),
        ],
        capture_output=True,
        check=True,
        timeout=60,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
    )
    (report,) = read_reports(done.stdout, "report.json")
    assert said(report) == FOUND


@pytest.mark.parametrize("format_", ["sarif", "json"])
def test_trivys_own_conversions_are_read_alike(
    program: str, cache: Path, tmp_path: Path, format_: str
) -> None:
    archive = Image().archive(tmp_path / "image.tar")
    done = subprocess.run(
        [
            *(program, "image", "--quiet", "--format", format_, "--scanners", "vuln"),
            *("--cache-dir", str(cache), "--skip-db-update", "--input", str(archive)),
        ],
        capture_output=True,
        check=True,
        timeout=60,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
    )
    (report,) = read_reports(done.stdout, "report")
    assert said(report) == FOUND


@contextmanager
def trivy_server(program: str, cache: Path, token: str) -> Iterator[str]:
    """Trivy as a server on loopback; it ends with the block."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    arguments = ["server", "--listen", f"127.0.0.1:{port}", "--cache-dir", str(cache)]
    child = subprocess.Popen(
        [program, "--quiet", *arguments, "--skip-db-update", "--token", token],
        env={"PATH": os.environ["PATH"], "HOME": str(cache)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            with socket.socket() as trying:
                if trying.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        child.terminate()
        child.wait(10)


def test_a_server_does_the_matching(program: str, cache: Path, tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.put("app", "1", Image())
    with running(shelf) as server, trivy_server(program, cache, "t1") as url:
        registry = registry_at(server)
        image = pinned(registry, f"{server.host}/app:1")
        client = options(program, tmp_path, server=url, token="t1")
        report = TrivyScanner(client, registry).scan(image, LINUX, 30)
        assert said(report) == FOUND
        assert (report.scanner.version, report.scanner.database) == (VERSION, MADE)
        wrong = TrivyScanner(options(program, tmp_path, server=url, token="t2"), registry)
        with pytest.raises(NotPermitted, match="does not take the token"):
            wrong.scan(image, LINUX, 30)
    assert not (tmp_path / "db").exists()  # the client needs no database


def test_a_server_that_is_down_is_said(program: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as found:
        url = f"http://127.0.0.1:{found.getsockname()[1]}"
    shelf = Shelf()
    shelf.put("app", "1", Image())
    with running(shelf) as server:
        registry = registry_at(server)
        scanner = TrivyScanner(options(program, tmp_path, server=url), registry)
        with pytest.raises(Unavailable, match="the Trivy server cannot be reached"):
            scanner.scan(pinned(registry, f"{server.host}/app:1"), LINUX, 30)
        with pytest.raises(Unavailable, match="Connection refused"):
            scanner.state(5)


@pytest.mark.parametrize(
    ("path", "error", "message"),
    [
        ("secret/app", NotPermitted, "does not let Trivy read"),
        ("denied/app", NotPermitted, "does not let Trivy read"),
        ("limit/app", RateLimited, "asked for a pause"),
        ("nope/app", Gone, "does not have"),
        ("broken/app", Unavailable, "cannot be reached"),
    ],
)
def test_what_a_registry_answers_trivy_is_said(
    program: str, cache: Path, path: str, error: type[PodsecError], message: str
) -> None:
    with running(Shelf()) as server:
        image = Pinned(repository=f"{server.host}/{path}", tag="1", digest=f"sha256:{'a' * 64}")
        scanner = TrivyScanner(options(program, cache), registry_at(server))
        with pytest.raises(error, match=message):
            scanner.scan(image, LINUX, 30)


def test_a_registry_where_nobody_listens_is_said(program: str, cache: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as found:
        host = f"127.0.0.1:{found.getsockname()[1]}"
    registry = OciRegistry(Client(Hosts([f"http://{host}"])))
    image = Pinned(repository=f"{host}/app", tag="1", digest=f"sha256:{'a' * 64}")
    with pytest.raises(Unavailable, match=f"{host} cannot be reached"):
        TrivyScanner(options(program, cache), registry).scan(image, LINUX, 30)


def test_an_image_that_is_not_made_for_the_platform_is_said(program: str, cache: Path) -> None:
    shelf = Shelf()
    shelf.put("app", "1", Image(), Image(machine="arm64"))
    with running(shelf) as server:
        for listed in (True, False):
            registry = registry_at(server, listed=listed)
            image = pinned(registry, f"{server.host}/app:1")
            with pytest.raises(Gone, match="is not made for"):
                TrivyScanner(options(program, cache), registry).scan(image, "linux/s390x", 30)


def test_without_a_database_the_remedy_is_said(program: str, tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.put("app", "1", Image())
    old = write_database(tmp_path / "old", version=1)
    with running(shelf) as server:
        registry = registry_at(server)
        image = pinned(registry, f"{server.host}/app:1")
        empty = TrivyScanner(options(program, tmp_path / "none"), registry)
        with pytest.raises(UserError, match="has no vulnerability database: let it download"):
            empty.scan(image, LINUX, 30)
        assert empty.state(20).database is None
        with pytest.raises(UserError, match="of another version of Trivy"):
            TrivyScanner(options(program, old), registry).scan(image, LINUX, 30)


def test_without_the_database_of_java_archives_the_rest_is_scanned(
    program: str, cache: Path
) -> None:
    jar = BytesIO()
    with ZipFile(jar, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n")
    files = {
        "etc/alpine-release": b"3.9.4\n",
        "etc/os-release": b"ID=alpine\nVERSION_ID=3.9.4\n",
        "lib/apk/db/installed": package("musl", "1.1.20-r4").encode(),
        "app/app.jar": jar.getvalue(),
    }
    shelf = Shelf()
    shelf.put("app", "1", Image(layer=layer(files)))
    with running(shelf) as server:
        registry = registry_at(server)
        image = pinned(registry, f"{server.host}/app:1")
        report = TrivyScanner(options(program, cache), registry).scan(image, LINUX, 30)
    assert {v.id for v in report.vulnerabilities} == {"CVE-2019-14697"}
    assert report.partial.startswith("Java archives were not looked at")


def test_a_trivyignore_or_config_where_podsec_stands_hides_nothing(
    program: str, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".trivyignore").write_text("CVE-2019-14697\nCVE-2019-1549\n")
    (tmp_path / "trivy.yaml").write_text("severity: [LOW]\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRIVY_SEVERITY", "LOW")
    monkeypatch.setenv("HOME", str(tmp_path))
    shelf = Shelf()
    shelf.put("app", "1", Image())
    with running(shelf) as server:
        registry = registry_at(server)
        image = pinned(registry, f"{server.host}/app:1")
        report = TrivyScanner(options(program, cache), registry).scan(image, LINUX, 30)
    assert said(report) == FOUND


def test_a_login_is_told_to_its_own_registry_alone(program: str, cache: Path) -> None:
    shelf = Shelf(token="t1", password=("podsec", "hidden"))
    shelf.put("app", "1", Image())
    with running(shelf) as server, running(Shelf()) as other:
        image = Pinned(repository=f"{server.host}/app", tag="1", digest=shelf_digest(shelf))
        known = TrivyOptions(
            cache=cache,
            program=program,
            updates=False,
            logins={server.host: ("podsec", "hidden")},
        )
        registry = OciRegistry(Client(Hosts([f"http://{server.host}", f"http://{other.host}"])))
        assert said(TrivyScanner(known, registry).scan(image, LINUX, 30)) == FOUND
        elsewhere = Pinned(repository=f"{other.host}/app", tag="1", digest=image.digest)
        with pytest.raises(Gone):
            TrivyScanner(known, registry).scan(elsewhere, LINUX, 30)
        with pytest.raises(NotPermitted):
            TrivyScanner(options(program, cache), registry).scan(image, LINUX, 30)
    assert other.asked
    assert not [one for one in other.asked if "authorization" in one.headers]
    assert "hidden" not in repr(known)


def shelf_digest(shelf: Shelf) -> str:
    from tests.scanning.images import digest

    return digest(shelf.tags["app"]["1"])


def test_an_image_that_is_too_large_is_not_pulled(program: str, cache: Path) -> None:
    shelf = Shelf()
    shelf.put("app", "1", Image())
    small = TrivyOptions(cache=cache, program=program, updates=False, most_bytes=100)
    with running(shelf) as server:
        registry = registry_at(server, listed=False)
        image = pinned(registry, f"{server.host}/app:1")
        with pytest.raises(Malformed, match="is larger than 100 bytes"):
            TrivyScanner(small, registry).scan(image, LINUX, 30)
    assert not [one for one in server.asked if "/blobs/" in one.path]


def test_a_layer_that_is_not_what_its_digest_names_is_not_scanned(
    program: str, cache: Path
) -> None:
    shelf = Shelf()
    shelf.put("app", "1", Image())
    with running(shelf) as server:
        registry = registry_at(server, listed=False)
        image = pinned(registry, f"{server.host}/app:1")
        shelf.mangle = lambda body: body if body.startswith(b"{") else body + b"x"
        with pytest.raises(Malformed, match="something else than its digest names"):
            TrivyScanner(options(program, cache), registry).scan(image, LINUX, 30)


def stub(folder: Path, code: str) -> str:
    """A program in the place of Trivy."""
    path = folder / "trivy"
    path.write_text(f"#!{sys.executable}\nimport json, os, sys, time\n{code}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def scan_with(code: str, tmp_path: Path, seconds: float = 20, token: str = "") -> ImageReport:
    with running(Shelf()) as server:
        image = Pinned(repository=f"{server.host}/app", tag="1", digest=f"sha256:{'a' * 64}")
        chosen = TrivyOptions(cache=tmp_path, program=stub(tmp_path, code), token=token)
        return TrivyScanner(chosen, registry_at(server)).scan(image, LINUX, seconds)


def test_a_trivy_that_hangs_is_ended(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="took longer than"):
        scan_with("time.sleep(60)", tmp_path, seconds=-4)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("pass", "wrote no report"),
        ("open(sys.argv[sys.argv.index('--output') + 1], 'w').write('{')", "is no JSON"),
    ],
)
def test_a_trivy_that_ends_well_without_a_report_is_said(
    code: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(Malformed, match=message):
        scan_with(code, tmp_path)


def test_the_token_is_in_no_argument_and_in_no_message(tmp_path: Path) -> None:
    code = (
        "open(os.path.join(os.path.dirname(sys.argv[0]), 'seen'), 'w')"
        ".write(json.dumps([sys.argv, os.environ['TRIVY_TOKEN']]))\n"
        "print('x FATAL Fatal error ' + ' '.join(sys.argv), file=sys.stderr)\nsys.exit(1)"
    )
    with pytest.raises(Unavailable) as caught:
        scan_with(code, tmp_path, token="hidden")
    arguments, token = json.loads((tmp_path / "seen").read_text())
    assert token == "hidden"
    assert "hidden" not in " ".join(arguments)
    assert "hidden" not in str(caught.value)


def test_without_trivy_that_is_said(tmp_path: Path) -> None:
    with running(Shelf()) as server:
        missing = TrivyOptions(cache=tmp_path, program="trivy-that-is-not-there")
        with pytest.raises(NotInstalled, match="is not installed"):
            TrivyScanner(missing, registry_at(server)).state(5)


@pytest.mark.parametrize(
    ("log", "error", "message"),
    [
        (
            "init error: DB error: database error: --skip-update cannot be specified on the first run",
            UserError,
            "has no vulnerability database",
        ),
        (
            "--skip-update cannot be specified with the old DB schema. Local DB: 1, Expected: 2",
            UserError,
            "another version",
        ),
        (
            "failed to download vulnerability DB: ... lookup mirror.gcr.io on x: no such host",
            Unavailable,
            "cannot download",
        ),
        ("GET https://x/v2/: MANIFEST_UNKNOWN: nope", Gone, "ghcr.io does not have a,"),
        ("UNAUTHORIZED: authentication required", NotPermitted, "does not let Trivy read"),
        ("TOOMANYREQUESTS: slow", RateLimited, "asked for a pause"),
        ("dial tcp 1.2.3.4:443: connect: connection refused", Unavailable, "cannot be reached"),
        ("dial tcp: lookup x: no such host", Unavailable, "cannot be reached"),
        ("failed to parse the image name: could not parse reference: A::1", UserError, "the name"),
        ("twirp error unauthenticated: invalid token", NotPermitted, "take the token"),
        ("x509: certificate signed by unknown authority", Unavailable, "is not trusted"),
        ("context deadline exceeded", Unavailable, "longer than it may"),
        ("write /x: no space left on device", Unavailable, "disk"),
        ("2026 FATAL Fatal error something else", Unavailable, "Trivy failed: something else"),
        ("", Unavailable, "it said nothing"),
    ],
)
def test_each_of_trivys_last_words_is_said_clearly(
    log: str, error: type[PodsecError], message: str
) -> None:
    found = classified(log.encode(), "ghcr.io/a")
    assert type(found) is error
    assert message in str(found)
