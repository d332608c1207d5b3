"""Which objects share a namespace, and what kustomizations have to do with it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.kubernetes.kustomization import (
    Kustomizations,
    entries,
    folder_of,
    generated,
    images,
    is_open_ended,
    pruned,
)
from bot.kubernetes.namespace import Namespaces, Place
from bot.kubernetes.selector import Answer, equality_of, labels_of, selector_of

BASE: dict[str, Any] = {"resources": ["web.yaml", "cart.yaml"]}
OVERLAY: dict[str, Any] = {"resources": ["../../base", "policy.yaml"]}


def spaces(**found: dict[str, Any]) -> Namespaces:
    files = (
        (name.replace("__", "/") + "/kustomization.yaml", data) for name, data in found.items()
    )
    return Namespaces({}, Kustomizations(files))


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (Place("a"), Place("a"), True),
        (Place("a", "x"), Place("a", "y"), True),
        (Place("a"), Place("b"), False),
        (Place("a", "x"), Place(None, "x"), False),
        (Place(None, "x"), Place(None, "x"), True),
        (Place(None, "x"), Place(None, "x/y"), True),
        (Place(None, ""), Place(None, "x/y"), True),
        (Place(None, "x"), Place(None, "xy"), None),
        (Place(None, "x/a"), Place(None, "x/b"), None),
    ],
)
def test_what_is_not_written_is_the_same_in_one_tree_only(
    first: Place, second: Place, same: Answer
) -> None:
    assert Namespaces().same(first, second) is same
    assert Namespaces().same(second, first) is same


def test_a_kustomization_ties_a_base_to_its_overlay() -> None:
    known = spaces(base=BASE, overlays__prod=OVERLAY)
    assert known.same(Place(None, "base"), Place(None, "overlays/prod")) is True
    assert known.same(Place(None, "base"), Place(None, "overlays/test")) is None


def test_two_overlays_of_one_base_are_not_tied() -> None:
    known = spaces(base=BASE, overlays__prod=OVERLAY, overlays__test=OVERLAY)
    assert known.same(Place(None, "overlays/prod"), Place(None, "overlays/test")) is None


def test_an_inner_kustomization_with_a_namespace_is_another_tree() -> None:
    inner = {**BASE, "namespace": "shop"}
    outer = {"resources": ["../a", "../b"]}
    known = spaces(a=inner, b=BASE, all=outer)
    assert known.same(Place(None, "a"), Place(None, "b")) is None
    assert known.same(Place(None, "all"), Place(None, "b")) is True
    overruled = spaces(a=inner, b=BASE, all={**outer, "namespace": "prod"})
    assert overruled.same(Place(None, "a"), Place(None, "b")) is True


def test_a_kustomization_may_give_the_namespace_that_another_object_names() -> None:
    known = spaces(base=BASE, overlays__prod={**OVERLAY, "namespace": "prod"})
    assert known.same(Place(None, "base"), Place("prod")) is None
    assert known.same(Place(None, "base"), Place("test")) is False


def test_kustomizations_that_go_in_circles_end() -> None:
    known = spaces(a={"resources": ["../b"]}, b={"resources": ["../a"]})
    assert known.same(Place(None, "a"), Place(None, "b")) is True


def test_what_a_kustomization_brings_from_elsewhere_is_said() -> None:
    assert not is_open_ended({"resources": ["a.yaml", "../base", "dir"]})
    for remote in (
        "https://example.com/app.yaml",
        "github.com/acme/app//deploy?ref=v1",
        "git@example.com:acme/app.git",
    ):
        assert is_open_ended({"resources": [remote]})
        assert list(entries({"resources": [remote, "a.yaml"]})) == ["a.yaml"]
    assert is_open_ended({"helmCharts": [{"name": "redis"}]})
    assert is_open_ended({"generators": ["secrets.yaml"]})


def test_of_a_generator_the_name_is_kept_and_no_literal() -> None:
    data = {
        "secretGenerator": [{"name": "db", "literals": ["password=not-to-be-kept"]}],
        "configMapGenerator": [{"name": "env", "envs": [".env"]}],
        "images": [{"name": "app", "newTag": "1.2"}, {"name": "other", "newName": "o"}],
    }
    kept = pruned(data)
    assert "not-to-be-kept" not in str(kept)
    assert list(generated(kept, "Secret")) == ["db"]
    assert list(generated(kept, "ConfigMap")) == ["env"]
    assert list(images(kept)) == ["app"]


def test_the_folder_of_a_file() -> None:
    assert [folder_of(file) for file in ("a.yaml", "./x/a.yaml", "/x/y/a.yaml")] == [
        "",
        "x",
        "/x/y",
    ]


def test_labels_are_read_as_text() -> None:
    assert labels_of({"a": 1, "b": True, "c": None, "d": "x"}) == {
        "a": "1",
        "b": "true",
        "c": "",
        "d": "x",
    }
    assert labels_of(["a"]) == {}


def test_the_selector_of_a_service_selects_nothing_where_it_is_absent() -> None:
    assert equality_of(None).match({"app": "web"}) is False
    assert equality_of({}).match({"app": "web"}) is False
    assert equality_of({"app": "web"}).match({"app": "web", "tier": "front"}) is True
    assert selector_of(None).match({"app": "web"}) is True


@pytest.mark.parametrize("broken", ["app=web", ["app"], {"matchExpressions": {"key": "app"}}])
def test_a_selector_that_cannot_be_read_matches_nothing(broken: Any) -> None:
    assert selector_of(broken).match({"app": "web"}) is False
