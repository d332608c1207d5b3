"""What a day of 1,000 pull requests asks of GitHub, beside the same day with PyGithub's own ways.

Run: python -m benchmarks.github_calls. Each kind of event is played once against the sandbox, by
podsec and by the naive bot below, and its requests are counted; the day is their sum. The naive
bot says as much, by the calls that PyGithub suggests. Tokens are left out on both sides.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from github import Auth, Github

from benchmarks.measure import table
from bot.sandbox import Sandbox
from tests.workflows.desk import POD, Desk, Shop

_APP = 77
_CONTENT = frozenset({"POST", "PATCH", "PUT", "DELETE"})


@dataclass(frozen=True, kw_only=True)
class Kind:
    """An event and how often it comes on the day; `act` makes it happen, and gives the number."""

    name: str
    times: int
    prepare: Callable[[Shop], None]
    act: Callable[[Shop], int]


@dataclass(frozen=True, kw_only=True)
class Count:
    """Requests, and those among them that create or change something."""

    requests: int
    writes: int


def pods(count: int, image: str) -> dict[str, str]:
    """Manifests whose patch does not show all of them."""
    text = (POD + "# a line of its own\n" * 20).replace("myapp:latest", image)
    return {f"pod-{n:02}.yaml": text.format(name=f"pod-{n:02}") for n in range(count)}


def opened(shop: Shop, files: dict[str, str]) -> int:
    """A pull request of which nothing was heard yet."""
    shop.home.commit("feature", files, "Change")
    return shop.home.open_pull(head="feature", base="main", title="Change")


def pushed(shop: Shop) -> int:
    """A push that changes one of the three manifests, and brings nothing new."""
    text = "# moved\n" + pods(1, "myapp:latest")["pod-00.yaml"]
    shop.home.commit("feature", {"pod-00.yaml": text}, "Push")
    return 1


def large(shop: Shop) -> int:
    """250 files, 40 of them manifests."""
    sources = {f"src/{n}.go": f"package p{n}\n" for n in range(210)}
    return opened(shop, {**pods(40, "myapp:latest"), **sources})


def warm(shop: Shop) -> None:
    """The base branch's config was read before, as on all but the first pull request."""
    shop.open({"warm.yaml": POD.format(name="warm")}, "warm")


def having(count: int) -> Callable[[Shop], None]:
    """A base with so many manifests."""

    def prepare(shop: Shop) -> None:
        shop.home.commit("main", pods(count, "myapp:1.2.3"), "Start")
        warm(shop)

    return prepare


def reviewed(shop: Shop) -> None:
    """A pull request that changed three manifests and was reviewed."""
    shop.home.commit("main", pods(3, "myapp:1.2.3"), "Start")
    opened(shop, pods(3, "myapp:latest"))
    shop.desk.settle()


KINDS = (
    Kind(
        name="opened, no YAML",
        times=600,
        prepare=warm,
        act=lambda shop: opened(shop, {"main.go": "package main\n"}),
    ),
    Kind(
        name="opened, three added",
        times=200,
        prepare=warm,
        act=lambda shop: opened(shop, pods(3, "myapp:latest")),
    ),
    Kind(
        name="opened, three modified",
        times=195,
        prepare=having(3),
        act=lambda shop: opened(shop, pods(3, "myapp:latest")),
    ),
    Kind(name="opened, 250 files, 40 modified", times=5, prepare=having(40), act=large),
    Kind(name="pushed, nothing new", times=1_000, prepare=reviewed, act=pushed),
)


def count(desk: Desk, work: Callable[[], object]) -> Count:
    """The requests of some work but those for tokens."""
    desk.sandbox.requests.clear()
    work()
    made = [(m, p) for m, p, _ in desk.sandbox.requests if "/access_tokens" not in p]
    writes = sum(1 for method, path in made if method in _CONTENT and path != "/graphql")
    return Count(requests=len(made), writes=writes)


def naive(desk: Desk, shop: Shop, number: int) -> None:
    """A review and a check run, as one writes them with PyGithub at first."""
    home = shop.home._home  # noqa: SLF001  # the sandbox's own number of it
    token = desk.forges._tokens.token(_APP, home.id)  # noqa: SLF001  # the same token as podsec's
    client = Github(
        auth=Auth.Token(token),
        base_url=desk.sandbox.url,
        seconds_between_requests=0,
        seconds_between_writes=0,
    )
    repository = client.get_repo(home.full_name)
    pull = repository.get_pull(number)
    said = {(comment.path, comment.line) for comment in pull.get_review_comments()}
    comments = []
    for file in pull.get_files():
        if not file.filename.endswith((".yaml", ".yml")):
            continue
        repository.get_contents(file.filename, ref=pull.head.sha)
        if file.status != "added":
            repository.get_contents(file.filename, ref=pull.base.sha)
        line = next(n for n, text in enumerate(file.patch.split("\n")) if text.startswith("+"))
        place = {
            "path": file.filename,
            "line": int(file.patch.split("+")[1].split(",")[0]) + line - 1,
        }
        if tuple(place.values()) not in said:
            comments.append({**place, "side": "RIGHT", "body": "look here"})
    if comments:
        found: Any = comments[:10]
        pull.create_review(body="found", event="COMMENT", comments=found)
    repository.create_check_run("naive", pull.head.sha, status="completed", conclusion="neutral")
    client.close()


def measured(desk: Desk, kind: Kind) -> tuple[Count, Count]:
    """The requests for one event: of podsec, and of the naive bot."""
    shop = desk.shop()
    kind.prepare(shop)
    number = kind.act(shop)
    own = count(desk, desk.settle)
    other = desk.shop()
    kind.prepare(other)
    number = kind.act(other)
    return own, count(desk, lambda: naive(desk, other, number))


def main() -> None:
    """Print the day."""
    rows, sums = [], [0, 0, 0, 0]
    with tempfile.TemporaryDirectory() as folder:
        sandbox = Sandbox(Path(folder) / "github", webhook_secret="unused", webhook_url=None)  # noqa: S106  # nothing is sent
        with sandbox.running() as url:
            desk = Desk(sandbox, url)
            for kind in KINDS:
                own, other = measured(desk, kind)
                each = [own.requests, other.requests, own.writes, other.writes]
                sums = [s + kind.times * n for s, n in zip(sums, each, strict=True)]
                rows.append([f"{kind.times} times {kind.name}", *map(str, each)])
    rows.append(["the day", *(f"{n:,}" for n in sums)])
    head = ["event", "podsec", "naive", "podsec writes", "naive writes"]
    print(table(head, rows))


if __name__ == "__main__":
    main()
