"""One request at a time: the host is looked up, looked at, and that very address is spoken to.

A name that resolves differently a moment later (DNS rebinding) gains nothing, since nobody asks
again. Redirects are followed here, each looked at like the first. Proxies of the environment are
not used: behind one, the address could not be looked at.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import BinaryIO, Self
from urllib.parse import urljoin

from bot.errors import Malformed, Unavailable
from bot.http.address import Address, literal
from bot.http.hosts import Hosts, Target

Resolve = Callable[[str, int], Sequence[Address]]
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SECRET = frozenset({"authorization", "cookie"})
_CHUNK = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long a request may take in all, how much may come back, how often it is sent on."""

    seconds: float = 30
    most_bytes: int = 8_000_000
    redirects: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked. `public`: the host need not be listed if it is public."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    public: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What was answered; header names are in lower case. The body is empty where it was stored."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


def addresses_of(host: str, port: int) -> Sequence[Address]:
    """What a name resolves to, by the system's resolver. Raises OSError."""
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    known = (literal(str(info[4][0])) for info in found)
    return tuple(dict.fromkeys(address for address in known if address is not None))


class Client:
    """Requests to the hosts of a list. It keeps no state, so threads may share it."""

    def __init__(self, hosts: Hosts, resolve: Resolve = addresses_of) -> None:
        self.hosts = hosts
        self._resolve = resolve
        self._tls = ssl.create_default_context()

    def get(self, url: str, headers: Mapping[str, str], limits: Limits) -> Response:
        """Read what stands at a URL."""
        return self.send(Request(url=url, headers=headers), limits)

    def send(self, request: Request, limits: Limits, into: BinaryIO | None = None) -> Response:
        """Ask, and follow redirects of reads; a body goes `into` a file where one is given.

        Raises Unlisted before any packet to a host that may not be spoken to; Unavailable where
        the host cannot be reached or is too slow; Malformed for too much, or no HTTP.
        """
        deadline = time.monotonic() + limits.seconds
        origin = None
        for _ in range(limits.redirects + 1):
            target = self.hosts.target(request.url, public=request.public)
            if origin not in (None, target.origin):
                request = _without_secrets(request)
            origin = target.origin
            with _Watch(deadline) as watch:
                response = self._exchange(request, target, watch, limits.most_bytes, into)
            location = response.headers.get("location")
            is_sent_on = response.status in _REDIRECTS and request.method != "POST"
            if location is None or not is_sent_on:
                return response
            request = replace(request, url=urljoin(request.url, location), public=True)
        raise Malformed(f"{request.url.split('/')[2]} sends on and on")

    def checked(self, url: str, *, public: bool = False) -> Target:
        """A URL that another program is going to fetch: looked at as if it were fetched here."""
        target = self.hosts.target(url, public=public)
        with _Watch(time.monotonic() + Limits().seconds) as watch:
            self._addresses(target, watch)
        return target

    def _exchange(
        self,
        request: Request,
        target: Target,
        watch: _Watch,
        most_bytes: int,
        into: BinaryIO | None,
    ) -> Response:
        connection = http.client.HTTPConnection(target.host, target.port)
        connection.default_port = 443 if target.scheme == "https" else 80
        try:
            connection.sock = self._connect(target, watch)
            connection.request(
                request.method,
                target.path,
                body=request.body,
                headers={"Accept-Encoding": "identity", "User-Agent": "podsec", **request.headers},
            )
            answer = connection.getresponse()
            sink = into if answer.status == 200 else None
            body = _body(answer, most_bytes, sink)
            if watch.is_over:
                raise TimeoutError
        except (OSError, http.client.HTTPException, ValueError) as error:
            if watch.is_over or isinstance(error, TimeoutError):
                raise Unavailable(f"{target.host} was too slow") from error
            raise Unavailable(f"{target.host} cannot be reached: {_why(error)}") from error
        finally:
            connection.close()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Response(url=request.url, status=answer.status, headers=headers, body=body)

    def _connect(self, target: Target, watch: _Watch) -> socket.socket:
        """A connection to one of the addresses that were looked at, and to no other."""
        failure: OSError = OSError("no address")
        for address in self._addresses(target, watch):
            try:
                raw = socket.create_connection((str(address), target.port), watch.left)
            except OSError as error:
                failure = error
                continue
            watch.over(raw)
            if target.scheme == "http":
                return raw
            name = target.host.strip("[]")
            secure = self._tls.wrap_socket(raw, server_hostname=name, do_handshake_on_connect=False)
            watch.over(secure)
            secure.do_handshake()
            return secure
        raise failure

    def _addresses(self, target: Target, watch: _Watch) -> Sequence[Address]:
        """All addresses of a host, once podsec may speak to each of them."""
        written = literal(target.host)
        if written is not None:
            addresses: Sequence[Address] = (written,)
        else:
            try:
                addresses = watch.bounded(lambda: self._resolve(target.host, target.port))
            except OSError as error:
                raise Unavailable(f"{target.host} is not resolved: {_why(error)}") from error
        if not addresses:
            raise Unavailable(f"{target.host} has no address")
        self.hosts.demand_reachable(target, addresses)
        return addresses


def _without_secrets(request: Request) -> Request:
    """The request for another host: credentials stay with the one that they belong to."""
    kept = {name: value for name, value in request.headers.items() if name.lower() not in _SECRET}
    return replace(request, headers=kept)


def _body(answer: http.client.HTTPResponse, most_bytes: int, into: BinaryIO | None) -> bytes:
    parts: list[bytes] = []
    size = 0
    while chunk := answer.read(_CHUNK):
        size += len(chunk)
        if size > most_bytes:
            raise Malformed(f"the answer is larger than {most_bytes} bytes")
        if into is None:
            parts.append(chunk)
        else:
            into.write(chunk)
    if answer.length:
        raise http.client.IncompleteRead(b"", answer.length)
    return b"".join(parts)


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, http.client.HTTPException):
        return f"it does not speak HTTP ({type(error).__name__})"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


class _Watch:
    """A deadline over a whole exchange: at its end the socket is shut, whatever it waits for.

    A timeout of the socket alone bounds one read; a host that sends a byte now and then would
    never meet it.
    """

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(max(0.0, self.left), self._shut)
        self._timer.daemon = True
        self.is_over = False

    @property
    def left(self) -> float:
        """Seconds until the deadline, never nothing: zero would mean a socket that never waits."""
        return max(0.001, self._deadline - time.monotonic())

    def over(self, found: socket.socket) -> None:
        """Watch this socket."""
        found.settimeout(self.left)
        self._socket = found

    def bounded(self, work: Callable[[], Sequence[Address]]) -> Sequence[Address]:
        """The result of a call that cannot be interrupted, or OSError where it takes too long."""
        results: list[Sequence[Address]] = []
        errors: list[OSError] = []

        def attempt() -> None:
            try:
                results.append(work())
            except OSError as error:
                errors.append(error)

        thread = threading.Thread(target=attempt, daemon=True)
        thread.start()
        thread.join(self.left)
        if errors:
            raise errors[0]
        if not results:
            raise TimeoutError("the name was not resolved in time")
        return results[0]

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _shut(self) -> None:
        self.is_over = True
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
