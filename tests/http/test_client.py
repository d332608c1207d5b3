"""The guarded client, against servers on loopback."""

from __future__ import annotations

import datetime as dt
import io
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.errors import Malformed, Unavailable, Unlisted
from bot.http import Client, Hosts, Limits
from bot.http.address import Address
from bot.http.client import Request
from tests.http.guard import Packets, no_packet
from tests.http.serving import Answer, Asked, Server, serving

__all__ = ["no_packet"]
SHORT = Limits(seconds=5, most_bytes=1000)


def client(*servers: Server, **names: str) -> Client:
    """A client that may speak to some servers; `names` resolve as given."""
    listed = [f"http://127.0.0.1:{server.port}" for server in servers]

    def resolve(host: str, port: int) -> Sequence[Address]:
        if host not in names:
            raise OSError(f"no such host: {host}")
        return (ip_address(names[host]),)

    return Client(
        Hosts([*listed, *(f"http://{name}:{servers[0].port}" for name in names)]), resolve
    )


def test_an_answer_comes_with_status_headers_and_body() -> None:
    with serving(lambda _: Answer(status=404, body=b"no", headers={"X-Why": "gone"})) as server:
        answer = client(server).get(f"{server.url}/a?n=1", {"Accept": "x/y"}, SHORT)
    assert (answer.status, answer.body, answer.headers["x-why"]) == (404, b"no", "gone")
    assert server.asked[0].path == "/a?n=1"
    assert server.asked[0].headers["accept"] == "x/y"
    assert server.asked[0].headers["host"] == server.host


def test_a_name_is_asked_for_once_and_its_address_is_the_one_spoken_to() -> None:
    asked = []

    def resolve(host: str, port: int) -> Sequence[Address]:
        asked.append(host)  # a rebinding server would answer differently the second time
        return (ip_address("127.0.0.1" if len(asked) == 1 else "10.0.0.1"),)

    with serving(lambda _: Answer(body=b"ok")) as server:
        hosts = Hosts([f"http://registry.example.com:{server.port}"])
        url = f"http://registry.example.com:{server.port}/v2/"
        assert Client(hosts, resolve).get(url, {}, SHORT).body == b"ok"
    assert asked == ["registry.example.com"]
    assert server.asked[0].headers["host"] == f"registry.example.com:{server.port}"


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "0.0.0.0"])
def test_a_public_name_that_leads_inside_is_not_connected_to(
    address: str, no_packet: Packets
) -> None:
    inside = Client(Hosts(["*"]), lambda host, port: (ip_address(address),))
    with pytest.raises(Unlisted, match="not public"):
        inside.get("https://rebinding.example.net/v2/", {}, SHORT)
    with pytest.raises(Unlisted, match="not public"):
        inside.checked("https://rebinding.example.net/v2/app/blobs/x")


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/latest/meta-data/",
        "https://localhost/",
        "http://127.0.0.1:1/",
        "https://metadata.google.internal/",
        "file:///etc/passwd",
        "//10.0.0.1/",
        "https://user:pass@10.0.0.1/",
    ],
)
def test_a_redirect_is_looked_at_like_the_first_address(location: str) -> None:
    with (
        serving(lambda _: Answer(status=302, headers={"Location": location})) as server,
        pytest.raises(Unlisted),
    ):
        client(server).get(server.url, {}, SHORT)
    assert len(server.asked) == 1


def test_credentials_stay_with_their_host() -> None:
    def first(asked: Asked) -> Answer:
        onward = f"{second_server.url}/blob" if asked.path == "/away" else "/away"
        return Answer(status=307, headers={"Location": onward})

    with serving(lambda _: Answer(body=b"blob")) as second_server, serving(first) as server:
        secret = {"Authorization": "Bearer t", "Cookie": "c", "Accept": "*/*"}
        answer = client(server, second_server).get(f"{server.url}/start", secret, SHORT)
    assert answer.body == b"blob"
    assert [("authorization" in one.headers) for one in server.asked] == [True, True]
    (last,) = second_server.asked
    assert "authorization" not in last.headers
    assert "cookie" not in last.headers
    assert last.headers["accept"] == "*/*"


def test_redirects_come_to_an_end() -> None:
    with (
        serving(lambda _: Answer(status=302, headers={"Location": "/again"})) as server,
        pytest.raises(Malformed, match="on and on"),
    ):
        client(server).get(server.url, {}, Limits(redirects=3))
    assert len(server.asked) == 4


