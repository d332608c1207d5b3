"""A scripted GitHub, and a session that talks to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.adapters.github.session import Session
from bot.model.delivery import RepositoryRef
from tests.adapters.github.scripted import Scripted, scripted

TOKEN = "ghs_12_eyJhbGciOiJSUzI1NiJ9.eyJpYXQiOjE3OTU.c2lnbmF0dXJl-with_dots"
REPOSITORY = RepositoryRef(id=42, full_name="acme/shop", installation=77)


@pytest.fixture
def github() -> Iterator[Scripted]:
    with scripted() as script:
        yield script


@pytest.fixture
def session(github: Scripted) -> Iterator[Session]:
    found = Session(github.url, TOKEN, REPOSITORY, 0.0, 1)
    yield found
    found.close()
