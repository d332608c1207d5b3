"""detect-secrets' detectors are reached, and nothing but their patterns is used."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from bot.kubernetes.secret import classify
from bot.kubernetes.secret_form import _detectors
from tests.secrets.planted import ROWS


@pytest.mark.parametrize(("words", "detector"), _detectors(), ids=lambda value: str(value)[:30])
def test_each_detector_is_reached_by_a_planted_secret(words: str, detector: Any) -> None:
    known = [row for row in ROWS if row.want != "none" and any(detector.analyze_string(row.value))]
    assert known, words
    assert all(classify(row.name, row.value) for row in known)


def test_no_detector_reaches_for_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a detector opened a socket")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    token = "xo" + "xb-123456789012-123456789012-" + "a1b2" * 6
    assert classify("ANY", token).kind == "certain"
