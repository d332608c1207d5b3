"""A conversation from push to push: what is mended, declined, resolved or only moved."""

from __future__ import annotations

from dataclasses import replace

from tests.workflows.desk import POD, Desk

TWO = POD.format(name="one") + "---\n" + POD.format(name="two")
HARD = """\
    securityContext:
      allowPrivilegeEscalation: false
"""


def mended(shop_text: str, name: str) -> str:
    """The file without the pod of that name."""
    return "---\n".join(part for part in shop_text.split("---\n") if f"name: {name}\n" not in part)


def test_own_threads_are_resolved_once_what_they_speak_of_is_gone(desk: Desk) -> None:
    shop = desk.shop()
    number = shop.open({"pods.yaml": TWO})
    assert shop.threads(number) == [False, False]
    shop.push({"pods.yaml": mended(TWO, "two")})
    said = [comment["body"] for comment in shop.comments(number)]
    one, two = sorted(zip(said, shop.threads(number), strict=True))
    assert ("`one`" in one[0], one[1]) == (True, False)
    assert ("`two`" in two[0], two[1]) == (True, True)
    assert len(shop.home.reviews(number)) == 1
    desk.calls()
    shop.push({"NOTES.md": "more\n"})
    assert desk.calls().count("POST /graphql") == 1  # what is resolved is not resolved again


def test_a_thread_of_a_file_that_is_taken_back_is_resolved(desk: Desk) -> None:
    shop = desk.shop()
    number = shop.open({"main.go": "package main\n", "pod.yaml": POD.format(name="app")})
    shop.push({"pod.yaml": None})
    assert shop.threads(number) == [True]
    assert shop.check(number)["title"] == "No Kubernetes manifests changed"


def test_a_thread_stays_while_anything_that_it_speaks_of_is_there(desk: Desk) -> None:
    shop = desk.shop()
    number = shop.open({"pod.yaml": POD.format(name="app")})
    shop.push({"pod.yaml": POD.format(name="app") + HARD})
    assert shop.threads(number) == [False]


def test_a_thread_that_somebody_answered_is_left_to_people(desk: Desk) -> None:
    shop = desk.shop()
    number = shop.open({"pod.yaml": POD.format(name="app")})
    shop.answer(number, "Thank you, on it")
    shop.push({"pod.yaml": None})
    assert shop.threads(number) == [False]


def test_a_thread_of_somebody_else_is_never_resolved(desk: Desk) -> None:
    shop = desk.shop()
    number = shop.open({"pod.yaml": POD.format(name="app")})
    shop.home._home.pulls[number].comments[0].user = "octo-dev"
    shop.push({"pod.yaml": POD.format(name="app").replace("app\n", "other\n")})
    assert shop.threads(number)[0] is False


def test_a_file_that_cannot_be_judged_resolves_nothing(desk: Desk) -> None:
    shop = desk.shop()
    number = shop.open({"pod.yaml": POD.format(name="app"), "other.yaml": POD.format(name="x")})
    shop.push({"pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: [\n"})
    assert shop.threads(number) == [False, False]
    assert "not judged" in shop.check(number)["title"]


def test_without_the_permission_to_resolve_the_check_still_concludes(desk: Desk) -> None:
    shop = desk.shop()
    number = shop.open({"pods.yaml": TWO})
    desk.sandbox.grant(contents="read", pull_requests="write", issues="write", checks="write")
    desk.sandbox.expire_tokens()
    try:
        shop.push({"pods.yaml": mended(TWO, "two")})
    finally:
        desk.sandbox.grant(contents="write", pull_requests="write", issues="write", checks="write")
        desk.sandbox.expire_tokens()
    assert shop.threads(number) == [False, False]
    assert "introduced" in shop.check(number)["title"]


def test_a_thread_that_people_resolved_is_not_opened_and_not_said_again(desk: Desk) -> None:
    shop = desk.shop()
    number = shop.open({"pod.yaml": POD.format(name="app")})
    shop.home.resolve(number, shop.comments(number)[0]["id"])
    shop.push({"pod.yaml": "# moved\n" + POD.format(name="app")})
    assert (shop.threads(number), len(shop.comments(number))) == ([True], 1)


def test_what_a_writer_declines_is_suppressed_there_and_nowhere_else(desk: Desk) -> None:
    shop = desk.shop()
    number = shop.open({"pods.yaml": TWO})
    before = int(shop.check(number)["title"].split()[0])
    shop.answer(number, "Won't fix: it runs for an hour")
    check = shop.check(number)
    assert 0 < int(check["title"].split()[0]) < before
    assert "allowed with a reason" in check["summary"]
    assert shop.threads(number) == [False, False]
    shop.push({"pods.yaml": "# moved\n" + TWO})
    assert shop.check(number)["title"] == check["title"]
    assert len(shop.home.reviews(number)) == 1
    other = shop.open({"pods.yaml": TWO}, "other")
    assert int(shop.check(other)["title"].split()[0]) == before


def test_who_may_not_write_and_bots_decline_nothing(desk: Desk) -> None:
    shop = desk.shop()
    shop.home.set_permission("stranger", "read")
    number = shop.open({"pod.yaml": POD.format(name="app")})
    before = shop.check(number)
    shop.answer(number, "won't fix", "stranger")
    shop.home.set_permission("helper[bot]", "write")
    shop.answer(number, "won't fix", "helper[bot]")
    shop.push({"NOTES.md": "more\n"})
    assert shop.check(number)["title"] == before["title"]


def test_a_rewritten_branch_is_not_told_what_it_was_told(desk: Desk) -> None:
    shop = desk.shop()
    number = shop.open({"pod.yaml": POD.format(name="app")})
    store = shop.home._home.store
    tree = store.message_of(shop.home.branches()["feature"])[0]
    with desk.sandbox._world.lock:
        base = shop.home.branches()["main"]
        rewritten = store.write_commit(tree, [base], "Rewritten", "octo-dev")
        before = shop.home.branches()["feature"]
        store.set_ref("refs/heads/feature", rewritten)
        desk.sandbox._pushed("acme", shop.home._home.name, "refs/heads/feature", before, rewritten)
    desk.settle()
    assert shop.home.pull(number)["head"]["sha"] == rewritten
    assert len(shop.comments(number)) == len(shop.home.reviews(number)) == 1
    assert "introduced" in shop.check(number)["title"]


def test_a_push_that_comes_while_a_review_is_planned_keeps_it_from_being_published(
    desk: Desk,
) -> None:
    shop = desk.shop()
    shop.home.commit("feature", {"pod.yaml": POD.format(name="app")}, "Add")
    number = shop.home.open_pull(head="feature", base="main", title="Add")
    overtaken = replace(desk.workflows, is_current=lambda _job: False)
    (job,) = [job for job in desk.jobs() if job.kind == "check_pull_request"]
    overtaken.work(job)
    assert shop.home.reviews(number) == []
