"""Which addresses are public, private, or never spoken to."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from bot.http.address import literal, reach


@pytest.mark.parametrize(
    "text",
    [
        "8.8.8.8",
        "93.184.216.34",
        "2606:4700::1",
        "64:ff9b::808:808",
        "::ffff:8.8.8.8",
        "172.32.0.1",
    ],
)
def test_public_addresses(text: str) -> None:
    assert reach(ip_address(text)) == "public"


@pytest.mark.parametrize(
    "text",
    [
        "10.0.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "::1",
        "fd12::1",
        "fc00::1",
        "::ffff:127.0.0.1",
        "::ffff:10.1.2.3",
        "64:ff9b::a00:1",
    ],
)
def test_private_addresses(text: str) -> None:
    assert reach(ip_address(text)) == "private"


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0",
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::7f00:1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "2001::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "fd00:ec2::254",
        "::ffff:169.254.169.254",
        "100::1",
    ],
)
def test_addresses_that_no_name_may_lead_to(text: str) -> None:
    assert reach(ip_address(text)) == "never"


def test_a_literal_is_an_address_in_its_own_spelling_alone() -> None:
    assert literal("[::1]") == ip_address("::1")
    assert literal("10.0.0.1") == ip_address("10.0.0.1")
    assert [literal(text) for text in ("127.1", "0x7f000001", "017700000001", "2130706433")] == [
        None
    ] * 4
