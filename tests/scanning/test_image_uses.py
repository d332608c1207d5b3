"""Which images manifests name, and which of them a change brings."""

from __future__ import annotations

from bot.engine.image_uses import brought, image_uses, plan_scans
from bot.engine.read import load
from tests.scanning.making import pod, uses

DEPLOYMENT = b"""\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
  namespace: web
spec:
  template:
    spec:
      initContainers:
        - name: seed
          image: "busybox:1.36"
      containers:
        - name: cart
          image: nginx:1.25
        - {name: log, image: fluentd}
        - image: 3
      ephemeralContainers:
        - name: debug
          image: busybox:1.36
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data: {image: nginx}
"""


def test_every_container_that_names_an_image_is_found_with_its_line() -> None:
    assert [(u.reference, u.container, u.region.line) for u in uses(DEPLOYMENT)] == [
        ("busybox:1.36", "seed", 11),
        ("nginx:1.25", "cart", 14),
        ("fluentd", "log", 15),
        ("busybox:1.36", "debug", 19),
    ]
    first = uses(DEPLOYMENT)[0]
    assert (first.kind, first.name, first.namespace, first.file) == (
        "Deployment",
        "shop",
        "web",
        "pod.yaml",
    )


def test_pods_of_custom_resources_are_found_too() -> None:
    data = b"""\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: shop}
spec:
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec:
      containers:
        - name: cart
          image: nginx:1.25
"""
    assert [(use.reference, use.kind) for use in uses(data)] == [("nginx:1.25", "Rollout")]


def test_objects_of_a_list_are_found_too() -> None:
    inner = pod("nginx:1").replace(b"\n", b"\n  ").decode().rstrip()
    data = f"apiVersion: v1\nkind: List\nitems:\n- {inner}\n".encode()
    (use,) = uses(data)
    assert data.decode().splitlines()[use.region.line - 1].strip() == "image: nginx:1"


def test_each_image_is_scanned_once_for_all_its_containers() -> None:
    plans = plan_scans(uses(DEPLOYMENT))
    assert [(plan.reference, len(plan.uses), plan.reason) for plan in plans] == [
        ("busybox:1.36", 2, ""),
        ("nginx:1.25", 1, ""),
        ("fluentd", 1, ""),
    ]


def test_what_cannot_be_scanned_has_a_reason() -> None:
    data = pod('"${IMAGE}"', '"not an image"', "nginx")
    assert [plan.reason for plan in plan_scans(uses(data))] == [
        "it stands for an image that something else fills in",
        "it is no image reference",
        "",
    ]


def test_pods_for_windows_are_asked_about_on_windows() -> None:
    plain = pod("app:1")
    by_os = plain.replace(b"spec:\n", b"spec:\n  os: {name: windows}\n")
    by_selector = plain.replace(b"spec:\n", b"spec:\n  nodeSelector: {kubernetes.io/os: windows}\n")
    for data, platform in (
        (plain, "linux/amd64"),
        (by_os, "windows/amd64"),
        (by_selector, "windows/amd64"),
    ):
        (plan,) = plan_scans(uses(data))
        assert plan.platform == platform
    both = plan_scans((*uses(plain), *uses(by_os)))
    assert [plan.platform for plan in both] == ["linux/amd64", "windows/amd64"]


def test_a_change_brings_what_is_new_or_names_another_image() -> None:
    before = uses(pod("nginx:1.25", "redis:7", "busybox:1"))
    after = uses(pod("nginx:1.26", "redis:7", "busybox:1", "redis:7"))
    assert [(u.container, u.reference) for u in brought(after, before)] == [
        ("c0", "nginx:1.26"),
        ("c3", "redis:7"),
    ]
    moved = uses(b"# a line\n" + pod("nginx:1.25", "redis:7", "busybox:1"))
    assert brought(moved, before) == ()
    assert brought(before, ()) == before


def test_odd_pods_break_nothing() -> None:
    for spec in (b"3", b"[]", b"{containers: 3}", b"{containers: [3, {image: [a]}]}"):
        manifests, _ = load("x.yaml", b"apiVersion: v1\nkind: Pod\nspec: " + spec + b"\n")
        assert image_uses(manifests) == ()
