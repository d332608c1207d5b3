"""Pieces of objects are told from objects."""

from __future__ import annotations

from typing import Any

import pytest

from bot.kubernetes.kustomization import pruned
from bot.kubernetes.partial import (
    is_json_patch,
    is_named_kustomization,
    patch_files,
    why_partial,
)
from bot.model.manifest import PodPlace

POD = PodPlace(path=("spec", "template", "spec"))
CART = {"name": "cart", "image": "cart:1"}


def deployment(spec: Any, **more: Any) -> dict[str, Any]:
    return {"kind": "Deployment", "spec": {"template": {"spec": spec}, **more}}


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"containers": []},
        {"containers": None},
        {"initContainers": [CART]},
        {"containers": [{"name": "cart", "resources": {}}]},
        {"containers": [CART, {"name": "other"}]},
        {"containers": [CART], "$patch": "replace"},
        {"containers": [CART], "$setElementOrder/containers": []},
    ],
)
def test_a_pod_without_what_the_server_demands_is_a_piece(spec: Any) -> None:
    assert why_partial("web.yaml", "Deployment", deployment(spec), [POD]) is not None


@pytest.mark.parametrize(
    "spec", [{"containers": [CART]}, {"containers": CART}, {"containers": ["cart"]}]
)
def test_a_whole_pod_and_a_wrong_one_are_no_pieces(spec: Any) -> None:
    assert why_partial("web.yaml", "Deployment", deployment(spec), [POD]) is None


def test_directives_make_a_patch_of_any_kind() -> None:
    reason = why_partial("x.yaml", "Ingress", {"kind": "Ingress", "$patch": "delete"}, [])
    assert reason == "a patch of an Ingress: not judged"


@pytest.mark.parametrize(
    ("file", "selector", "is_patch"),
    [
        ("overlays/prod/image-patch.yaml", None, True),
        ("overlays/prod/patches/image.yaml", None, True),
        ("overlays/prod/patch_image.yaml", None, True),
        ("overlays/prod/image-patch.yaml", {"matchLabels": {"app": "x"}}, False),
        ("base/deployment.yaml", None, False),
        ("base/dispatcher.yaml", None, False),
    ],
)
def test_a_name_tells_only_where_the_selector_is_missing(
    file: str, selector: Any, is_patch: bool
) -> None:
    data = deployment({"containers": [CART]}, **({"selector": selector} if selector else {}))
    assert (why_partial(file, "Deployment", data, [POD]) is not None) == is_patch


def test_kustomizations_name_their_patches() -> None:
    overlay = {
        "resources": ["../base", "whole.yaml"],
        "patches": [
            {"path": "a.yaml"}, {"path": "../shared/b.yaml"}, {"patch": "- op: add\n"}, 5,
            {"path": "whole.yaml"},
        ],
        "patchesStrategicMerge": ["c.yaml", "kind: Deployment\nspec: {}\n"],
        "patchesJson6902": [{"target": {}, "path": "./d.json"}, {"path": None}],
    }  # fmt: skip
    found = patch_files([("o/prod/kustomization.yaml", overlay), ("x/kustomization.yml", None)])
    assert found == {"o/prod/a.yaml", "o/shared/b.yaml", "o/prod/c.yaml", "o/prod/d.json"}
    seen = [("o/prod/kustomization.yaml", pruned(overlay))]
    assert patch_files(seen) == found


def test_what_another_kustomization_builds_is_no_patch() -> None:
    one = {"patches": [{"path": "web.yaml"}]}
    other = {"resources": ["../a/web.yaml"]}
    assert patch_files([("a/kustomization.yaml", one), ("b/kustomization.yaml", other)]) == set()


@pytest.mark.parametrize("wrong", [None, 5, "x", [], {"patches": 5}, {"patches": {"path": "a"}}])
def test_a_wrong_kustomization_names_nothing(wrong: Any) -> None:
    assert patch_files([("kustomization.yaml", wrong)]) == set()


def test_json_patches_are_lists_of_operations() -> None:
    assert is_json_patch([{"op": "remove", "path": "/spec"}])
    assert not any(map(is_json_patch, ([], [{"op": "remove"}], {"op": 1, "path": 2}, ["op"])))


def test_kustomize_reads_its_files_by_name() -> None:
    assert is_named_kustomization("a/kustomization.yml")
    assert is_named_kustomization("Kustomization")
    assert not is_named_kustomization("a/kustomization.yaml/b.yaml")
