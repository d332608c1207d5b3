"""Tokens: for one repository, with what podsec needs and no more, asked for once an hour."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from bot.adapters.github import GitHubForges
from bot.adapters.github.tokens import PERMISSIONS, Tokens
from bot.errors import Gone, NotPermitted, RateLimited, StaleToken, Unavailable
from bot.model.delivery import RepositoryRef
from bot.sandbox.access import Access
from tests.adapters.github.conftest import REPOSITORY, TOKEN
from tests.adapters.github.scripted import Say, Scripted

KEY = Access(12, None).private_key_pem


def given(token: str = TOKEN, seconds: float = 3_600) -> Say:
    expires = datetime.now(UTC) + timedelta(seconds=seconds)
    return Say(
        status=201,
        body={"token": token, "expires_at": expires.strftime("%Y-%m-%dT%H:%M:%SZ")},
    )


@pytest.fixture
def tokens(github: Scripted) -> Tokens:
    return Tokens(12, KEY, github.url)


def test_a_token_is_narrowed_to_the_repository_and_to_what_podsec_needs(
    github: Scripted, tokens: Tokens
) -> None:
    github.says(given())
    assert tokens.token(77, 42) == TOKEN
    (asked,) = github.asked
    assert (asked.method, asked.path) == ("POST", "/app/installations/77/access_tokens")
    assert asked.body == {"repository_ids": [42], "permissions": PERMISSIONS}


def test_the_apps_own_word_is_short_lived_and_signed_by_its_key(
    github: Scripted, tokens: Tokens
) -> None:
    github.says(given())
    tokens.token(77, 42)
    word = github.asked[0].headers["authorization"].removeprefix("Bearer ")
    assert jwt.get_unverified_header(word)["alg"] == "RS256"
    claims = jwt.decode(word, options={"verify_signature": False})
    assert str(claims["iss"]) == "12"
    assert claims["iat"] <= time.time()
    assert claims["exp"] - time.time() <= 600


def test_a_token_is_kept_until_five_minutes_before_its_end(github: Scripted) -> None:
    now = time.time()
    clock = [now]
    tokens = Tokens(12, KEY, github.url, lambda: clock[0])
    github.says(given("first"), given("second", 7_200))
    assert [tokens.token(77, 42), tokens.token(77, 42)] == ["first", "first"]
    clock[0] = now + 3_600 - 290
    assert tokens.token(77, 42) == "second"
    assert len(github.asked) == 2


def test_each_repository_has_a_token_of_its_own(github: Scripted, tokens: Tokens) -> None:
    github.says(given("one"), given("other"))
    assert [tokens.token(77, 42), tokens.token(77, 43), tokens.token(77, 42)] == [
        "one",
        "other",
        "one",
    ]


def test_many_threads_ask_once(github: Scripted, tokens: Tokens) -> None:
    answer = given()
    answer.seconds = 0.2
    github.says(answer)
    barrier = threading.Barrier(8)

    def ask(_: int) -> str:
        barrier.wait()
        return tokens.token(77, 42)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {TOKEN}
    assert len(github.asked) == 1


def test_what_an_owner_has_not_accepted_is_not_asked_for(github: Scripted, tokens: Tokens) -> None:
    refused = Say(status=422, body={"message": "The permissions requested are not granted."})
    granted = {"contents": "read", "pull_requests": "write", "metadata": "read", "checks": "write"}
    github.says(refused, Say(body={"permissions": granted}), given())
    assert tokens.token(77, 42) == TOKEN
    assert github.asked[-1].body["permissions"] == {
        "contents": "read",
        "pull_requests": "write",
        "checks": "write",
    }


@pytest.mark.parametrize(
    ("status", "message", "error"),
    [
        (401, "A JSON web token could not be decoded", Unavailable),
        (403, "This installation has been suspended", NotPermitted),
        (404, "Not Found", Gone),
        (500, "Server Error", Unavailable),
    ],
)
def test_an_installation_that_gives_no_token_says_why(
    github: Scripted, tokens: Tokens, status: int, message: str, error: type[Exception]
) -> None:
    github.says(Say(status=status, body={"message": message}))
    with pytest.raises(error) as raised:
        tokens.token(77, 42)
    assert len(github.asked) == 1
    assert (message in str(raised.value)) or "PODSEC_PRIVATE_KEY" in str(raised.value)


def test_a_refused_token_is_not_used_again(github: Scripted) -> None:
    forges = GitHubForges(12, KEY, github.url, 0.0, 1)
    github.says(given("stale"), Say(status=401, body={"message": "Bad credentials"}))
    with pytest.raises(StaleToken), forges.open(REPOSITORY) as forge:
        forge.permission(REPOSITORY, "octo-dev")
    github.says(given("fresh"), Say(body={"permission": "write"}))
    with forges.open(REPOSITORY) as forge:
        assert forge.permission(REPOSITORY, "octo-dev") == "write"
    assert github.asked[-1].headers["authorization"].endswith("fresh")


def test_a_pause_holds_for_every_job_of_the_installation_and_for_no_other(
    github: Scripted,
) -> None:
    forges = GitHubForges(12, KEY, github.url, 0.0, 1)
    busy = {"message": "You have exceeded a secondary rate limit"}
    github.says(given(), Say(status=403, body=busy, headers={"Retry-After": "30"}))
    with pytest.raises(RateLimited), forges.open(REPOSITORY) as forge:
        forge.permission(REPOSITORY, "octo-dev")
    asked = len(github.asked)
    neighbour = RepositoryRef(id=43, full_name="acme/web", installation=77)
    with pytest.raises(RateLimited) as raised, forges.open(neighbour):
        pass
    assert raised.value.retry_after == pytest.approx(30, abs=2)
    assert len(github.asked) == asked
    stranger = RepositoryRef(id=44, full_name="other/web", installation=78)
    github.says(given())
    with forges.open(stranger):
        pass


def test_neither_key_nor_token_is_shown(
    github: Scripted, tokens: Tokens, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    github.says(given(), Say(status=500, body={"message": "Server Error"}))
    tokens.token(77, 42)
    with pytest.raises(Unavailable) as raised:
        tokens.token(77, 43)
    shown: list[Any] = ["".join(traceback.format_exception(raised.value)), repr(tokens)]
    for text in (*shown, caplog.text, repr(GitHubForges(12, KEY, github.url))):
        assert TOKEN not in text
        assert "PRIVATE KEY" not in text
        assert "eyJ" not in text
