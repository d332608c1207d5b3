"""What the webhook takes, what it refuses with one line, and that nothing refused is stored."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from bot.web import application
from bot.workflows.route import route
from tests.fakes.jobs import FakeJobs
from tests.web.asgi import GONE, Answer, ask, live_and_end

SECRET, OLD_SECRET = "the one that holds", "the one before"
LIMIT = 10_000
BODY = b'{ "action" : "opened",\n "zen": "\\u00e9" }'


def signature(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def headers(body: bytes = BODY, **changed: str | None) -> dict[str, str]:
    found = {
        "content-type": "application/json",
        "x-github-event": "pull_request",
        "x-github-delivery": str(uuid.uuid4()),
        "x-hub-signature-256": signature(body),
    }
    for name, value in changed.items():
        key = name.replace("_", "-")
        if value is None:
            del found[key]
        else:
            found[key] = value
    return found


@pytest.fixture
def jobs() -> FakeJobs:
    return FakeJobs()


Post = Callable[..., Answer]


def posting(jobs: FakeJobs, *secrets: str) -> Post:
    app = application(jobs, secrets, LIMIT, 7.0)

    def post(body: bytes | Iterable[bytes] = BODY, sent: dict[str, str] | None = None) -> Answer:
        return ask(app, "POST", "/webhook", headers() if sent is None else sent, body)

    return post


@pytest.fixture
def post(jobs: FakeJobs) -> Post:
    return posting(jobs, SECRET, OLD_SECRET)


def test_each_of_githubs_events_is_stored_and_answered_and_so_is_one_that_nobody_knows(
    shared: Path, jobs: FakeJobs
) -> None:
    examples = json.loads((shared / "contract" / "webhooks-examples.json").read_bytes())
    sent = [(event["name"], payload) for event in examples for payload in event["examples"]]
    sent.append(("event_of_tomorrow", {"action": "invented", "installation": {"id": 1}}))
    app = application(jobs, (SECRET,), 10_000_000, 7.0)
    for event, payload in sent:
        body = json.dumps(payload).encode()
        answer = ask(app, "POST", "/webhook", headers(body, x_github_event=event), body)
        assert answer.status == (200 if event == "ping" else 202), event
    assert {delivery.event for delivery in jobs.deliveries.values()} == {n for n, _ in sent} - {
        "ping"
    }
    assert route(jobs.deliveries.popitem()[1]) == ()


def test_a_signed_delivery_is_stored_and_answered_202(post: Post, jobs: FakeJobs) -> None:
    sent = headers()
    answer = post(BODY, sent)
    assert (answer.status, answer.text) == (202, "accepted\n")
    (delivery,) = jobs.deliveries.values()
    assert delivery.id == sent["x-github-delivery"]
    assert (delivery.event, delivery.payload) == ("pull_request", json.loads(BODY))


def test_the_same_delivery_again_is_answered_202_and_stored_once(
    post: Post, jobs: FakeJobs
) -> None:
    sent = headers()
    post(BODY, sent)
    assert post(BODY, sent).text == "known\n"
    assert len(jobs.deliveries) == 1


@pytest.mark.parametrize(
    ("status", "body", "changed"),
    [
        (401, BODY, {"x_hub_signature_256": None}),
        (401, BODY, {"x_hub_signature_256": ""}),
        (401, BODY, {"x_hub_signature_256": signature(BODY, "another secret")}),
        (401, BODY, {"x_hub_signature_256": signature(BODY).removeprefix("sha256=")}),
        (401, BODY, {"x_hub_signature_256": signature(BODY).upper()}),
        (401, BODY, {"x_hub_signature_256": signature(json.dumps(json.loads(BODY)).encode())}),
        (401, BODY, {"x_hub_signature_256": "sha1=" + hashlib.sha1(BODY).hexdigest()}),
        (401, b"", {"x_hub_signature_256": signature(BODY)}),
        (413, b" " * (LIMIT + 1), {}),
        (413, BODY, {"content_length": "9" * 30}),
        (400, BODY, {"content_length": "-1"}),
        (400, b"{", {}),
        (400, b"[1]", {}),
        (400, b'"text"', {}),
        (400, b"\xff\xfe{}", {}),
        (400, b"[" * 5_000, {}),
        (400, b'{"n": ' + b"9" * 5_000 + b"}", {}),
        (400, BODY, {"x_github_delivery": None}),
        (400, BODY, {"x_github_delivery": "../../etc/passwd"}),
        (400, BODY, {"x_github_delivery": "a" * 65}),
        (400, BODY, {"x_github_event": None}),
        (400, BODY, {"x_github_event": "Pull Request"}),
        (415, BODY, {"content_type": "application/x-www-form-urlencoded"}),
        (415, BODY, {"content_type": None}),
    ],
)
def test_what_is_not_right_is_refused_with_one_line_and_not_stored(
    post: Post, jobs: FakeJobs, status: int, body: bytes, changed: dict[str, str | None]
) -> None:
    answer = post(body, headers(body, **changed))
    assert answer.status == status
    assert answer.text.endswith("\n")
    assert answer.text.count("\n") == 1
    assert len(answer.text) > 10
    assert jobs.deliveries == {}


def test_a_body_of_unknown_length_is_cut_off_at_the_limit(post: Post, jobs: FakeJobs) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b" " * 1_000

    answer = post(endless(), {"transfer-encoding": "chunked"})
    assert answer.status == 413
    assert answer.parts == LIMIT // 1_000 + 1
    assert jobs.deliveries == {}


def test_a_body_that_breaks_off_is_not_stored(post: Post, jobs: FakeJobs) -> None:
    assert post(iter([BODY[:5], GONE]), headers()).status == 400
    assert jobs.deliveries == {}


def test_a_declared_body_that_is_too_large_is_not_even_read(post: Post) -> None:
    answer = post(BODY, headers(content_length=str(LIMIT + 1)))
    assert (answer.status, answer.parts) == (413, 0)


def test_a_chunked_delivery_within_the_limit_is_taken(post: Post, jobs: FakeJobs) -> None:
    def chunks() -> Iterator[bytes]:
        yield BODY[:7]
        yield BODY[7:]

    answer = post(chunks(), headers())
    assert answer.status == 202
    assert len(jobs.deliveries) == 1


def test_githubs_own_example_of_a_signature_holds(jobs: FakeJobs) -> None:
    # GitHub, "Validating webhook deliveries", "Testing the webhook payload validation"
    secret, body = "It's a Secret to Everybody", b"Hello, World!"
    given = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    answer = posting(jobs, secret)(body, headers(body, x_hub_signature_256=given))
    assert (answer.status, answer.text) == (400, "the body is not JSON\n")


def test_while_secrets_are_rotated_each_of_them_holds(post: Post, jobs: FakeJobs) -> None:
    for secret in (SECRET, OLD_SECRET):
        sent = headers(x_hub_signature_256=signature(BODY, secret))
        assert post(BODY, sent).status == 202
    assert len(jobs.deliveries) == 2


def test_every_secret_is_compared_in_constant_time_whichever_holds(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[bytes, bytes]] = []
    real = hmac.compare_digest

    def counting(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return real(one, other)

    monkeypatch.setattr(hmac, "compare_digest", counting)
    for secret in (SECRET, OLD_SECRET, "neither"):
        compared.clear()
        sent = headers(x_hub_signature_256=signature(BODY, secret))
        post(BODY, sent)
        assert [other for _, other in compared] == [signature(BODY, secret).encode()] * 2


def test_a_store_that_does_not_answer_gives_503_so_that_github_may_be_asked_again() -> None:
    answer = posting(FakeJobs(down=True), SECRET)(BODY)
    assert (answer.status, answer.text) == (503, "the job store does not answer\n")


def test_a_ping_is_answered_and_not_stored(post: Post, jobs: FakeJobs) -> None:
    answer = post(BODY, headers(x_github_event="ping"))
    assert (answer.status, answer.text) == (200, "pong\n")
    assert jobs.deliveries == {}


def test_an_unsigned_ping_is_refused_too(post: Post) -> None:
    sent = headers(x_github_event="ping", x_hub_signature_256=None)
    assert post(BODY, sent).status == 401


def test_only_the_webhook_and_the_probes_answer(jobs: FakeJobs) -> None:
    app = application(jobs, (SECRET,), LIMIT, 7.0)
    assert ask(app, "GET", "/webhook").status == 405
    for path in ("/", "/docs", "/openapi.json", "/metrics"):
        assert ask(app, "GET", path).status == 404
    assert ask(app, "GET", "/healthz").text == "ok\n"
    assert ask(app, "GET", "/readyz").status == 200


def test_a_store_that_is_down_makes_the_bot_live_but_not_ready() -> None:
    app = application(FakeJobs(down=True), (SECRET,), LIMIT, 7.0)
    assert ask(app, "GET", "/healthz").status == 200
    assert ask(app, "GET", "/readyz").status == 503


def test_the_end_of_the_server_drains_the_jobs(jobs: FakeJobs) -> None:
    app = application(jobs, (SECRET,), LIMIT, 7.0)
    assert live_and_end(app) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert jobs.stopped_with == 7.0