def test_a_write_is_not_sent_on() -> None:
    with serving(lambda _: Answer(status=302, headers={"Location": "/again"})) as server:
        answer = client(server).send(Request(url=server.url, method="POST", body=b"x"), SHORT)
    assert answer.status == 302
    assert [one.body for one in server.asked] == [b"x"]


def test_too_much_is_refused() -> None:
    with (
        serving(lambda _: Answer(body=b"x" * 1001)) as server,
        pytest.raises(Malformed, match="larger than 1000 bytes"),
    ):
        client(server).get(server.url, {}, SHORT)


def test_a_body_that_is_cut_off_is_no_answer() -> None:
    with (
        serving(lambda _: Answer(body=b"half", length=8)) as server,
        pytest.raises(Unavailable, match="IncompleteRead"),
    ):
        client(server).get(server.url, {}, SHORT)


def test_a_body_can_go_into_a_file() -> None:
    def answer(asked: Asked) -> Answer:
        return Answer(body=b"layer") if asked.path == "/blob" else Answer(status=404, body=b"no")

    with serving(answer) as server:
        into = io.BytesIO()
        found = client(server).send(Request(url=f"{server.url}/blob"), SHORT, into)
        missing = client(server).send(Request(url=f"{server.url}/other"), SHORT, into)
    assert (found.body, missing.body, into.getvalue()) == (b"", b"no", b"layer")


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"])
def test_a_host_that_sends_a_byte_now_and_then_is_given_up(said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        stopped = threading.Event()

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.sendall(said)
                for _ in range(60):
                    if stopped.wait(0.05):
                        return
                    try:
                        connection.sendall(b"H")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        port = listening.getsockname()[1]
        started = time.monotonic()
        slow = Client(Hosts([f"http://127.0.0.1:{port}"]))
        with pytest.raises(Unavailable, match="too slow"):
            slow.get(f"http://127.0.0.1:{port}/", {}, Limits(seconds=0.4))
        assert time.monotonic() - started < 2
        stopped.set()
        thread.join()


def test_a_resolver_that_does_not_answer_is_given_up() -> None:
    stopped = threading.Event()

    def resolve(host: str, port: int) -> Sequence[Address]:
        stopped.wait(5)
        return ()

    started = time.monotonic()
    with pytest.raises(Unavailable):
        Client(Hosts(["*"]), resolve).get("https://slow.example.net/", {}, Limits(seconds=0.3))
    stopped.set()
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("said", [b"nonsense\r\n\r\n", b"\x16\x03\x01", b""])
def test_what_is_no_http_is_said(said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def talk() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(said)

        thread = threading.Thread(target=talk)
        thread.start()
        port = listening.getsockname()[1]
        with pytest.raises(Unavailable, match="does not speak HTTP"):
            Client(Hosts([f"http://127.0.0.1:{port}"])).get(f"http://127.0.0.1:{port}/", {}, SHORT)
        thread.join()


def test_a_port_where_nobody_listens_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(Unavailable, match="cannot be reached: Connection refused"):
        Client(Hosts([f"http://127.0.0.1:{port}"])).get(f"http://127.0.0.1:{port}/", {}, SHORT)


@pytest.mark.parametrize("text", ["a\r\nX: y", "a\nb"])
def test_a_header_cannot_bring_another(text: str) -> None:
    with serving(lambda _: Answer()) as server, pytest.raises(Unavailable):
        client(server).get(server.url, {"Accept": text}, SHORT)
    assert server.asked == []


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A key and a self-signed certificate of a name."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret, public = folder / "key.pem", folder / "certificate.pem"
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return secret, public


def test_tls_is_checked_for_the_name_though_an_address_is_spoken_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, public = certificate(tmp_path, "registry.example.com")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(public, secret)
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    with serving(lambda _: Answer(body=b"ok"), tls) as server:
        names = [f"{name}.example.com:{server.port}" for name in ("registry", "other")]
        secure = Client(Hosts(names), lambda host, port: (ip_address("127.0.0.1"),))
        assert secure.get(f"https://{names[0]}/", {}, SHORT).body == b"ok"
        with pytest.raises(Unavailable, match="certificate is not trusted"):
            secure.get(f"https://{names[1]}/", {}, SHORT)
    assert len(server.asked) == 1
