"""A guard that lets no packet out, and tells that one was tried."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest


class Packets:
    """What was tried, one line each."""

    def __init__(self) -> None:
        self.tried: list[str] = []

    def refuse(self, name: str) -> Any:
        def refused(*arguments: Any, **_: Any) -> Any:
            self.tried.append(f"{name}{arguments[-2:]}")
            raise AssertionError(f"a packet was tried: {self.tried[-1]}")

        return refused


@pytest.fixture
def no_packet(monkeypatch: pytest.MonkeyPatch) -> Iterator[Packets]:
    """No connection, no datagram, no look-up of a name, no program."""
    packets = Packets()
    for name in ("connect", "connect_ex", "sendto", "sendmsg"):
        monkeypatch.setattr(socket.socket, name, packets.refuse(name), raising=True)
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "create_connection"):
        monkeypatch.setattr(socket, name, packets.refuse(name))
    monkeypatch.setattr("subprocess.Popen", packets.refuse("Popen"))
    yield packets
    assert packets.tried == []
