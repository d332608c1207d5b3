"""What GitHub answers becomes what to do next; only reads are repeated, and nobody sleeps."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.adapters.github.session import Session
from bot.errors import (
    Gone,
    NotPermitted,
    PodsecError,
    RateLimited,
    Rejected,
    StaleToken,
    Unavailable,
)
from tests.adapters.github.conftest import REPOSITORY, TOKEN
from tests.adapters.github.scripted import Say, Scripted

SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try."
PRIMARY = "API rate limit exceeded for installation ID 77."
Act = Callable[[Session], Any]


def read(session: Session) -> Any:
    return session.get("/pulls/1")


def write(session: Session) -> Any:
    return session.post("/pulls", {"title": "x"})


def change(session: Session) -> Any:
    return session.patch("/pulls/1", {"title": "x"})


def dated(say: Say) -> Say:
    """An answer whose reset, written as +SECONDS, counts from now."""
    headers = {
        name: str(int(time.time()) + int(value)) if value.startswith("+") else value
        for name, value in say.headers.items()
    }
    return replace(say, headers=headers)


@pytest.mark.parametrize("act", [read, write, change])
@pytest.mark.parametrize(
    ("say", "pause"),
    [
        (Say(status=403, body={"message": SECONDARY}, headers={"Retry-After": "300"}), 300),
        (Say(status=403, body={"message": SECONDARY}, headers={"Retry-After": "1"}), 1),
        (Say(status=429, body={"message": SECONDARY}, headers={"Retry-After": "7"}), 7),
        (Say(status=403, body={"message": SECONDARY}), 60),
        (Say(status=429, body={"message": "slow down"}), 60),
        (Say(status=403, body={"message": PRIMARY}), 60),
        (Say(status=422, body={"message": "abuse: was submitted too quickly"}), 60),
        (
            Say(
                status=403,
                body={"message": PRIMARY},
                headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "+1800"},
            ),
            1_800,
        ),
        (
            Say(
                status=429,
                body={"message": PRIMARY},
                headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "+90"},
            ),
            90,
        ),
    ],
)
def test_a_rate_limit_is_a_pause_for_the_queue_and_none_for_the_worker(
    github: Scripted, session: Session, act: Act, say: Say, pause: float
) -> None:
    github.says(dated(say))
    began = time.monotonic()
    with pytest.raises(RateLimited) as raised:
        act(session)
    assert time.monotonic() - began < 0.9
    assert raised.value.retry_after == pytest.approx(pause, abs=10 if pause > 60 else 0)
    assert len(github.asked) == 1


@pytest.mark.parametrize("act", [write, change])
@pytest.mark.parametrize(
    "say",
    [
        *(Say(status=status, body={"message": "Server Error"}) for status in (500, 502, 503, 504)),
        Say(status=502, body=b"<html>Unicorn!</html>", headers={"Content-Type": "text/html"}),
        Say(status=201, body={"number": 1}, cut=True),
        Say(status=201, body=b'{"number": 1', headers={}),
        Say(status=201, body={"number": 1}, seconds=1.5),
    ],
)
def test_a_write_is_never_repeated(github: Scripted, session: Session, act: Act, say: Say) -> None:
    github.says(say, Say(body={"number": 2}))
    with pytest.raises(Unavailable):
        act(session)
    assert len(github.asked) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_read_is_repeated_three_times_at_most(
    github: Scripted, session: Session, status: int
) -> None:
    broken = Say(status=status, body={"message": "Server Error"})
    github.says(*[broken] * 3, Say(body={"number": 1}))
    assert read(session)["number"] == 1
    assert len(github.asked) == 4
    github.says(*[broken] * 4, Say(body={"number": 1}))
    with pytest.raises(Unavailable, match=str(status)):
        read(session)
    assert len(github.asked) == 8


def test_a_read_whose_connection_breaks_or_hangs_is_unavailable(
    github: Scripted, session: Session
) -> None:
    github.says(*[Say(body={"number": 1}, seconds=1.5)] * 4)
    with pytest.raises(Unavailable, match="does not answer"):
        read(session)
    assert len(github.asked) == 4


def test_nobody_listening_is_unavailable() -> None:
    session = Session("http://127.0.0.1:9", TOKEN, REPOSITORY, 0.0, 1)
    with pytest.raises(Unavailable, match="does not answer"):
        write(session)


@pytest.mark.parametrize("act", [read, write])
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, StaleToken),
        (403, NotPermitted),
        (404, Gone),
        (409, Unavailable),
        (410, Gone),
        (422, Rejected),
        (451, NotPermitted),
        (400, Rejected),
    ],
)
def test_each_answer_has_its_meaning(
    github: Scripted, session: Session, act: Act, status: int, error: type[PodsecError]
) -> None:
    github.says(Say(status=status, body={"message": "Said by GitHub", "errors": ["the line"]}))
    with pytest.raises(error) as raised:
        act(session)
    assert type(raised.value) is error
    assert f"GitHub answered {status} Said by GitHub" in str(raised.value)
    assert len(github.asked) == 1


@pytest.mark.parametrize(
    ("errors", "said"),
    [
        (["Line could not be resolved"], "Line could not be resolved"),
        ([{"resource": "PullRequest", "message": "No commits between"}], "No commits between"),
        ([{"resource": "Label", "code": "already_exists"}], "already_exists"),
        (None, "422 Validation Failed"),
    ],
)
def test_the_reasons_of_a_refusal_are_kept(
    github: Scripted, session: Session, errors: Any, said: str
) -> None:
    github.says(Say(status=422, body={"message": "Validation Failed", "errors": errors}))
    with pytest.raises(Rejected, match=said):
        write(session)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("RATE_LIMITED", RateLimited),
        ("FORBIDDEN", NotPermitted),
        ("NOT_FOUND", Gone),
        (None, Unavailable),
    ],
)
def test_graphqls_errors_come_with_200_and_have_their_meaning_too(
    github: Scripted, session: Session, kind: str | None, error: type[PodsecError]
) -> None:
    row = {"message": "Something went wrong"} | ({"type": kind} if kind else {})
    github.says(Say(body={"data": None, "errors": [row]}))
    with pytest.raises(error):
        session.graphql("query { viewer { login } }", {})
    assert len(github.asked) == 1


def test_requests_name_the_repository_by_id_and_the_version_of_the_api(
    github: Scripted, session: Session
) -> None:
    github.says(Say(body={}))
    read(session)
    (asked,) = github.asked
    assert asked.path == "/repositories/42/pulls/1"
    assert asked.headers["x-github-api-version"] == "2022-11-28"
    assert asked.headers["authorization"].endswith(TOKEN)


def test_lists_are_read_to_their_last_page(github: Scripted, session: Session) -> None:
    link = {"Link": f'<{github.url}/x?page=2>; rel="next"'}
    github.says(Say(body=[{"n": 1}], headers=link), Say(body=[{"n": 2}], headers=link))
    github.says(Say(body=[{"n": 3}]))
    assert [row["n"] for row in session.rows("/pulls/1/files")] == [1, 2, 3]
    assert [asked.path.partition("?")[2] for asked in github.asked] == [
        f"page={page}&per_page=100" for page in (1, 2, 3)
    ]


def test_a_token_stands_in_no_error_no_representation_and_no_log(
    github: Scripted, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    github.says(Say(status=403, body={"message": "Resource not accessible by integration"}))
    with pytest.raises(NotPermitted) as raised:
        write(session)
    shown = "".join(traceback.format_exception(raised.value)) + repr(session) + repr(vars(session))
    for text in (shown, caplog.text):
        assert TOKEN not in text
        assert TOKEN.rpartition(".")[2] not in text
