"""Where GitHub is strict, the sandbox is: a bot that works here has no habit that fails there."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.sandbox.conftest import NEW, OLD, SECRET, Hub


def at(line: int, **more: Any) -> dict[str, Any]:
    return {"path": "a.txt", "line": line, "side": "RIGHT", "body": "words"} | more


def line_of(text: str, wanted: str) -> int:
    return text.split("\n").index(wanted) + 1


# reviews


def test_a_comment_on_a_line_of_the_diff_stands(hub: Hub) -> None:
    for line in (1, 2, 5):  # context counts as the diff, too
        assert hub.review(at(line)).status_code == 200
    comments = hub.repository.review_comments(hub.number)
    assert [comment["line"] for comment in comments] == [1, 2, 5]


@pytest.mark.parametrize(
    ("comment", "says"),
    [
        (at(15), "Line could not be resolved"),
        (at(999), "Line could not be resolved"),
        (at(2, path="absent.txt"), "Path could not be resolved"),
        (at(2, body=""), "Body can't be blank"),
        (at(2, start_line=2, start_side="RIGHT"), "start line must precede the end line"),
        (at(3, start_line=20, start_side="RIGHT"), "start line must precede the end line"),
        (at(34, start_line=2, start_side="RIGHT"), "must be part of the same hunk"),
        (at(34, start_line=15, start_side="RIGHT"), "Start line could not be resolved"),
    ],
)
def test_a_comment_off_the_diff_refuses_the_whole_review(
    hub: Hub, comment: dict[str, Any], says: str
) -> None:
    answer = hub.review(at(2), comment)
    assert answer.status_code == 422
    assert says in answer.json()["errors"][0]
    assert hub.repository.reviews(hub.number) == []
    assert hub.repository.review_comments(hub.number) == []


def test_several_reasons_come_as_one_sentence_without_an_index(hub: Hub) -> None:
    answer = hub.review(at(15), at(2, path="absent.txt"))
    (reason,) = answer.json()["errors"]
    assert reason == "Line could not be resolved, and Path could not be resolved"


def test_a_person_has_one_pending_review_and_it_blocks_the_next(hub: Hub) -> None:
    pending = hub.review(at(2), event=None, body="")
    assert (pending.status_code, pending.json()["state"]) == (200, "PENDING")
    answer = hub.review(at(2))
    assert answer.status_code == 422
    assert "one pending review" in answer.json()["errors"][0]
    path = f"{hub.home}/pulls/{hub.number}/reviews/{pending.json()['id']}"
    assert hub.ask("DELETE", path).status_code == 200
    assert hub.review(at(2)).status_code == 200


def test_a_submitted_review_cannot_be_deleted(hub: Hub) -> None:
    number = hub.review(at(2)).json()["id"]
    answer = hub.ask("DELETE", f"{hub.home}/pulls/{hub.number}/reviews/{number}")
    assert answer.status_code == 422


@pytest.mark.parametrize("where", ["body", "comment"])
def test_a_body_has_a_limit(hub: Hub, where: str) -> None:
    long = "x" * 65_537
    answer = hub.review(at(2, body=long)) if where == "comment" else hub.review(body=long)
    assert answer.status_code == 422
    assert "too long" in str(answer.json())


def test_a_commit_that_is_not_of_the_pull_request_takes_no_review(hub: Hub) -> None:
    assert hub.review(at(2), commit_id="0" * 40).status_code == 422


def test_a_comment_whose_line_goes_away_is_outdated(hub: Hub) -> None:
    hub.review(at(2), at(5))
    hub.repository.commit("feature", {"a.txt": NEW.replace("TWO", "2")}, "Again")
    changed, kept = hub.repository.review_comments(hub.number)
    assert (changed["line"], changed["position"], changed["original_line"]) == (None, None, 2)
    assert kept["line"] == 5


# checks


def check(hub: Hub, **changed: Any) -> Any:
    body = {"name": "podsec", "head_sha": hub.head, "conclusion": "neutral"} | changed
    given = {key: value for key, value in body.items() if value is not None}
    return hub.ask("POST", f"{hub.home}/check-runs", given)


def notes(count: int) -> dict[str, Any]:
    row = {"path": "a.txt", "start_line": 1, "end_line": 1, "annotation_level": "warning"}
    listed = [row | {"message": str(n)} for n in range(count)]
    return {"title": "t", "summary": "s", "annotations": listed}


def test_fifty_annotations_fit_into_a_call_and_more_are_added_by_the_next(hub: Hub) -> None:
    assert check(hub, output=notes(51)).status_code == 422
    made = check(hub, output=notes(50))
    assert made.status_code == 201
    path = f"{hub.home}/check-runs/{made.json()['id']}"
    assert hub.ask("PATCH", path, {"output": notes(50)}).status_code == 200
    assert hub.ask("GET", path).json()["output"]["annotations_count"] == 100


def test_a_summary_is_counted_in_bytes(hub: Hub) -> None:
    output = {"title": "t", "summary": "é" * 40_000}
    assert check(hub, output=output).status_code == 422


def test_only_an_app_makes_check_runs(hub: Hub) -> None:
    hub.repository.set_permission("octo-dev", "write")
    hub.ask.token = hub.sandbox.person("octo-dev")
    assert check(hub).status_code == 403


def test_a_completed_check_run_has_a_conclusion_and_a_known_head(hub: Hub) -> None:
    assert check(hub, conclusion=None, status="completed").status_code == 422
    assert check(hub, head_sha="0" * 40).status_code == 422


# who calls


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": int(time.time()) - 10},
        {"exp": int(time.time()) + 100_000},
        {"exp": None},
        {"iat": int(time.time()) + 100_000},
        {"iat": None},
    ],
)
def test_an_apps_word_must_be_fresh_and_short_lived(hub: Hub, changed: dict[str, Any]) -> None:
    answer = hub.ask("GET", "/app", token=hub.app_word(**changed))
    assert answer.status_code == 401
    assert "claim" in answer.json()["message"]


def test_an_apps_word_must_be_signed_by_its_key_with_rs256(hub: Hub) -> None:
    claims = {"iss": "1", "iat": int(time.time()) - 60, "exp": int(time.time()) + 300}
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    forged = [
        jwt.encode(claims, stranger, algorithm="RS256"),
        jwt.encode(claims, hub.sandbox.private_key_pem, algorithm="RS512"),
        jwt.encode(claims, "a password that is long enough to be one", algorithm="HS256"),
        jwt.encode(claims, "", algorithm="none"),
    ]
    for word in forged:
        assert hub.ask("GET", "/app", token=word).status_code == 401
    assert hub.ask("GET", "/app", token=hub.app_word(iss="2")).status_code == 404
    assert hub.ask("GET", "/app", token=hub.app_word()).status_code == 200


def test_unknown_and_expired_tokens_are_bad_credentials(hub: Hub) -> None:
    assert hub.ask("GET", hub.home, token="ghs_" + "x" * 36).status_code == 401
    hub.sandbox.expire_tokens()
    answer = hub.ask("GET", hub.home)
    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")


def test_a_revoked_token_is_bad_and_the_others_are_not(hub: Hub) -> None:
    other = hub.token()
    assert hub.ask("DELETE", "/installation/token").status_code == 204
    assert hub.ask("GET", hub.home).status_code == 401
    assert hub.ask("GET", hub.home, token=other).status_code == 200


def test_tokens_come_in_the_short_and_in_the_long_form(hub: Hub) -> None:
    lengths = {len(hub.token()) for _ in range(4)}
    assert min(lengths) == 40
    assert max(lengths) > 400


def test_a_permission_that_is_missing_is_a_403_and_nothing_happens(hub: Hub) -> None:
    hub.ask.token = hub.token(contents="read", pull_requests="read", checks="read", issues="read")
    tries = [
        hub.review(at(2)),
        check(hub),
        hub.ask("POST", f"{hub.home}/issues/{hub.number}/comments", {"body": "x"}),
        hub.ask("POST", f"{hub.home}/git/refs", {"ref": "refs/heads/x", "sha": hub.head}),
        hub.ask("PATCH", f"{hub.home}/pulls/{hub.number}", {"title": "mine"}),
    ]
    assert {answer.status_code for answer in tries} == {403}
    assert {a.json()["message"] for a in tries} == {"Resource not accessible by integration"}
    assert hub.repository.reviews(hub.number) == []


def test_more_than_was_granted_is_not_given(hub: Hub) -> None:
    path = "/app/installations/77/access_tokens"
    for wanted in ({"administration": "write"}, {"contents": "admin"}, {"contents": "everything"}):
        answer = hub.ask("POST", path, {"permissions": wanted}, token=hub.app_word())
        assert answer.status_code == 422


def test_a_narrowed_token_does_not_see_other_repositories(hub: Hub) -> None:
    other = hub.sandbox.create_repository("acme/other", {"x": "y"})
    ids = hub.ask("GET", hub.home).json()["id"]
    path = "/app/installations/77/access_tokens"
    given = hub.ask("POST", path, {"repository_ids": [ids]}, token=hub.app_word()).json()
    hub.ask.token = given["token"]
    assert hub.ask("GET", hub.home).status_code == 200
    assert hub.ask("GET", f"/repos/{other.full_name}").status_code == 404


def test_a_suspended_installation_is_refused(hub: Hub) -> None:
    hub.sandbox.suspend()
    assert hub.ask("GET", hub.home).status_code == 403
    path = "/app/installations/77/access_tokens"
    assert hub.ask("POST", path, {}, token=hub.app_word()).status_code == 403


# limits and headers


def test_every_answer_counts_requests(hub: Hub) -> None:
    first, second = (hub.ask("GET", hub.home).headers for _ in range(2))
    assert int(first["X-RateLimit-Remaining"]) == int(second["X-RateLimit-Remaining"]) + 1
    assert int(first["X-RateLimit-Reset"]) > time.time()
    assert first["X-RateLimit-Limit"] == "5000"
    assert first["X-GitHub-Api-Version-Selected"] == "2022-11-28"


def test_a_used_up_budget_is_a_403_with_its_reset(hub: Hub) -> None:
    hub.sandbox.exhaust(100)
    answer = hub.ask("GET", hub.home)
    assert answer.status_code == 403
    assert answer.json()["message"].startswith("API rate limit exceeded")
    assert answer.headers["X-RateLimit-Remaining"] == "0"
    assert 90 < int(answer.headers["X-RateLimit-Reset"]) - time.time() < 102


def test_an_unchanged_answer_is_a_304_and_costs_nothing(hub: Hub) -> None:
    first = hub.ask("GET", f"{hub.home}/pulls/{hub.number}/files")
    again = hub.ask(
        "GET", f"{hub.home}/pulls/{hub.number}/files", If_None_Match=first.headers["ETag"]
    )
    assert again.status_code == 304
    after = hub.ask("GET", f"{hub.home}/pulls/{hub.number}/files")
    left = [int(a.headers["X-RateLimit-Remaining"]) for a in (first, after)]
    assert left[1] == left[0] - 1


def test_lists_come_in_pages_of_a_hundred_at_most(hub: Hub) -> None:
    files = {f"f{index:03}.txt": "x\n" for index in range(130)}
    hub.repository.commit("many", files, "Many")
    number = hub.repository.open_pull(head="many", base="main", title="Many")
    path = f"{hub.home}/pulls/{number}/files"
    assert len(hub.ask("GET", path).json()) == 30
    page = hub.ask("GET", f"{path}?per_page=500")
    assert len(page.json()) == 100
    assert 'rel="next"' in page.headers["Link"]
    last = hub.ask("GET", f"{path}?per_page=100&page=2")
    assert len(last.json()) == 30
    assert 'rel="next"' not in last.headers["Link"]


# webhooks


def test_deliveries_are_signed_and_a_redelivery_keeps_its_guid(hub: Hub) -> None:
    hub.repository.comment(hub.number, "words")
    wait(hub, 2)
    hub.sandbox.redeliver(hub.received[-1]["headers"]["x-github-delivery"])
    wait(hub, 3)
    for got in hub.received:
        digest = hmac.new(SECRET.encode(), got["raw"], hashlib.sha256).hexdigest()
        assert got["headers"]["x-hub-signature-256"] == f"sha256={digest}"
        assert got["headers"]["user-agent"].startswith("GitHub-Hookshot/")
    opened, comment, again = hub.received
    assert opened["headers"]["x-github-event"] == "pull_request"
    assert opened["payload"]["action"] == "opened"
    assert comment["headers"]["x-github-delivery"] == again["headers"]["x-github-delivery"]
    assert comment["payload"] == again["payload"]


def wait(hub: Hub, count: int) -> None:
    deadline = time.monotonic() + 20
    while len(hub.received) < count or not hub.sandbox.delivered():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_app_can_list_deliveries_and_ask_for_one_again(hub: Hub) -> None:
    wait(hub, 1)
    rows = hub.ask("GET", "/app/hook/deliveries", token=hub.app_word()).json()
    (row,) = [row for row in rows if row["event"] != "push"]
    path = f"/app/hook/deliveries/{row['id']}/attempts"
    assert hub.ask("POST", path, token=hub.app_word()).status_code == 202
    wait(hub, 2)
    assert {got["headers"]["x-github-delivery"] for got in hub.received} == {row["guid"]}


# repositories, refs, pull requests


def test_a_former_name_redirects_reads_and_writes_each_in_its_way(hub: Hub) -> None:
    hub.repository.rename("boutique")
    read = hub.ask("GET", f"/repos/acme/shop/pulls/{hub.number}")
    write = hub.ask("POST", f"/repos/acme/shop/issues/{hub.number}/comments", {"body": "x"})
    assert (read.status_code, write.status_code) == (301, 307)
    place = read.headers["Location"].removeprefix(hub.url)
    assert hub.ask("GET", place).json()["number"] == hub.number


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("/git/refs", {"ref": "refs/heads/feature", "sha": "HEAD"}, "Reference already exists"),
        ("/git/refs", {"ref": "refs/heads/x", "sha": "0" * 40}, "Object does not exist"),
        ("/git/refs", {"ref": "x", "sha": "HEAD"}, "must start with 'refs/'"),
        ("/git/commits", {"message": "m", "tree": "0" * 40}, "Tree SHA does not exist"),
        ("/pulls", {"title": "t", "head": "feature", "base": "main"}, "already exists"),
        ("/pulls", {"title": "t", "head": "main", "base": "main"}, "No commits between"),
        ("/pulls", {"title": "t", "head": "absent", "base": "main"}, "Validation Failed"),
    ],
)
def test_what_cannot_be_is_a_422_with_githubs_words(
    hub: Hub, path: str, body: dict[str, Any], says: str
) -> None:
    sent = {key: hub.head if value == "HEAD" else value for key, value in body.items()}
    answer = hub.ask("POST", hub.home + path, sent)
    assert answer.status_code == 422
    assert says in answer.text


def test_a_branch_moves_backwards_by_force_alone(hub: Hub) -> None:
    base = hub.repository.pull(hub.number)["base"]["sha"]
    path = f"{hub.home}/git/refs/heads/feature"
    assert hub.ask("PATCH", path, {"sha": base}).status_code == 422
    assert hub.ask("PATCH", path, {"sha": base, "force": True}).status_code == 200
    assert hub.head == base


def test_mergeable_is_unknown_at_first(hub: Hub) -> None:
    hub.repository.commit("fresh", {"c.txt": "c\n"}, "Fresh")
    body = {"title": "t", "head": "fresh", "base": "main"}
    made = hub.ask("POST", f"{hub.home}/pulls", body).json()
    path = f"{hub.home}/pulls/{made['number']}"
    found = [made, hub.ask("GET", path).json(), hub.ask("GET", path).json()]
    assert [pull["mergeable"] for pull in found] == [None, None, True]


def test_a_suggestion_replaces_its_lines_and_one_that_changes_nothing_is_no_button(
    hub: Hub,
) -> None:
    from bot.sandbox.world import Refusal

    hub.review(
        at(3, start_line=2, start_side="RIGHT", body="```suggestion\nII\nIII\n```"),
        at(1, body="```suggestion\none\n```"),
        at(5, body="no suggestion"),
    )
    good, same, none = hub.repository.review_comments(hub.number)
    for refused in (same, none):
        with pytest.raises(Refusal):
            hub.repository.apply_suggestion(hub.number, refused["id"])
    hub.repository.apply_suggestion(hub.number, good["id"])
    text = (hub.repository.read("feature", "a.txt") or b"").decode()
    assert text.startswith("one\nII\nIII\nfour\n")
    assert OLD.count("\n") == text.count("\n")


# GraphQL


def graphql(hub: Hub, query: str, **variables: Any) -> Any:
    return hub.ask("POST", "/graphql", {"query": query, "variables": variables})


THREADS = """
query($number: Int!) { repository(owner: "acme", name: "shop") { pullRequest(number: $number) {
  reviewThreads(first: 100) { nodes { id isResolved isOutdated path line } } } } }
"""


def test_graphqls_errors_come_with_200(hub: Hub) -> None:
    for query in (THREADS.replace("isResolved", "isSolved"), THREADS.replace("100", "101")):
        answer = graphql(hub, query, number=hub.number)
        assert answer.status_code == 200
        assert answer.json()["errors"]
    assert graphql(hub, THREADS, number=999).json()["errors"][0]["type"] == "NOT_FOUND"


def test_resolving_a_thread_needs_write_access_to_contents(hub: Hub) -> None:
    hub.review(at(2))
    rows = graphql(hub, THREADS, number=hub.number).json()["data"]["repository"]["pullRequest"]
    (thread,) = rows["reviewThreads"]["nodes"]
    assert not thread["isResolved"]
    query = """mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) {
      thread { isResolved } } }"""
    hub.ask.token = hub.token(contents="read", pull_requests="write")
    refused = graphql(hub, query, id=thread["id"]).json()
    assert refused["errors"][0]["type"] == "FORBIDDEN"
    hub.ask.token = hub.token()
    done = graphql(hub, query, id=thread["id"]).json()
    assert done["data"]["resolveReviewThread"]["thread"]["isResolved"]
