"""A read-only root file system comes with what it needs, or not at all."""

from __future__ import annotations

import pytest

from bot.kubernetes.workload import Container
from bot.rule.hardening import plan_of
from bot.rule.rule import Advice, Context, RuleFix
from tests.pods import context, one, pod, values

FIELD = "container:securityContext.readOnlyRootFilesystem"


def answer(container: Container, known: Context | None = None) -> RuleFix | Advice:
    return plan_of(container.pod, known or context()).root_filesystem(container).answer()


def fix(container: Container, known: Context | None = None) -> RuleFix:
    found = answer(container, known)
    assert isinstance(found, RuleFix), found
    return found


def advice(container: Container) -> str:
    found = answer(container)
    assert isinstance(found, Advice), found
    return found.text


def test_known_paths_become_volumes() -> None:
    found = fix(one("image: nginx:1.27"))
    assert found.applicability == "safe"
    paths = [mount["mountPath"] for mount in values(found)["container:volumeMounts"]]
    assert paths == ["/var/cache/nginx", "/run", "/tmp"]
    assert all(volume["emptyDir"] == {} for volume in values(found)["pod:volumes"])


def test_an_image_that_writes_nowhere_needs_nothing() -> None:
    found = fix(one("image: memcached:1.6"))
    assert values(found) == {FIELD: True}
    assert found.applicability == "safe"


def test_data_is_never_covered() -> None:
    assert "keeps data at /data" in advice(one("image: redis:7"))
    mounted = one(
        "{image: redis:7, volumeMounts: [{name: d, mountPath: /data}]}",
        "volumes: [{name: d, emptyDir: {}}]",
    )
    assert values(fix(mounted)) == {FIELD: True}


def test_files_of_the_image_are_never_covered() -> None:
    assert "ships files" in advice(one("image: docker.elastic.co/elasticsearch/elasticsearch:8"))
    templated = one(
        "{image: nginx:1.27, volumeMounts: [{name: t, mountPath: /etc/nginx/templates}]}",
        "volumes: [{name: t, configMap: {name: t}}]",
    )
    assert "ships files at /etc/nginx/conf.d" in advice(templated)


@pytest.mark.parametrize("image", ["registry.corp/x:1", "python:3.12", "postgres:17", "wordpress"])
def test_without_evidence_there_is_advice_that_names_paths(image: str) -> None:
    assert "/tmp" in advice(one(f"image: {image}"))


def test_a_command_that_writes_nothing_is_evidence() -> None:
    found = fix(one("{image: busybox, command: [sleep, '5']}"))
    assert values(found) == {FIELD: True}
    assert found.applicability == "safe"


@pytest.mark.parametrize(
    "more",
    ["command: [x]", "securityContext: {readOnlyRootFilesystem: false}"],
)
def test_what_the_image_is_not_known_for_is_tested_first(more: str) -> None:
    assert fix(one(f"{{image: memcached:1.6, {more}}}")).applicability == "unsafe"


def test_a_sibling_shows_what_is_written() -> None:
    hardened = pod(
        """
        containers:
        - name: x
          image: registry.corp/x:1
          securityContext: {readOnlyRootFilesystem: true}
          volumeMounts: [{name: w, mountPath: /work}]
        volumes: [{name: w, emptyDir: {}}]
        """,
        name="elsewhere",
        file="elsewhere.yaml",
    )
    found = fix(one("image: registry.corp/x:2"), context([hardened]))
    assert found.applicability == "safe"
    assert values(found)["container:volumeMounts"] == [{"name": "work", "mountPath": "/work"}]
    assert "elsewhere.yaml" in found.reason
