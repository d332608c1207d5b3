"""Images in pull requests, end to end: the sandbox, the bot, the real Trivy, a registry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Contract, Shop, World, playing
from tests.scanning.images import HALF_MENDED, MENDED, Image
from tests.scanning.registry import Shelf, running
from tests.scanning.trivy_binary import trivy
from tests.scanning.trivy_database import MADE, write_database

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: shop
spec:
  containers:
  - name: cart
    image: {host}/demo/app:{tag}
"""


@dataclass
class House:
    world: World
    host: str
    shelf: Shelf
    cache: Path
    down: Path
    """While this file is there, the scanner fails."""

    def pod(self, tag: str) -> str:
        return POD.format(host=self.host, tag=tag)

    def shop(self, tag: str = "1.0.0", **files: str) -> Shop:
        """A repository that runs a tag already."""
        return self.world.shop({"pod.yaml": self.pod(tag), **files})


def settings(program: Path, folder: Path, host: str) -> dict[str, str]:
    return {
        "PODSEC_SCANNER": "trivy",
        "PODSEC_REGISTRIES": f"http://{host}",
        "PODSEC_TRIVY_PROGRAM": str(program),
        "PODSEC_TRIVY_CACHE": str(folder / "trivy"),
        "PODSEC_TRIVY_UPDATES": "0",
        "PODSEC_SCAN_CACHE": str(folder / "kept"),
        "PODSEC_ENFORCE": "1",
    }


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, contract: Contract) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("images")
    down = folder / "down"
    program = folder / "trivy-that-fails-at-times"
    program.write_text(
        f"#!/bin/sh\n[ ! -e {down} ] || {{ echo 'x FATAL Fatal error out of order' >&2; exit 1; }}\n"
        f'exec {trivy()} "$@"\n'
    )
    program.chmod(0o700)
    write_database(folder / "trivy")
    shelf = Shelf()
    shelf.put("demo/app", "1.0.0", Image(layer=MENDED))
    shelf.put("demo/app", "1.1.0", Image())
    shelf.put("demo/app", "1.1.1", Image(layer=HALF_MENDED))
    with running(shelf) as server:
        more = settings(program, folder, server.host)
        with playing(folder, contract, more) as world:
            yield House(
                world=world, host=server.host, shelf=shelf, cache=folder / "trivy", down=down
            )
    assert contract.violations == []


def about_images(shop: Shop, number: int) -> list[dict[str, Any]]:
    return [c for c in shop.comments(number) if c["body"].startswith("**Image ")]


def test_a_bump_is_commented_once_on_the_line_of_the_image(house: House) -> None:
    shop = house.shop()
    number = shop.open({"pod.yaml": house.pod("1.1.0")})
    (comment,) = about_images(shop, number)
    assert (comment["path"], comment["line"], comment["side"]) == ("pod.yaml", 8, "RIGHT")
    body = comment["body"]
    assert body.startswith(f"**Image `{house.host}/demo/app:1.1.0`**: 1 critical, 1 medium.")
    assert "`CVE-2019-14697`](https://avd.aquasec.com/nvd/cve-2019-14697)" in body
    assert "| `musl` | `1.1.20-r4` | 1.1.20-r5 |" in body
    assert "its base, alpine 3.9.4, has reached its end" in body
    assert f"/pull/{number}/checks)" in body
    check = shop.check(number)
    assert check["conclusion"] == "failure"
    assert "1 image beyond the limit" in check["title"]
    assert "### Images" in check["summary"]

    shop.push({"README.md": "# another\n"})
    assert [one["id"] for one in about_images(shop, number)] == [comment["id"]]
    assert shop.check(number)["conclusion"] == "failure"
    shop.say(number, "/podsec check")
    assert [one["id"] for one in about_images(shop, number)] == [comment["id"]]

    shop.push({"pod.yaml": house.pod("1.1.1")})
    first, second = about_images(shop, number)
    assert first["id"] == comment["id"]
    assert "1.1.1`**: 1 medium." in second["body"]
    assert shop.check(number)["conclusion"] != "failure"


def test_a_change_beside_the_image_scans_nothing(house: House) -> None:
    shop = house.shop("1.1.0")
    changed = house.pod("1.1.0").replace("name: cart", "name: cart\n    tty: true")
    number = shop.open({"pod.yaml": changed})
    assert about_images(shop, number) == []
    assert "### Images" not in shop.check(number)["summary"]


def test_the_config_of_the_base_branch_decides(house: House) -> None:
    config = (
        "scan:\n  pin: true\n  newerTags: 1\n  ignore:\n"
        "  - {id: CVE-2019-14697, reason: musl is not called}\n"
    )
    shop = house.world.shop({"pod.yaml": house.pod("1.0.0"), ".podsec.yaml": config})
    lenient = "scan: {failOn: never, report: critical}\n"
    number = shop.open({"pod.yaml": house.pod("1.1.0"), ".podsec.yaml": lenient})
    (comment,) = about_images(shop, number)
    assert "1.1.0`**: 1 medium." in comment["body"]
    assert "1 more do not count: musl is not called" in comment["body"]
    assert "```suggestion\n    image: " in comment["body"]
    assert "/demo/app:1.1.0@sha256:" in comment["body"]
    assert shop.check(number)["conclusion"] != "failure"


def test_an_image_that_is_nowhere_is_said(house: House) -> None:
    shop = house.shop()
    number = shop.open({"pod.yaml": house.pod("9.9.9")})
    assert about_images(shop, number) == []
    check = shop.check(number)
    assert "1 image not scanned" in check["title"]
    assert "does not have demo/app, or not this version of it" in check["summary"]


@pytest.mark.parametrize(
    "image", ["169.254.169.254/latest/meta-data:v1", "ghcr.io/acme/app:1.0.0", "--help"]
)
def test_an_image_of_a_place_that_is_not_listed_is_said_and_not_asked_for(
    house: House, image: str
) -> None:
    shop = house.shop()
    text = house.pod("1.0.0").replace(f"{house.host}/demo/app:1.0.0", f'"{image}"')
    number = shop.open({"pod.yaml": text})
    assert about_images(shop, number) == []
    assert "1 image not scanned" in shop.check(number)["title"]


def test_with_the_scanner_down_the_rest_of_the_review_stands(house: House) -> None:
    house.shelf.put("demo/app", "latest", Image(config={"User": "7"}))
    shop = house.world.shop()
    house.down.touch()
    number = shop.open({"pod.yaml": house.pod("latest")})
    (comment,) = shop.comments(number)
    assert "mutable-image-tag" in comment["body"]
    check = shop.check(number)
    assert "1 image not scanned" in check["title"]
    assert "Trivy failed: out of order" in check["summary"]

    house.down.unlink()
    shop.say(number, "/podsec check")
    (comment,) = about_images(shop, number)
    assert "1 critical, 1 medium" in comment["body"]
    assert "not scanned" not in shop.check(number)["title"]


def test_with_the_scanner_down_an_older_answer_is_given_as_such(house: House) -> None:
    first = house.shop()
    first.open({"pod.yaml": house.pod("1.1.1")})
    write_database(house.cache, MADE + timedelta(days=1))
    house.down.touch()
    shop = house.shop()
    number = shop.open({"pod.yaml": house.pod("1.1.1")})
    house.down.unlink()
    (comment,) = about_images(shop, number)
    assert "1.1.1`**: 1 medium." in comment["body"]
    assert "the report is an older one: Trivy failed: out of order" in comment["body"]
