"""CPU and memory: from where the numbers are, and what they must not break."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.config import DEFAULT
from bot.kubernetes.workload import Container
from bot.rule.hardening import decide_limit, decide_request
from bot.rule.rule import Advice, Context, RuleFix
from tests.pods import context, one, other, pod, values

CPU = "container:resources.requests.cpu"
MEMORY = "container:resources.requests.memory"
LIMIT = "container:resources.limits.memory"
ELSEWHERE = """
containers:
- name: shop
  image: registry.corp/shop:1
  resources: {requests: {cpu: 70m, memory: 90Mi}, limits: {memory: 700Mi}}
"""


def request(container: Container, resource: str = "memory", known: Context | None = None) -> Any:
    found = decide_request(container, resource, known or context()).answer()
    assert isinstance(found, RuleFix)
    return values(found)[CPU if resource == "cpu" else MEMORY], found


def limit(container: Container, known: Context | None = None) -> Any:
    found = decide_limit(container, known or context()).answer()
    assert isinstance(found, RuleFix), found
    return values(found)[LIMIT], found


def test_the_config_is_the_last_resort() -> None:
    value, found = request(one("image: registry.corp/shop:1"))
    assert value == DEFAULT.memory_request
    assert found.applicability == "safe"
    assert "config" in found.reason


def test_the_class_of_the_image_comes_before_the_config() -> None:
    assert request(one("image: redis:7"))[0] == "128Mi"
    assert request(one("image: redis:7"), "cpu")[0] == "100m"
    assert limit(one("image: redis:7"))[0] == "256Mi"


def test_another_environment_comes_before_the_class() -> None:
    known = context([pod(ELSEWHERE, file="prod/shop.yaml")])
    container = one("image: registry.corp/shop:1", file="test/shop.yaml")
    value, found = request(container, known=known)
    assert value == "90Mi"
    assert "prod/shop.yaml" in found.reason
    assert request(container, "cpu", known)[0] == "70m"


def test_another_workload_says_nothing() -> None:
    known = context([pod(ELSEWHERE, name="else", file="prod/shop.yaml")])
    assert request(one("image: registry.corp/shop:1"), known=known)[0] == DEFAULT.memory_request


def test_a_memory_limit_is_safe_only_where_it_is_lived_with() -> None:
    assert limit(one("image: redis:7"))[1].applicability == "unsafe"
    known = context([pod(ELSEWHERE, file="prod/shop.yaml")])
    value, found = limit(one("image: registry.corp/shop:1"), known)
    assert (value, found.applicability) == ("700Mi", "safe")


def test_a_limit_is_never_below_the_request() -> None:
    container = one("{image: registry.corp/x, resources: {requests: {memory: 1Gi}}}")
    assert isinstance(decide_limit(container, context()).answer(), Advice)
    odd = one("{image: registry.corp/x, resources: {requests: {memory: much}}}")
    assert isinstance(decide_limit(odd, context()).answer(), Advice)


def test_a_request_is_never_above_the_limit() -> None:
    container = one("{image: redis:7, resources: {limits: {memory: 100Mi}}}")
    assert request(container)[0] == "100Mi"
    below_pod = one("image: redis:7", "resources: {limits: {memory: 96Mi}}")
    assert request(below_pod)[0] == "96Mi"


@pytest.mark.parametrize(
    ("spec", "value"),
    [
        ("{image: x, args: [-Xmx1g]}", "1536Mi"),
        ("{image: x, env: [{name: JAVA_OPTS, value: -Xms1m -Xmx100m}]}", "150Mi"),
        ("{image: x, env: [{name: A, value: -Xmx10m}]}", "128Mi"),
    ],
)
def test_a_limit_holds_the_heap(spec: str, value: str) -> None:
    assert limit(one(spec))[0] == value


def test_a_jvm_is_told_how_to_use_its_limit() -> None:
    for spec in ("{image: x, command: [java, -jar, a.jar]}", "image: tomcat:11"):
        assert "MaxRAMPercentage" in limit(one(spec))[1].reason
    assert "GOMEMLIMIT" in limit(one("image: prom/prometheus"))[1].reason


def test_a_job_is_run_once_first() -> None:
    job = one("image: registry.corp/x", kind="Job")
    assert isinstance(decide_limit(job, context()).answer(), Advice)


def test_an_autoscaler_by_utilisation_makes_it_a_thing_to_test() -> None:
    scaler = other(
        "HorizontalPodAutoscaler",
        "{scaleTargetRef: {kind: Deployment, name: shop}, metrics: [{type: Resource, "
        "resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]}",
    )
    known = context(objects=[scaler])
    container = one("image: registry.corp/x")
    assert request(container, "cpu", known)[1].applicability == "unsafe"
    assert request(container, "memory", known)[1].applicability == "safe"


def test_a_range_of_the_namespace_bounds_both() -> None:
    limits = other(
        "LimitRange",
        "{limits: [{type: Container, min: {memory: 80Mi}, max: {memory: 200Mi, cpu: 50m}}]}",
        namespace="a",
    )
    known = context(objects=[limits])
    here = one("image: registry.corp/x", namespace="a")
    assert request(here, known=known)[0] == "80Mi"
    assert request(here, "cpu", known)[0] == "50m"
    assert limit(one("image: redis:7", namespace="a"), known)[0] == "200Mi"
    elsewhere = one("image: registry.corp/x", namespace="b")
    assert request(elsewhere, known=known)[0] == DEFAULT.memory_request


def test_a_ratio_of_the_namespace_bounds_the_limit() -> None:
    limits = other("LimitRange", "{limits: [{type: Container, maxLimitRequestRatio: {memory: 2}}]}")
    container = one("{image: registry.corp/x, resources: {requests: {memory: 40Mi}}}")
    assert limit(container, context(objects=[limits]))[0] == "80Mi"


def test_configured_numbers_are_used() -> None:
    config = replace(DEFAULT, memory_request="5Mi", cpu_request="7m", memory_limit="9Mi")
    known = context(config=config)
    container = one("image: registry.corp/x")
    assert request(container, known=known)[0] == "5Mi"
    assert request(container, "cpu", known)[0] == "7m"
    assert limit(container, known)[0] == "9Mi"
