"""The table of images: it is what its schema says, and it answers for its families."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest

from bot.kubernetes.image import parse
from bot.kubernetes.images import TABLE, known, sizes
from bot.kubernetes.quantity import quantity
from bot.yamlpatch import plain

DATA: dict[str, Any] = plain(TABLE.read_bytes())
ROWS: list[dict[str, Any]] = DATA["images"]


def family(name: str) -> dict[str, Any]:
    return next(row for row in ROWS if row["name"] == name)


def of_row(row: object) -> str:
    return row["name"] if isinstance(row, dict) else str(row)


def test_the_table_is_what_its_schema_says() -> None:
    schema = json.loads(TABLE.with_name("images.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(DATA)


def test_names_are_unique_and_classes_have_amounts() -> None:
    names = [row["name"] for row in ROWS]
    assert len(set(names)) == len(names)
    assert {row["class"] for row in ROWS} <= set(sizes())


@pytest.mark.parametrize("row", ROWS, ids=of_row)
def test_a_family_is_known_by_its_example(row: dict[str, Any]) -> None:
    found = known(row["example"])
    assert found is not None
    assert found.family == row["name"]


def test_no_name_is_in_two_families() -> None:
    names = [name for row in ROWS for name in row["match"]]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("row", ROWS, ids=of_row)
def test_a_name_is_written_out_and_a_glob_ends_at_a_slash(row: dict[str, Any]) -> None:
    for name in row["match"]:
        whole = name.replace("*/", "registry.example.com/").replace("*", "any")
        reference = parse(whole)
        assert reference is not None
        assert reference.repository == whole
        assert not name.startswith("*") or name.startswith("*/")


@pytest.mark.parametrize("row", ROWS, ids=of_row)
def test_what_is_said_without_a_source_is_only_remembered(row: dict[str, Any]) -> None:
    if not row["source"]:
        assert set(row["confidence"].values()) == {"recalled"}


@pytest.mark.parametrize("row", ROWS, ids=of_row)
def test_a_row_that_needs_changes_says_how_they_are_seen_to(row: dict[str, Any]) -> None:
    """Either the procedure can make them all, or no fix of it is ever safe."""
    if row["nonroot"] == "with_changes":
        made = ("nonroot_mounts", "file_caps", "any_uid", "fs_group")
        sees = row["low_port"] or any(key in row for key in made)
        recalled = row["confidence"]["nonroot"] == "recalled"
        only_volumes = all("fsgroup" in change.lower() for change in row["changes"])
        assert "auto_fix" in row or sees or recalled or only_volumes, row["name"]


@pytest.mark.parametrize("row", ROWS, ids=of_row)
def test_a_named_user_has_a_number_and_root_has_none(row: dict[str, Any]) -> None:
    user = row["image_user"]
    if row["numeric"] is False and user != "root":
        assert row["uid"], "the kubelet needs a number"
    if row["numeric"]:
        assert re.fullmatch(r"[1-9]\d*(:\d+)?", user)


def test_a_tag_decides_where_variants_differ() -> None:
    for image, uid in (
        ("postgres:17", 999),
        ("postgres:17-alpine", 70),
        ("postgres:17.2-alpine3.20", 70),
        ("httpd:2.4-alpine", 82),
        ("nextcloud:30-fpm-alpine", 82),
        ("nextcloud:30-fpm", 33),
    ):
        found = known(image)
        assert found is not None
        assert found.nonroot is not None
        assert found.nonroot.value.uid == uid, image


@pytest.mark.parametrize(
    "image",
    ["registry.example.com/shop/cart:1", "nginxx", "example.com/nginx", "NGINX", "", "a b", "${X}"],
)
def test_what_is_not_in_the_table_is_not_known(image: str) -> None:
    assert known(image) is None


@pytest.mark.parametrize(
    "image", ["nginx", "docker.io/nginx", "index.docker.io/library/nginx:1@sha256:" + "a" * 64]
)
def test_all_names_of_an_image_are_one(image: str) -> None:
    found = known(image)
    assert found is not None
    assert found.family == "nginx"


def test_a_fact_is_sure_unless_it_was_only_remembered() -> None:
    nginx, slim = known("nginx"), known("registry.k8s.io/nginx-slim")
    assert nginx is not None
    assert nginx.nonroot is not None
    assert nginx.nonroot.source.sure
    assert slim is not None
    assert slim.nonroot is not None
    assert not slim.nonroot.source.sure


def test_a_limit_is_never_below_its_request() -> None:
    for size in sizes().values():
        asked, allowed = quantity(size.memory_request), quantity(size.memory_limit)
        assert asked is not None
        assert allowed is not None
        assert asked <= allowed


def test_traps_of_the_table_are_kept() -> None:
    assert family("caddy")["file_caps"] == ["NET_BIND_SERVICE"]
    assert family("postgres")["step_down"] == "gosu"
    assert family("prometheus")["numeric"] is False
    assert family("gitlab")["nonroot"] == "no"
