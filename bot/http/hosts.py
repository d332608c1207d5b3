"""Which hosts podsec may speak to: what the operator lists, and what follows from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from bot.errors import ConfigError, Unlisted
from bot.http.address import Address, literal, reach

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}|\[[0-9a-f:.]+\]")
_ENTRY = re.compile(
    r"(?P<scheme>https?://)?(?P<wild>\*\.)?(?P<host>\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::(?P<port>\d{1,5}))?"
)
# what a URL may be made of (RFC 3986); no user, no backslash, no blank
_URL = re.compile(
    r"https?://[A-Za-z0-9.\-\[\]:]+(?:[/?][A-Za-z0-9\-._~!$&'()*+,;=:@%/?]*)?(?:#.*)?",
    re.ASCII,
)
# names that lead into a machine or a network, whatever a resolver says of them
_INNER = frozenset(
    """arpa cluster corp example home host internal intranet invalid lan local localdomain
    localhost onion private svc test""".split()  # noqa: SIM905  # a list of words
)
_TOP = re.compile(r"[a-z]{2,}|xn--[a-z0-9-]+")
_HTTPS = 443
ANY = "*"
"""The entry that admits every public host, on the port of HTTPS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One line of the list: `wild` admits the names below `host`; `is_plain`: without TLS."""

    host: str
    port: int
    wild: bool
    is_plain: bool

    def admits(self, host: str, port: int) -> bool:
        """Whether it speaks of a host."""
        if self.port != port:
            return False
        return host.endswith(f".{self.host}") if self.wild else host == self.host


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A host that may be spoken to; `is_listed` where the list names it, not only `*`."""

    scheme: str
    host: str
    port: int
    path: str
    is_listed: bool

    @property
    def origin(self) -> tuple[str, str, int]:
        """What credentials belong to."""
        return self.scheme, self.host, self.port


class Hosts:
    """A list of hosts: `name`, `name:port`, `*.domain`, `http://name` without TLS, `*` for all.

    Without a port it is that of HTTPS, or of HTTP where that is written. A listed host may have
    a private address; link-local, multicast and metadata addresses only where the entry is that
    address. `*` admits public hosts alone.
    """

    def __init__(self, entries: Iterable[str]) -> None:
        written = tuple(entry.strip().lower() for entry in entries)
        self._any = ANY in written
        self._entries = tuple(map(_entry, (entry for entry in written if entry != ANY)))

    def target(self, url: str, *, public: bool = False) -> Target:
        """Where a URL leads. Raises Unlisted; no packet is sent.

        `public` admits any public host too, over TLS: for where a listed host sends one on.
        """
        parts = _split(url)
        host, port = _host(parts), _port(parts)
        entry = next((one for one in self._entries if one.admits(host, port)), None)
        if entry is None and not (public or self._any):
            raise Unlisted(f"{host} is not on the list of registries")
        if entry is None and not (_looks_public(host) and port == _HTTPS):
            raise Unlisted(f"{host} is no public host, and not on the list of registries")
        if parts.scheme == "http" and (entry is None or not entry.is_plain):
            raise Unlisted(f"{host} would be spoken to without TLS; list it as http://{host}")
        path = parts.path or "/"
        return Target(
            scheme=parts.scheme,
            host=host,
            port=port,
            path=f"{path}?{parts.query}" if parts.query else path,
            is_listed=entry is not None,
        )

    def url_of(self, registry: str) -> str:
        """The base URL of a registry; plain HTTP only where the list says so. Raises Unlisted."""
        plain = f"http://{registry}"
        parts = _split(plain)
        host, port = _host(parts), _port(parts)
        if any(entry.is_plain and entry.admits(host, port) for entry in self._entries):
            return plain
        self.target(f"https://{registry}")
        return f"https://{registry}"

    def demand_reachable(self, target: Target, addresses: Sequence[Address]) -> None:
        """Look at what a name resolved to. Raises Unlisted unless podsec may speak to all of it."""
        for address in addresses:
            where = reach(address)
            if where == "public" or (target.is_listed and where == "private"):
                continue
            if target.is_listed and literal(target.host) == address:
                continue
            raise Unlisted(f"{target.host} has an address that is not public: {address}")


def _entry(text: str) -> _Entry:
    match = _ENTRY.fullmatch(text)
    if match is None or not _HOST.fullmatch(match["host"]):
        raise ConfigError(f"{text!r} is no host: expected a name such as registry.example.com:5000")
    is_plain = match["scheme"] == "http://"
    return _Entry(
        host=match["host"],
        port=int(match["port"] or (80 if is_plain else 443)),
        wild=match["wild"] is not None,
        is_plain=is_plain,
    )


def _split(url: str) -> SplitResult:
    if len(url) > 8192 or not _URL.fullmatch(url):
        raise Unlisted("a URL that podsec does not follow: it is not plain http or https")
    try:
        return urlsplit(url)
    except ValueError as error:
        raise Unlisted(f"a URL that podsec does not follow: {error}") from error


def _host(parts: SplitResult) -> str:
    authority = parts.netloc.lower()
    host = authority.rpartition(":")[0] if re.search(r":\d*$", authority) else authority
    address = literal(host)
    if not _HOST.fullmatch(host) or (host.startswith("[") and address is None):
        raise Unlisted(f"{host[:80]!r} is no host name")
    return host


def _port(parts: SplitResult) -> int:
    default = 443 if parts.scheme == "https" else 80
    try:
        return default if parts.port is None else parts.port
    except ValueError as error:
        raise Unlisted("a port that does not exist") from error


def _looks_public(host: str) -> bool:
    """Whether a name or address may be public; names inside a network are told by their end."""
    address = literal(host)
    if address is not None:
        return reach(address) == "public"
    labels = host.split(".")
    last = labels[-1]
    return len(labels) > 1 and _TOP.fullmatch(last) is not None and last not in _INNER
