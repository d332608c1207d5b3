"""What a container gets from its pod, and where its fields stand."""

from __future__ import annotations

from typing import Any

import pytest

from bot.kubernetes.workload import INHERITED, Container, Object, Pod

OWNER = Object(
    spec={}, path=(), api_version="apps/v1", kind="Deployment", name="cart", namespace=None, file=""
)


def container(own: Any, pods: Any) -> Container:
    spec = {"initContainers": [{"name": "c", "securityContext": own}], "securityContext": pods}
    pod = Pod(spec=spec, path=("spec", "template", "spec"), name="cart", owner=OWNER)
    return next(iter(pod.containers))


@pytest.mark.parametrize("name", sorted(INHERITED))
def test_a_container_inherits_what_it_does_not_say(name: str) -> None:
    assert container({}, {name: {"a": 1}}).field(f"securityContext.{name}") == {"a": 1}
    assert container(None, {name: {"a": 1}}).field(f"securityContext.{name}.a") == 1
    assert container({name: {"a": 2}}, {name: {"a": 1}}).field(f"securityContext.{name}.a") == 2


@pytest.mark.parametrize("name", ["seccompProfile", "seLinuxOptions", "appArmorProfile"])
def test_an_own_profile_replaces_the_whole_of_the_pods(name: str) -> None:
    assert container({name: {"b": 2}}, {name: {"a": 1}}).field(f"securityContext.{name}.a") is None


def test_windows_options_are_inherited_one_by_one() -> None:
    own, pods = {"windowsOptions": {"b": 2}}, {"windowsOptions": {"a": 1, "b": 1}}
    assert container(own, pods).field("securityContext.windowsOptions.a") == 1
    assert container(own, pods).field("securityContext.windowsOptions.b") == 2


@pytest.mark.parametrize("value", [False, 0, ""])
def test_an_explicit_value_is_never_taken_for_absence(value: Any) -> None:
    found = container({"runAsUser": value}, {"runAsUser": 7}).field("securityContext.runAsUser")
    assert found == value


@pytest.mark.parametrize("name", ["privileged", "allowPrivilegeEscalation", "fsGroup"])
def test_other_fields_of_the_pod_are_not_the_containers(name: str) -> None:
    assert container({}, {name: True}).field(f"securityContext.{name}") is None


def test_the_metadata_of_a_pod_stands_beside_its_spec() -> None:
    one = container({}, {})
    assert one.pod.at(("metadata", "annotations", "a.b/c")) == (
        *("spec", "template", "metadata", "annotations", "a.b/c"),
    )
    assert one.pod.at(("hostPID",)) == ("spec", "template", "spec", "hostPID")
    assert one.at(("image",)) == ("spec", "template", "spec", "initContainers", 0, "image")
    assert one.below_pod("image") == "initContainers.0.image"
