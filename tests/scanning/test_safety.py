"""Image references and addresses are a stranger's words: what must go nowhere goes nowhere.

Every line of the tables below is refused before any packet: no connection, no datagram, no look-up
of a name, no program that would do so. A guard under the standard library's sockets says so.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

import pytest

from bot.adapters.registry import Credential, OciRegistry
from bot.adapters.scanners.aqua import AquaOptions, AquaScanner
from bot.adapters.scanners.clair import ClairOptions, ClairScanner
from bot.adapters.scanners.trivy import TrivyOptions, TrivyScanner
from bot.cache import Cache
from bot.engine.image_uses import plan_scans
from bot.errors import Unlisted
from bot.http import Client, Hosts, Limits, Request
from bot.http.address import Address
from bot.kubernetes.image import parse
from bot.model.image import LINUX, ImagePlan, Pinned
from bot.model.vulnerability import ScannerState
from bot.ports import Scanner
from bot.settings import PUBLIC_REGISTRIES
from bot.workflows.image_memory import ImageMemory
from bot.workflows.scan_images import Scanning, scan_images
from tests.http.guard import Packets, no_packet
from tests.scanning.making import uses

__all__ = ["no_packet"]
LONG = "a/" * 600 + "a"

# no reference at all: the grammar of the container runtimes does not allow them
NOT_A_REFERENCE = [
    "--help",
    "-o/tmp/pwned",
    "--server=http://evil.example.net",
    "--config /etc/passwd",
    "--input=/etc/shadow",
    "-",
    "--",
    "nginx --output /tmp/x",
    "nginx\n--help",
    "nginx\x00",
    "$(id)",
    "`id`",
    "nginx; id",
    "nginx|id",
    "nginx && id",
    "nginx:1.25$IFS",
    "../../etc/passwd",
    "/etc/passwd",
    "file:///etc/passwd",
    "http://169.254.169.254/latest/meta-data",
    "https://registry.example.com/app",
    "oci-archive:/etc/passwd",
    "docker-archive:/etc/passwd",
    "dir:/etc",
    "nginx:1.25@",
    "nginx@sha256:short",
    "registry.example.com@evil.example.net/app",
    "user:pass@registry.example.com/app",
    "evil.example.net\\@docker.io/app",
    "docker.io#evil.example.net/app",
    "docker.io?x=/app",
    "docker.io/%2e%2e/app",
    "Registry/App:1",
    "ｄocker.io/app",
    "docker。io/app",
    "[::1/app",
    LONG,
    "",
]
# references, but of places that podsec has no business in
NOT_LISTED = [
    "169.254.169.254/latest/meta-data:v1",
    "169.254.169.254:80/a",
    "100.100.100.200/a:1",
    "168.63.129.16/a:1",
    "[fd00:ec2::254]/a:1",
    "[fe80::1]:5000/a:1",
    "metadata.google.internal/metadata:v1",
    "localhost/a:1",
    "localhost:8080/a:1",
    "127.0.0.1/a:1",
    "127.0.0.1:2375/a:1",
    "127.1/a:1",
    "0.0.0.0/a:1",
    "0x7f.1/a:1",
    "2130706433.1/a:1",
    "[::1]:5000/a:1",
    "[::ffff:7f00:1]/a:1",
    "[64:ff9b::7f00:1]/a:1",
    "[2002:7f00:1::]/a:1",
    "10.0.0.1:5000/a:1",
    "172.16.0.1/a:1",
    "192.168.0.1:443/a:1",
    "[fc00::1]/a:1",
    "224.0.0.1/a:1",
    "255.255.255.255/a:1",
    "registry:5000/a:1",
    "kubernetes.default.svc/a:1",
    "vault.default.svc.cluster.local:8200/a:1",
    "registry.local/a:1",
    "git.corp/a:1",
    "printer.home.arpa/a:1",
    "docker.io:22/a:1",
    "ghcr.io:6443/a:1",
]
# hosts of anybody: refused unless the list has `*`
OF_ANYBODY = [
    "evil.example.net/a:1",
    "docker.io.evil.example.net/a:1",
    "ghcr.io.evil.net/a:1",
    "evilghcr.io/a:1",
    "1.1.1.1/a:1",
]
URLS = [
    "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
    "https://169.254.169.254/",
    "http://[fd00:ec2::254]/latest/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "https://localhost/",
    "https://127.0.0.1:6443/api",
    "http://127.0.0.1:10255/pods",
    "https://127.1/",
    "https://0/",
    "https://0177.0.0.1/",
    "https://0x7f000001/",
    "https://2130706433/",
    "https://[::]/",
    "https://[::1]/",
    "https://[::ffff:a9fe:a9fe]/",
    "https://10.96.0.1/",
    "https://kubernetes.default.svc/",
    "https://registry.example.com@127.0.0.1/",
    "https://127.0.0.1#@registry.example.com/",
    "https://127.0.0.1\\.registry.example.com/",
    "https://localhost.:443/",
    "https://example.net:22/",
    "file:///etc/passwd",
    "ftp://10.0.0.1/",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "unix:///var/run/docker.sock",
    "data:text/plain,x",
    "javascript:alert(1)",
    "//10.0.0.1/",
    "https://ex\r\nample.net/",
    "https://example.net/\r\nHost: x",
    "https:///a",
    "https://%6c%6f%63alhost/",
    "https://ⓛocalhost/",
]


def program(folder: Path) -> str:
    """A scanner that must never run: it would leave a trace."""
    path = folder / "scanner"
    path.write_text(f"#!{sys.executable}\nopen({str(folder / 'trace')!r}, 'w')\n")
    path.chmod(0o700)
    return str(path)


def never(host: str, port: int) -> Sequence[Address]:
    raise AssertionError(f"{host} was looked up")


def scanners(folder: Path, registry: OciRegistry) -> dict[str, Scanner]:
    trivy = TrivyOptions(cache=folder, program=program(folder))
    aqua = AquaOptions(
        host="https://aqua.example.com", token="t", program=program(folder), registries=()
    )
    return {
        "trivy": TrivyScanner(trivy, registry),
        "clair": ClairScanner(ClairOptions(url="https://clair.example.com"), registry),
        "aqua": AquaScanner(aqua),
    }


def refusals(references: Sequence[str], hosts: Sequence[str], folder: Path) -> list[str]:
    """What the whole way from a manifest's word to a scanner says of references."""
    client = Client(Hosts(hosts), never)
    registry = OciRegistry(client, {"docker.io": Credential(username="u", password="p")})
    reasons = []
    for name, scanner in scanners(folder, registry).items():

        class Quiet:
            """The scanner, whose state would be asked of another host: that is no stranger's."""

            def state(self, seconds: float) -> object:
                return ScannerState(name="x")

            scan = scanner.scan

        scanning = Scanning(
            name=name,
            registry=registry,
            scanner=Quiet(),  # type: ignore[arg-type]
            memory=ImageMemory(Cache(folder / "cache", lambda: 0.0)),
        )
        plans: list[ImagePlan] = []
        for reference in references:
            document = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}}
            spec = {"containers": [{"name": "c", "image": reference or " "}]}
            data = json.dumps({**document, "spec": spec}).encode()
            plans += plan_scans(uses(data, "pod.json"))
        answers = scan_images(plans, scanning)
        assert len(answers) == len(references)
        assert not [answer for answer in answers if answer.report is not None]
        reasons += [answer.reason for answer in answers]
    assert not (folder / "trace").exists()
    return reasons


