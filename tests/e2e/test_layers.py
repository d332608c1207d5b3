"""The layers of the config, a pull request that changes it, and a base where it is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.app import operator_layer, sweep_now
from bot.errors import ConfigError
from bot.settings import Settings
from tests.e2e.conftest import POD, Contract, Shop, World, environment, playing

OPERATOR = "failOn: low\nenforced: [root-user]\n"
RULE = "mutable-image-tag"


@pytest.fixture
def played(tmp_path: Path, contract: Contract) -> Iterator[World]:
    """A bot whose operator has a config; an installation has one organisation."""
    folder = tmp_path
    (folder / "operator.yaml").write_text(OPERATOR)
    more = {"PODSEC_OPERATOR_CONFIG": str(folder / "operator.yaml"), "PODSEC_ENFORCE": "1"}
    with playing(folder, contract, more) as world:
        yield world
    assert contract.violations == []


def shop_of(world: World, owner: str, files: dict[str, str], name: str = "shop") -> Shop:
    made = world.sandbox.create_repository(f"{owner}/{name}", {"README.md": "# a\n", **files})
    return Shop(world, made)


def rules_in(shop: Shop, number: int) -> str:
    return "\n".join(comment["body"] for comment in shop.comments(number))


def test_the_organisation_stands_between_the_operator_and_the_repository(world: World) -> None:
    shared = f"failOn: critical\nrules: {{{RULE}: off, root-user: off, host-port: low}}\n"
    shop_of(world, "layered", {".podsec.yaml": shared}, ".github")
    shop = shop_of(world, "layered", {".podsec.yaml": f"rules: {{{RULE}: low}}\n"})
    number = shop.open({"pod.yaml": POD.format(name="layers")})
    said = rules_in(shop, number)
    assert RULE in said
    assert "root-user" in said  # the operator enforces it
    assert shop.check(number)["conclusion"] == "neutral"  # the organisation: critical alone fails
    other = shop_of(world, "layered", {}, "other")
    number = other.open({"pod.yaml": POD.format(name="layers")})
    assert RULE not in rules_in(other, number)


def test_what_the_organisation_says_is_asked_for_once(world: World) -> None:
    home = shop_of(world, "asked", {"README.md": "# none\n"}, ".github")
    shop = shop_of(world, "asked", {})
    world.settle()
    world.sandbox.requests.clear()
    shop.open({"pod.yaml": POD.format(name="cold")})
    assert [call for call in world.calls() if ".github" in call] == [
        "GET /repos/asked/.github/git/trees/HEAD?recursive=1"
    ]
    world.sandbox.requests.clear()
    shop.open({"other.yaml": POD.format(name="warm")}, "warm")
    assert len(world.calls()) == 3
    home.repository.commit("main", {".podsec.yaml": f"rules: {{{RULE}: off}}\n"}, "Configure")
    world.settle()
    number = shop.open({"third.yaml": POD.format(name="third")}, "third")
    assert RULE not in rules_in(shop, number)


def test_a_wrong_config_of_the_organisation_is_left_out_and_said(world: World) -> None:
    shop_of(world, "wrong", {".podsec.yaml": "failOn: sometimes\n"}, ".github")
    shop = shop_of(world, "wrong", {".podsec.yaml": f"rules: {{{RULE}: off}}\n"})
    number = shop.open({"pod.yaml": POD.format(name="wrong")})
    check = shop.check(number)
    assert "wrong/.github/.podsec.yaml:1" in check["summary"].replace("\\", "")
    assert "the organisation's config is left out" in check["summary"]
    assert RULE not in rules_in(shop, number)


def test_a_pull_request_that_changes_the_config_is_told_what_is_wrong_by_line(world: World) -> None:
    shop = shop_of(world, "changing", {})
    wrong = "failOn: high\nprofil: baseline\nrules:\n  root-usr: high\n"
    number = shop.open({".podsec.yaml": wrong})
    check = shop.check(number)
    assert check["conclusion"] == "failure"
    assert check["title"].startswith("1 mistake in the config of podsec")
    (note,) = check["annotations"]
    assert (note["path"], note["start_line"], note["annotation_level"]) == (
        ".podsec.yaml",
        2,
        "failure",
    )
    assert "did you mean 'profile'?" in note["message"]
    shop.push({".podsec.yaml": "failOn: high\nrules:\n  root-usr: high\n"})
    (note,) = shop.check(number)["annotations"]
    assert (note["start_line"], "did you mean 'root-user'?" in note["message"]) == (3, True)
    world.sandbox.requests.clear()
    shop.push({".podsec.yaml": f"rules: {{{RULE}: off}}\n", "pod.yaml": POD.format(name="a")})
    check = shop.check(number)
    assert "It holds from the merge on" in check["summary"]
    assert RULE in rules_in(shop, number)  # the base decides


def test_while_the_base_is_wrong_the_last_config_that_was_right_holds(world: World) -> None:
    shop = shop_of(world, "broken", {".podsec.yaml": f"rules: {{{RULE}: off}}\n"})
    shop.open({"pod.yaml": POD.format(name="right")}, "right")
    shop.repository.commit("main", {".podsec.yaml": "rules: [\n"}, "Break it")
    number = shop.open({"pod.yaml": POD.format(name="wrong")}, "wrong")
    check = shop.check(number)
    assert check["title"].startswith("The config of podsec is wrong.")
    assert "the last config that was right holds meanwhile" in check["summary"]
    assert RULE not in rules_in(shop, number)
    never = shop_of(world, "never", {".podsec.yaml": "rules: [\n"})
    number = never.open({"pod.yaml": POD.format(name="never")})
    assert "the defaults hold meanwhile" in never.check(number)["summary"]
    assert RULE in rules_in(never, number)
    number = never.open({"README.md": "# b\n"}, "fix")
    assert never.say(number, "/podsec fix") == ["eyes", "confused"]


def test_where_the_organisation_has_a_config_a_sweep_asks_nobody_first(
    world: World, tmp_path: Path
) -> None:
    shop_of(world, "swept", {".podsec.yaml": f"rules: {{{RULE}: off}}\n"}, ".github")
    shop = shop_of(world, "swept", {"deploy/pod.yaml": POD.format(name="stands")})
    world.settle()
    settings = Settings.from_environment(environment(world.sandbox, world.sandbox.url, tmp_path))
    swept = sweep_now(settings, shop.repository.full_name)
    assert swept.state == "swept"
    heads = [pull["head"]["ref"] for pull in shop.repository.pulls()]
    assert heads
    assert not any("onboarding" in head for head in heads)


def test_an_operators_config_that_is_wrong_stops_the_start(tmp_path: Path) -> None:
    wrong = tmp_path / "operator.yaml"
    wrong.write_text("enforce: [root-user]\n")
    with pytest.raises(ConfigError, match=r"operator\.yaml:1: enforce: unknown key"):
        operator_layer(wrong)
    with pytest.raises(ConfigError, match="cannot be read"):
        operator_layer(tmp_path / "none.yaml")
