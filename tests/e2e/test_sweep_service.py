"""Sweeps in the whole bot: webhooks and the clock make their jobs, and podsec's own work is let be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.jobs import DurableJobs
from tests.e2e.conftest import Contract, World, playing
from tests.e2e.test_sweep import DEPLOYMENT

CONFIG = "sweep: {maxOpen: 9, maxNewPerDay: 9, kinds: [safe], dashboard: true}\n"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, contract: Contract) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("world")
    with playing(folder, contract, {"PODSEC_SWEEPS": "1"}) as world:
        yield world


def tick(world: World, hours: int) -> None:
    """The clock of the store comes to a moment."""
    jobs: Any = world.service.jobs
    assert isinstance(jobs, DurableJobs)
    jobs.tick(datetime.now(UTC) + timedelta(hours=hours))
    world.settle()


def test_the_clock_sweeps_and_pushes_boxes_and_closing_are_answered(world: World) -> None:
    shop = world.shop({".podsec.yaml": CONFIG, "a/shop.yaml": DEPLOYMENT.format(name="shop")})
    home = shop.repository
    tick(world, 0)
    assert home.pulls() == [], "a new repository is due within the hour"
    tick(world, 1)
    (pull,) = home.pulls()
    assert pull["head"]["ref"].startswith("podsec/fix/sweep-safe-a-")
    assert home.reviews(pull["number"]) == [], "podsec does not review itself"
    before = home.branches()[pull["head"]["ref"]]
    home.commit("main", {"a/shop.yaml": "# moved\n" + DEPLOYMENT.format(name="shop")}, "Move")
    home.commit("main", {"b/cart.yaml": DEPLOYMENT.format(name="cart")}, "Add the cart")
    world.settle()
    assert home.branches()[pull["head"]["ref"]] != before, "a push renews what is open"
    assert len(home.pulls()) == 1, "and opens nothing: that is the sweep's to do"
    (board,) = home.issues()
    assert "the next sweep opens it" in board["body"]
    box = "- [ ] <!-- podsec:open=safe-b-"
    home.edit_issue(board["number"], board["body"].replace(box, box.replace("[ ]", "[x]")))
    world.settle()
    assert len(home.pulls()) == 2
    home.close(pull["number"])
    world.settle()
    assert f"#{pull['number']} was closed unmerged" in home.issues()[0]["body"]
    tick(world, 24 * 8)
    assert [p["state"] for p in home.pulls()] == ["closed", "open"]
