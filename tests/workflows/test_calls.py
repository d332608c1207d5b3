"""The calls of each scenario, to the last one: what is asked beyond them costs every user."""

from __future__ import annotations

from tests.workflows.desk import POD, Desk

FILES = "GET /pulls/X/files"
ASK = "POST /graphql"
BLOB = "GET /git/blobs/X"
REVIEW = "POST /pulls/X/reviews"
CHECK = "POST /check-runs"


def pods(names: str, image: str = "myapp:1.2.3") -> dict[str, str]:
    text = POD + "# a line of its own\n" * 20  # so that a patch does not hold all of the file
    return {f"{name}.yaml": text.format(name=name).replace("myapp:latest", image) for name in names}


def test_three_added_manifests(desk: Desk) -> None:
    shop = desk.shop()
    shop.open({"warm.yaml": POD.format(name="warm")}, "warm")
    desk.calls()
    shop.open(pods("abc", "myapp:latest"))
    assert desk.calls() == [FILES, REVIEW, CHECK]


def test_three_modified_manifests(desk: Desk) -> None:
    shop = desk.shop(pods("abc"))
    shop.open({"warm.yaml": POD.format(name="warm")}, "warm")
    desk.calls()
    number = shop.open(pods("abc", "myapp:latest"))
    assert desk.calls() == [FILES, ASK, REVIEW, CHECK]
    assert len(shop.comments(number)) == 3


def test_one_modified_manifest(desk: Desk) -> None:
    shop = desk.shop(pods("a"))
    shop.open({"warm.yaml": POD.format(name="warm")}, "warm")
    desk.calls()
    shop.open(pods("a", "myapp:latest"))
    assert desk.calls() == [FILES, BLOB, REVIEW, CHECK]


def test_a_push_with_nothing_new(desk: Desk) -> None:
    shop = desk.shop(pods("abc"))
    number = shop.open(pods("abc", "myapp:latest"))
    desk.calls()
    shop.push({"a.yaml": "# moved\n" + pods("a", "myapp:latest")["a.yaml"]})
    assert desk.calls() == [FILES, BLOB, ASK, CHECK]  # the other two are remembered
    assert len(shop.home.reviews(number)) == 1


def test_a_push_that_mends_all(desk: Desk) -> None:
    shop = desk.shop(pods("a"))
    number = shop.open(pods("a", "myapp:latest"))
    desk.calls()
    shop.push({**pods("a"), "b.yaml": "a: b\n", "a.yaml": pods("a")["a.yaml"] + "# done\n"})
    assert desk.calls() == [FILES, BLOB, ASK, ASK, CHECK]
    assert shop.threads(number) == [True]


def test_250_files_with_40_manifests(desk: Desk) -> None:
    names = [f"m{n:02}" for n in range(40)]
    before = {f"{n}.yaml": pods("a")["a.yaml"].replace("name: a\n", f"name: {n}\n") for n in names}
    shop = desk.shop(before)
    shop.open({"warm.yaml": POD.format(name="warm")}, "warm")
    after = {name: text.replace("1.2.3", "latest") for name, text in before.items()}
    sources = {f"src/{n}.go": f"package p{n}\n" for n in range(210)}
    desk.calls()
    number = shop.open({**after, **sources})
    assert desk.calls() == [FILES, FILES, FILES, ASK, REVIEW, CHECK]
    assert len(shop.comments(number)) == 10


def test_no_yaml(desk: Desk) -> None:
    shop = desk.shop()
    shop.open({"main.go": "package main\n"})
    assert desk.calls() == [FILES, CHECK]


def test_a_follow_up(desk: Desk) -> None:
    shop = desk.shop()
    number = shop.open({"pod.yaml": POD.format(name="app")})
    desk.calls()
    shop.home.comment(number, "/podsec fix safe")
    (job,) = [job for job in desk.jobs() if job.kind == "run_command"]
    desk.work(job)
    assert desk.calls() == [
        "POST /issues/comments/X/reactions",
        "GET /collaborators/octo-dev/permission",
        "GET /pulls/X",
        FILES,
        "GET /git/ref/heads/podsec/fix/X-safe",
        "GET /git/trees/X",
        "POST /git/trees",
        "POST /git/commits",
        "POST /git/refs",
        "POST /pulls",
        "POST /issues/comments/X/reactions",
    ]


def test_a_merge_group(desk: Desk) -> None:
    shop = desk.shop()
    number = shop.open({"main.go": "package main\n"})
    desk.calls()
    shop.home.buttons.queue(number)
    desk.settle()
    assert desk.calls() == [CHECK]


def test_a_closed_pull_request(desk: Desk) -> None:
    shop = desk.shop()
    number = shop.open({"main.go": "package main\n"})
    desk.calls()
    shop.home.close(number)
    desk.settle()
    assert desk.calls() == ["GET /pulls"]


def test_more_than_a_page_of_long_patches_is_read_in_smaller_pages(desk: Desk) -> None:
    shop = desk.shop()
    shop.open({"warm.yaml": POD.format(name="warm")}, "warm")
    long = "x: y\n" * 5_000
    desk.calls()
    files = {f"long-{n}.txt": long for n in range(5)}
    number = shop.open({**files, "z.yaml": POD.format(name="last")})
    assert desk.calls() == [FILES, FILES, FILES, REVIEW, CHECK]
    (comment,) = shop.comments(number)
    assert comment["path"] == "z.yaml"
