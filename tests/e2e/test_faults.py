"""GitHub fails once on each call of a whole conversation: the end is the same, or it is said.

All cases of a kind play at the same time, each in a repository of its own.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from bot.sandbox.faults import Fault
from tests.e2e.conftest import POD, Shop, World, eventually

BASE = {".podsec.yaml": "maxComments: 9\n"}
ANSWERS = {"rocket", "confused"}


@dataclass(frozen=True, kw_only=True)
class Case:
    """The first requests of a kind fail in a way."""

    method: str
    path: str
    status: int
    after: bool = False
    times: int = 1

    def fault(self, world: World, home: str) -> Fault:
        busy = self.status == 403
        return world.sandbox.fail(
            self.method,
            self.path.replace("HOME", re.escape(home)),
            status=self.status,
            times=self.times,
            after=self.after,
            headers={"Retry-After": "1"} if busy else None,
            message="You have exceeded a secondary rate limit" if busy else "Server Error",
        )


def conversation(shop: Shop) -> int:
    """Opened and fixed; the world's other shops play on meanwhile."""
    repository = shop.repository
    repository.commit("feature", {"pod.yaml": POD.format(name="x")}, "Add a pod")
    number = repository.open_pull(head="feature", base="main", title="Add a pod")
    eventually(lambda: repository.check_runs(shop.head(number)), "the check run", 90)
    comment = repository.comment(number, "/podsec fix")
    eventually(lambda: ANSWERS & set(repository.reactions(comment)), "an answer", 90)
    eventually(
        lambda: all(repository.check_runs(p["head"]["sha"]) for p in repository.pulls()),
        "a check run on each pull request",
        90,
    )
    return number


def state(shop: Shop, number: int) -> dict[str, Any]:
    """Everything that a person can see, without ids and commits."""
    repository = shop.repository
    checks = {
        f"{pull['head']['ref']} {index}": (
            check["conclusion"],
            check["title"],
            check["annotations"],
        )
        for pull in repository.pulls()
        for index, check in enumerate(repository.check_runs(pull["head"]["sha"]))
    }
    return {
        "reviews": [r["body"] for r in repository.reviews(number)],
        "comments": [(c["path"], c["line"], c["body"]) for c in shop.comments(number)],
        "replies": shop.replies(number),
        "reactions": [repository.reactions(c["id"]) for c in repository.comments(number)],
        "pulls": [(p["title"], p["draft"], p["state"], p["body"]) for p in repository.pulls()],
        "branches": {b: repository.read(b, "pod.yaml") for b in repository.branches()},
        "checks": checks,
    }


def played(world: World, case: Case) -> tuple[Case, Shop, int]:
    """A conversation in which the fault came."""
    shop = world.shop(BASE)
    fault = case.fault(world, shop.repository.full_name)
    number = conversation(shop)
    assert fault.times == 0, f"never came: {case}"
    return case, shop, number


def all_played(world: World, cases: list[Case]) -> list[tuple[Case, Shop, int]]:
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda case: played(world, case), cases))


@pytest.fixture(scope="module")
def expected(played_kinds: tuple[list[tuple[str, str]], dict[str, Any]]) -> dict[str, Any]:
    """What stands in the end where nothing fails."""
    return played_kinds[1]


@pytest.fixture(scope="module")
def kinds(played_kinds: tuple[list[tuple[str, str]], dict[str, Any]]) -> list[tuple[str, str]]:
    """Each kind of request of a conversation: its method, and its path as a pattern."""
    return played_kinds[0]


@pytest.fixture(scope="module")
def played_kinds(played: World) -> tuple[list[tuple[str, str]], dict[str, Any]]:
    shop = played.shop(BASE)
    played.sandbox.requests.clear()
    number = conversation(shop)
    home = re.escape(shop.repository.full_name)
    found: dict[tuple[str, str], None] = {}
    for call in played.calls():
        method, _, path = call.partition(" ")
        where = re.escape(re.sub(r"\?.*", "", path)).replace(home, "HOME")
        pattern = re.sub(r"[0-9a-f]{40}", "[0-9a-f]{40}", where)
        pattern = re.sub(r"/(comments|check\\-runs|pulls)/\d+", r"/\1/\\d+", pattern) + r"(\?|$)"
        if "HOME" in pattern:  # GraphQL and tokens are shared: they have tests of their own
            found[method, pattern] = None
    return list(found), state(shop, number)


def test_a_failure_that_passes_changes_nothing_in_the_end(
    world: World, kinds: list[tuple[str, str]], expected: dict[str, Any]
) -> None:
    assert len(kinds) >= 15
    cases: list[Case] = []
    for method, path in kinds:
        if method == "GET":  # a read is repeated three times before its job is
            cases.append(Case(method=method, path=path, status=500, times=4))
        else:
            cases.append(Case(method=method, path=path, status=500))
            cases.append(Case(method=method, path=path, status=502, after=True))
    for path in (r"/pulls/\d+/reviews$", "/pulls$", "/git/refs$"):
        cases.append(Case(method="POST", path=f"HOME{path}", status=0, after=True))
        cases.append(Case(method="POST", path=f"HOME{path}", status=403))
    for case, shop, number in all_played(world, cases):
        assert state(shop, number) == expected, case


def test_a_failure_that_stays_is_said_and_doubles_nothing(
    world: World, kinds: list[tuple[str, str]], expected: dict[str, Any]
) -> None:
    cases = [Case(method=method, path=path, status=404) for method, path in kinds]
    cases += [Case(method=m, path=path, status=422) for m, path in kinds if m != "GET"]
    silent = 0
    for case, shop, number in all_played(world, cases):
        found = state(shop, number)
        reactions = {r for said in found["reactions"] for r in said}
        assert len(found["reviews"]) <= 1, case
        assert len(found["pulls"]) <= 3, case
        assert len(found["checks"]) == len(found["pulls"]), case
        assert ("confused" in reactions) == bool(found["replies"]), case
        failed = [title for _, title, _ in found["checks"].values() if "could not" in title]
        silent += not failed and not found["replies"] and found != expected
    assert silent <= 2  # a review without its comments, a config that is not there