def test_the_tables_are_long_enough_and_each_line_is_what_its_table_says() -> None:
    assert len({*NOT_A_REFERENCE, *NOT_LISTED, *OF_ANYBODY}) >= 75
    assert len(set(URLS)) >= 30
    assert [text for text in NOT_A_REFERENCE if parse(text) is not None] == []
    assert [text for text in (*NOT_LISTED, *OF_ANYBODY) if parse(text) is None] == []


def test_what_is_no_reference_reaches_no_scanner(tmp_path: Path, no_packet: Packets) -> None:
    for hosts in (["*"], PUBLIC_REGISTRIES):
        reasons = refusals(NOT_A_REFERENCE, hosts, tmp_path)
        allowed = {
            "it is no image reference",
            "it stands for an image that something else fills in",
        }
        assert set(reasons) <= allowed


@pytest.mark.parametrize("hosts", [["*"], PUBLIC_REGISTRIES, []], ids=["any", "known", "none"])
def test_a_place_that_is_not_listed_is_not_spoken_to(
    hosts: Sequence[str], tmp_path: Path, no_packet: Packets
) -> None:
    reasons = refusals(NOT_LISTED, hosts, tmp_path)
    assert [reason for reason in reasons if "on the list of registries" not in reason] == []


@pytest.mark.parametrize("hosts", [PUBLIC_REGISTRIES, []], ids=["known", "none"])
def test_a_host_of_anybody_is_not_spoken_to(
    hosts: Sequence[str], tmp_path: Path, no_packet: Packets
) -> None:
    reasons = refusals(OF_ANYBODY, hosts, tmp_path)
    assert [reason for reason in reasons if "on the list of registries" not in reason] == []


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00::1", "0.0.0.0", "::ffff:10.0.0.1"],
)
def test_a_public_name_that_leads_inside_is_not_spoken_to(
    address: str, tmp_path: Path, no_packet: Packets
) -> None:
    client = Client(Hosts(["*"]), lambda host, port: (ip_address(address),))
    registry = OciRegistry(client)
    hidden = Pinned(repository="rebinding.example.net/a", tag="1", digest=f"sha256:{'a' * 64}")
    with pytest.raises(Unlisted):
        registry.manifest(hidden, LINUX)
    for name in ("trivy", "clair"):
        with pytest.raises(Unlisted):
            scanners(tmp_path, registry)[name].scan(hidden, LINUX, 5)
    assert not (tmp_path / "trace").exists()


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("public", [True, False], ids=["sent on", "asked"])
def test_an_address_that_leads_inside_is_not_spoken_to(
    url: str, public: bool, no_packet: Packets
) -> None:
    client = Client(Hosts(["*"]), never)
    with pytest.raises(Unlisted):
        client.send(Request(url=url, public=public), Limits())
    with pytest.raises(Unlisted):
        client.checked(url, public=public)


def test_the_guard_itself_refuses_packets(no_packet: Packets) -> None:
    """A guard that let packets out would make every test above pass."""
    client = Client(Hosts(["http://127.0.0.1:9"]))
    with pytest.raises(AssertionError, match="a packet was tried"):
        client.get("http://127.0.0.1:9/", {}, Limits())
    assert len(no_packet.tried) == 1
    no_packet.tried.clear()
