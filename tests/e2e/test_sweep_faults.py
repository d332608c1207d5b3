"""A sweep that GitHub or a kill breaks at any call ends, when it is done again, as one that is not."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.errors import PermanentError, TransientError
from bot.sandbox import Sandbox, SandboxRepository
from tests.e2e.conftest import README, SECRET, environment, eventually
from tests.e2e.test_sweep import DEPLOYMENT, Field, land, played

__all__ = ["land", "played"]
WEARS = "labels: [security], assignees: [octo-dev], reviewers: [octo-dev]"
CONFIG = f"sweep: {{maxOpen: 9, maxNewPerDay: 9, kinds: [safe], dashboard: true, {WEARS}}}\n"
FILES: dict[str, str | bytes] = {
    ".podsec.yaml": CONFIG,
    "a/shop.yaml": DEPLOYMENT.format(name="shop"),
    "b/cart.yaml": DEPLOYMENT.format(name="cart"),
}


@dataclass(frozen=True)
class Case:
    """The call, by its number among those of its method and path, that fails in a way."""

    method: str
    path: str
    skip: int
    status: int
    after: bool


def first(field: Field, home: SandboxRepository) -> None:
    field.sweep(home)


def second(field: Field, home: SandboxRepository) -> None:
    """One group is rebuilt, one is obsolete and closed, the dashboard changes."""
    home.commit("main", {"a/shop.yaml": "# moved\n" + DEPLOYMENT.format(name="shop")}, "Move")
    home.commit("main", {"b/cart.yaml": None}, "Cart is gone")
    field.sweep(home)


def again(field: Field, home: SandboxRepository) -> None:
    """As the worker does: the same job once more after a failure that may pass."""
    for _ in range(4):
        try:
            field.sweep(home, forced=True)
        except TransientError:
            continue
        return
    raise AssertionError("the sweep never ended")


def state(home: SandboxRepository) -> dict[str, Any]:
    """Everything that people see, without numbers of commits."""
    pulls = {
        p["head"]["ref"]: (
            p["title"],
            p["draft"],
            p["state"],
            re.sub(r"wrote=[0-9a-f]+", "", p["body"]),
            [x["name"] for x in p["labels"]],
            [x["login"] for x in p["assignees"]],
            [x["login"] for x in p["requested_reviewers"]],
            [re.sub(r"[0-9a-f]{12}", "", c["body"]) for c in home.comments(p["number"])],
        )
        for p in home.pulls()
    }
    files = {
        branch: [home.read(branch, path) for path in ("a/shop.yaml", "b/cart.yaml")]
        for branch in home.branches()
    }
    return {
        "pulls": pulls,
        "number": len(home.pulls()),
        "files": files,
        "issues": [re.sub(r"#\d+", "#", issue["body"]) for issue in home.issues()],
    }


def cases(calls: list[str]) -> list[Case]:
    """Each call in turn, in the ways of its turn: refused, or done and not answered."""
    found: list[Case] = []
    seen: dict[str, int] = {}
    for number, call in enumerate(calls):
        method, _, path = call.partition(" ")
        pattern = re.sub(r"\d+", r"\\d+", path) + r"(\?|$)"
        skip = seen.get(f"{method} {pattern}", 0)
        seen[f"{method} {pattern}"] = skip + 1
        if method == "GET" or number % 3 == 0:
            found.append(Case(method, pattern, skip, 502, after=False))
        if method != "GET":
            found.append(Case(method, pattern, skip, (502, 0)[number % 2], after=True))
    return found


def broken(field: Field, case: Case, *, both: bool) -> dict[str, Any]:
    home = field.repository(FILES)
    if both:
        first(field, home)
    times = 4 if case.method == "GET" else 1  # a read is repeated three times
    fault = field.sandbox.fail(
        case.method,
        (re.escape(home.full_name) if case.path != "/graphql(\\?|$)" else "") + case.path,
        status=case.status,
        times=times,
        after=case.after,
        skip=case.skip,
    )
    try:
        (second if both else first)(field, home)
    except TransientError:
        again(field, home)
    assert fault.times == 0, case
    return state(home)


@pytest.mark.parametrize("both", [False, True], ids=["first", "second"])
def test_a_failure_at_any_call_changes_nothing_in_the_end(land: Field, both: bool) -> None:
    home = land.repository(FILES)
    first(land, home)
    if both:
        land.calls()
        second(land, home)
    calls, expected = land.calls(), state(home)
    assert expected["number"] == 2
    assert len(calls) >= 11
    for case in cases(calls):
        assert broken(land, case, both=both) == expected, case


def test_what_github_refuses_for_good_is_said_and_doubles_nothing(land: Field) -> None:
    home = land.repository(FILES)
    land.sandbox.fail("POST", f"{re.escape(home.full_name)}/pulls$", status=403)
    with pytest.raises(PermanentError):
        first(land, home)
    again(land, home)
    assert len(home.pulls()) == 2
    assert len({p["head"]["ref"] for p in home.pulls()}) == 2


POINTS = (
    ("POST", "/git/trees$", 1),
    ("POST", "/pulls$", 0),
    ("POST", "/pulls$", 1),
    ("PATCH", r"/issues/\d+$", 1),
    ("POST", "/issues$", 0),
)


def killed(folder: Path, point: tuple[str, str, int]) -> dict[str, Any]:
    """`podsec sweep` dies while it waits for the answer to a call that was carried out."""
    method, path, skip = point
    sandbox = Sandbox(folder / "github", webhook_secret=SECRET, webhook_url=None)
    with sandbox.running() as url:
        home = sandbox.create_repository("acme/shop", {**README, **FILES})
        home.set_permission("octo-dev", "write")
        env = {**os.environ, **environment(sandbox, url, folder)}
        command = [sys.executable, "-m", "bot", "sweep", "acme/shop"]
        fault = sandbox.fail(method, path, status=502, after=True, skip=skip, seconds=30)
        process = subprocess.Popen(
            command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        eventually(lambda: fault.times == 0, f"{point} is asked for", 90)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        sandbox.forgive()
        subprocess.run(command, env=env, check=True, timeout=90, capture_output=True)
        return state(home)


def test_a_kill_at_any_point_ends_after_another_run_as_if_there_had_been_none(
    land: Field, tmp_path: Path
) -> None:
    home = land.repository(FILES)
    first(land, home)
    expected = state(home)
    with ThreadPoolExecutor(len(POINTS)) as pool:
        ends = pool.map(lambda one: killed(tmp_path / str(one[0]), one[1]), list(enumerate(POINTS)))
        for point, end in zip(POINTS, ends, strict=True):
            assert end == expected, point
