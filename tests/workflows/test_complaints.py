"""What people complain of in other bots; docs/architecture.md names the tests of each complaint."""

from __future__ import annotations

from tests.workflows.desk import POD, Desk, Shop

LONGEST = 65_536


def by(shop: Shop, author: str) -> int:
    shop.home.commit("feature", {"pod.yaml": POD.format(name="app")}, "Bump", author)
    number = shop.home.open_pull(head="feature", base="main", title="Bump", author=author)
    shop.desk.settle()
    return number


def test_another_bots_pull_request_is_reviewed_as_a_persons(desk: Desk) -> None:
    shop = desk.shop()
    number = by(shop, "renovate[bot]")
    assert len(shop.comments(number)) == 1


def test_nothing_is_pushed_that_nobody_asked_for(desk: Desk) -> None:
    shop = desk.shop()
    shop.home.commit("feature", {"pod.yaml": POD.format(name="app")}, "Add")
    before = shop.home.branches()
    number = shop.home.open_pull(head="feature", base="main", title="Add")
    desk.settle()
    assert shop.home.branches() == before
    shop.push({"NOTES.md": "more\n"})
    assert set(shop.home.branches()) == {"main", "feature"}
    assert len(shop.home.pulls()) == number


def test_what_podsec_does_makes_it_do_nothing_more(desk: Desk) -> None:
    shop = desk.shop()
    number = shop.open({"pod.yaml": POD.format(name="app")})
    shop.say(number, "/podsec fix\n/podsec help")
    assert desk.settle() == []
    heard = [d for d in desk.sandbox.deliveries if d.payload["sender"]["login"] == "podsec[bot]"]
    assert len(heard) > 3  # its comment, its branches, its pull requests
    assert len(shop.home.pulls()) == 3


def test_each_comment_says_how_to_allow_what_it_names(desk: Desk) -> None:
    shop = desk.shop()
    number = shop.open({"pod.yaml": POD.format(name="app")})
    (comment,) = shop.comments(number)
    assert "<summary>Wanted as it is?</summary>" in comment["body"]
    assert "# podsec: ignore[" in comment["body"]


def test_hundreds_of_findings_fit_into_what_github_takes_and_worst_come_first(desk: Desk) -> None:
    shop = desk.shop()
    many = "---\n".join(POD.format(name=f"pod-{n}") for n in range(60))
    bad = POD.format(name="worst") + "    securityContext: {privileged: true}\n"
    number = shop.open({"a.yaml": many, "z.yaml": bad})
    (review,) = shop.home.reviews(number)
    check = shop.check(number)
    for text in (review["body"], check["summary"], *(c["body"] for c in shop.comments(number))):
        assert len(text.encode()) < LONGEST
    assert len(shop.comments(number)) == 10
    assert "z.yaml" in {comment["path"] for comment in shop.comments(number)}
    assert len(check["annotations"]) == 200
    assert " more: `podsec check` shows them all" in review["body"]


def test_a_pull_request_of_more_files_than_github_lists_says_so_and_resolves_nothing(
    desk: Desk,
) -> None:
    shop = desk.shop()
    number = shop.open({"z.yaml": POD.format(name="last")})
    assert shop.threads(number) == [False]
    shop.push({f"a/{n}.txt": "x\n" for n in range(3_000)})
    check = shop.check(number)
    assert "GitHub lists the first 3000 files" in check["summary"]
    assert "1 file not judged" in check["title"]
    assert check["conclusion"] != "failure"
    assert shop.threads(number) == [False]
