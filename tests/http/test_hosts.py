"""The list of hosts: what it admits, and what only seems to be on it."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from bot.errors import ConfigError, Unlisted
from bot.http import Hosts
from tests.http.guard import Packets, no_packet

__all__ = ["no_packet"]

LISTED = Hosts(
    [
        "registry.example.com",
        "registry.example.com:5000",
        "*.corp.example.com",
        "http://10.1.2.3:5000",
        "http://localhost:5000",
        "[fd12::1]:8443",
        "169.254.7.7",
    ]
)


@pytest.mark.parametrize(
    "url",
    [
        "https://registry.example.com/v2/",
        "https://REGISTRY.example.com/v2/",
        "https://registry.example.com:443/v2/",
        "https://registry.example.com:5000/v2/",
        "https://a.corp.example.com/v2/",
        "https://a.b.corp.example.com/v2/",
        "http://10.1.2.3:5000/v2/a?n=1",
        "http://localhost:5000",
        "https://[fd12::1]:8443/x",
    ],
)
def test_what_is_listed_is_admitted(url: str, no_packet: Packets) -> None:
    assert LISTED.target(url).is_listed


@pytest.mark.parametrize(
    "url",
    [
        "https://registry.example.com.evil.net/v2/",
        "https://evil-registry.example.com/v2/",
        "https://registry.example.com@evil.net/v2/",
        "https://registry.example.com:5000@evil.net/",
        "https://evil.net\\@registry.example.com/",
        "https://evil.net#registry.example.com/",
        "https://evil.net/registry.example.com",
        "https://registry.example.com:22/",
        "https://corp.example.com/",
        "https://.corp.example.com/",
        "https://x..corp.example.com/",
        "http://registry.example.com/v2/",
        "http://registry.example.com:5000/v2/",
        "https://10.1.2.3/",
        "ftp://registry.example.com/",
        "file:///etc/passwd",
        "gopher://registry.example.com/",
        "//registry.example.com/",
        "registry.example.com",
        "https://registry.example.com:99999/",
        "https://registry.example.com:0x50/",
        "https://registry.example.com /",
        "https://registry.example.com\t/",
        "https://registry.example.com\r\nHost: evil/",
        "https://registry.example.com/a b",
        "https://registry.example.com/\u00e9",
        "https://reg\u0131stry.example.com/",
        "https://registry\u3002example\u3002com/",
        "https:///v2/",
        "https://",
        "",
        "https://registry.example.com/" + "a" * 9000,
    ],
)
def test_what_only_looks_listed_is_refused(url: str, no_packet: Packets) -> None:
    with pytest.raises(Unlisted):
        LISTED.target(url)


PUBLIC = Hosts(["*"])


@pytest.mark.parametrize(
    "host", ["ghcr.io", "registry-1.docker.io", "8.8.8.8", "[2606:4700::1]", "a.xn--p1ai"]
)
def test_a_star_admits_public_hosts(host: str, no_packet: Packets) -> None:
    assert not PUBLIC.target(f"https://{host}/v2/").is_listed


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "registry",
        "registry.local",
        "metadata.google.internal",
        "vault.service.consul.internal",
        "kubernetes.default.svc",
        "a.svc.cluster.local",
        "printer.lan",
        "router.home.arpa",
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "0177.0.0.1",
        "2130706433",
        "0",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "[fe80::1]",
        "169.254.169.254",
        "[fd00:ec2::254]",
        "ghcr.io:22",
        "ghcr.io:8443",
        "a.b",
    ],
)
def test_a_star_admits_nothing_inside(host: str, no_packet: Packets) -> None:
    with pytest.raises(Unlisted):
        PUBLIC.target(f"https://{host}/v2/")


def test_without_tls_only_where_the_list_says_so(no_packet: Packets) -> None:
    with pytest.raises(Unlisted, match="without TLS"):
        LISTED.target("http://[fd12::1]:8443/")
    with pytest.raises(Unlisted):
        PUBLIC.target("http://ghcr.io/v2/")
    assert LISTED.url_of("10.1.2.3:5000") == "http://10.1.2.3:5000"
    assert LISTED.url_of("registry.example.com") == "https://registry.example.com"
    with pytest.raises(Unlisted):
        LISTED.url_of("10.1.2.4:5000")


@pytest.mark.parametrize(
    ("url", "address", "allowed"),
    [
        ("https://registry.example.com/", "10.0.0.1", True),
        ("https://registry.example.com/", "8.8.8.8", True),
        ("https://registry.example.com/", "169.254.169.254", False),
        ("https://registry.example.com/", "224.0.0.1", False),
        ("https://registry.example.com/", "0.0.0.0", False),
        ("https://169.254.7.7/", "169.254.7.7", True),
    ],
)
def test_a_listed_name_may_lead_inside_but_not_to_metadata(
    url: str, address: str, allowed: bool
) -> None:
    target = LISTED.target(url)
    if allowed:
        LISTED.demand_reachable(target, [ip_address(address)])
        return
    with pytest.raises(Unlisted, match="not public"):
        LISTED.demand_reachable(target, [ip_address(address)])


def test_one_inner_address_among_public_ones_is_enough_to_refuse() -> None:
    target = PUBLIC.target("https://rebinding.example.net/")
    with pytest.raises(Unlisted):
        PUBLIC.demand_reachable(target, [ip_address("8.8.8.8"), ip_address("10.0.0.1")])


@pytest.mark.parametrize("entry", ["", "a b", "https://", "a/b", "*.*", "a:b", "a:123456", "-a"])
def test_a_wrong_entry_is_said(entry: str) -> None:
    with pytest.raises(ConfigError, match="is no host"):
        Hosts([entry])
