"""What an IP address is: public, private, or one that podsec never speaks to by a name.

The tables are IANA's special-purpose address registries (RFC 6890 and its updates).
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Literal, TypeAlias

Reach = Literal["public", "private", "never"]
Address: TypeAlias = IPv4Address | IPv6Address

_PRIVATE_4 = tuple(
    map(
        IPv4Network,
        ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
    )
)
_NEVER_4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "100.100.100.200/32",  # the metadata of a machine at Alibaba
            "168.63.129.16/32",  # the same at Azure, on a public address
            "169.254.0.0/16",  # link-local, and the metadata of most clouds
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
_PRIVATE_6 = tuple(map(IPv6Network, ("::1/128", "fc00::/7")))
_NEVER_6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # IETF protocols, Teredo among them
            "2001:db8::/32",
            "2002::/16",  # 6to4: holds any IPv4 address
            "3fff::/20",
            "fd00:ec2::254/128",  # the metadata of a machine at Amazon
        ),
    )
)
_GLOBAL_6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")


def reach(address: Address) -> Reach:
    """Where an address leads; an IPv4 address inside an IPv6 one is looked at as itself."""
    if isinstance(address, IPv6Address):
        return _reach_6(address)
    if any(address in network for network in _NEVER_4):
        return "never"
    return "private" if any(address in network for network in _PRIVATE_4) else "public"


def _reach_6(address: IPv6Address) -> Reach:
    if address.ipv4_mapped is not None:
        return reach(address.ipv4_mapped)
    if address in _NAT64:
        return reach(IPv4Address(int(address) & 0xFFFFFFFF))
    if address.scope_id is not None or any(address in network for network in _NEVER_6):
        return "never"
    if any(address in network for network in _PRIVATE_6):
        return "private"
    return "public" if address in _GLOBAL_6 else "never"


def literal(host: str) -> Address | None:
    """The address that a host is written as, None for names; brackets are allowed."""
    try:
        return ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None
