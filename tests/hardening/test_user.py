"""Who a container becomes: the steps of the procedure, and the traps that it must not fall into."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.config import DEFAULT
from bot.kubernetes.version import parse_version
from bot.kubernetes.workload import Container, Pod
from bot.model.vulnerability import ImageConfig
from bot.rule.hardening import plan_of
from bot.rule.rule import Advice, Context, RuleFix
from tests.pods import context, first, one, pod, values

USER = "container:securityContext.runAsUser"
NONROOT = "container:securityContext.runAsNonRoot"
GROUP = "container:securityContext.runAsGroup"
FS_GROUP = "pod:securityContext.fsGroup"
POLICY = "pod:securityContext.fsGroupChangePolicy"
SYSCTLS = "pod:securityContext.sysctls"
OPENED = [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}]
CLAIM = "volumes: [{name: data, persistentVolumeClaim: {claimName: c}}]"


def answer(container: Container, known: Context | None = None) -> RuleFix | Advice:
    return plan_of(container.pod, known or context()).user(container).answer()


def fix(container: Container, known: Context | None = None) -> RuleFix:
    found = answer(container, known)
    assert isinstance(found, RuleFix), found
    return found


def advice(container: Container, known: Context | None = None) -> str:
    found = answer(container, known)
    assert isinstance(found, Advice), found
    return found.text


def test_a_stated_user_needs_the_promise_alone() -> None:
    for rest in ("", "securityContext: {runAsUser: 7}"):
        own = "" if rest else ", securityContext: {runAsUser: 7}"
        found = fix(one(f"{{image: whatever:1{own}}}", rest))
        assert values(found) == {NONROOT: True}
        assert found.applicability == "safe"


def test_a_named_user_gets_its_number() -> None:
    found = fix(one("image: quay.io/prometheus/prometheus:v3"))
    assert values(found)[USER] == 65534
    assert found.applicability == "safe"
    assert "Dockerfile" in found.reason


def test_an_entrypoint_that_steps_down_starts_as_its_user() -> None:
    found = fix(one("image: redis:7"))
    assert (values(found)[USER], values(found)[GROUP], values(found)[FS_GROUP]) == (999, 999, 999)
    assert found.applicability == "safe"


def test_the_tag_decides_the_number() -> None:
    assert values(fix(one("image: redis:7-alpine")))[GROUP] == 1000


def test_an_unknown_image_gets_the_configured_user_to_test_first() -> None:
    config = replace(DEFAULT, run_as_user=5, run_as_group=6, fs_group=7)
    found = fix(one("image: registry.corp/x:1"), context(config=config))
    assert (values(found)[USER], values(found)[GROUP], values(found)[FS_GROUP]) == (5, 6, 7)
    assert found.applicability == "unsafe"
    assert "nothing is known of the image 'registry.corp/x:1'" in found.reason


def test_a_base_image_is_never_safe_for_a_program_of_its_own() -> None:
    found = fix(one("{image: 'python:3.12', command: [python, app.py]}"))
    assert found.applicability == "unsafe"


def test_a_base_image_is_safe_for_what_any_user_may_run() -> None:
    found = fix(one("{image: 'alpine:3', command: [sleep, '5']}"))
    assert found.applicability == "safe"
    assert "sleep 5" in found.reason


@pytest.mark.parametrize("script", ["chown -R 1000 /data", "sysctl -w a=1", "apk add curl"])
def test_what_only_root_can_do_is_left_root_s(script: str) -> None:
    assert "only root" in advice(one(f"{{image: busybox, command: [sh, -c, '{script}']}}"))


def test_an_image_known_to_need_root_is_left_alone() -> None:
    assert "known to need root" in advice(one("image: gitlab/gitlab-ce:17"))


class TestPorts:
    def test_a_low_port_is_opened_in_the_pod(self) -> None:
        found = fix(one("{image: nginx:1.27, ports: [{containerPort: 80}]}"))
        assert values(found)[SYSCTLS] == OPENED
        assert found.applicability == "safe"

    def test_an_images_own_low_port_counts_without_a_declared_one(self) -> None:
        assert SYSCTLS in values(fix(one("image: nginx:1.27")))

    def test_a_declared_low_port_of_an_unknown_image_counts(self) -> None:
        found = fix(one("{image: registry.corp/x, ports: [{containerPort: 443}]}"))
        assert values(found)[SYSCTLS] == OPENED

    def test_high_ports_need_nothing(self) -> None:
        assert SYSCTLS not in values(fix(one("{image: redis:7, ports: [{containerPort: 6379}]}")))

    def test_the_nodes_network_cannot_be_opened(self) -> None:
        text = advice(one("image: nginx:1.27", "hostNetwork: true"))
        assert "nginx-unprivileged" in text

    def test_before_1_22_the_sysctl_is_not_safe(self) -> None:
        old = replace(DEFAULT, kubernetes_version=parse_version("1.21"))
        assert "1.22" in advice(one("image: nginx:1.27"), context(config=old))

    @pytest.mark.parametrize(("value", "safe"), [("0", True), ("80", True), ("81", False)])
    def test_a_sysctl_that_is_there_is_kept(self, value: str, safe: bool) -> None:
        name = OPENED[0]["name"]
        rest = f"securityContext: {{sysctls: [{{name: {name}, value: '{value}'}}]}}"
        found = fix(one("image: nginx:1.27", rest))
        assert SYSCTLS not in values(found)
        assert (found.applicability == "safe") == safe


class TestVolumes:
    def test_folders_of_roots_become_volumes(self) -> None:
        found = values(fix(one("image: nginx:1.27")))
        mounted = [mount["mountPath"] for mount in found["container:volumeMounts"]]
        assert mounted == ["/var/cache/nginx", "/run"]
        names = [volume["name"] for volume in found["pod:volumes"]]
        assert names == [mount["name"] for mount in found["container:volumeMounts"]]

    def test_what_is_mounted_is_not_mounted_over(self) -> None:
        container = one(
            "{image: nginx:1.27, volumeMounts: [{name: r, mountPath: /var/run}]}",
            "volumes: [{name: r, emptyDir: {}}]",
        )
        mounted = values(fix(container))["container:volumeMounts"]
        assert [mount["mountPath"] for mount in mounted] == ["/var/cache/nginx"]

    def test_a_database_with_a_claim_gets_advice(self) -> None:
        text = advice(
            one("{image: mysql:8, volumeMounts: [{name: data, mountPath: /var/lib/mysql}]}", CLAIM)
        )
        assert "OnRootMismatch" in text
        assert "runAsUser 999" in text

    def test_a_claim_of_a_stateful_set_counts(self) -> None:
        container = one(
            "{image: redis:7, volumeMounts: [{name: data, mountPath: /data}]}",
            kind="StatefulSet",
            claims=["data"],
        )
        assert "/data" in advice(container)

    def test_a_claim_of_another_image_is_tested_first_and_asks_once(self) -> None:
        container = one(
            "{image: registry.corp/x, volumeMounts: [{name: data, mountPath: /up}]}", CLAIM
        )
        found = fix(container)
        assert found.applicability == "unsafe"
        assert values(found)[POLICY] == "OnRootMismatch"

    @pytest.mark.parametrize("source", ["hostPath: {path: /x}", "nfs: {server: a, path: /x}"])
    def test_files_from_elsewhere_are_somebodys(self, source: str) -> None:
        container = one(
            "{image: nginx:1.27, volumeMounts: [{name: v, mountPath: /v}]}",
            f"volumes: [{{name: v, {source}}}]",
        )
        assert fix(container).applicability == "unsafe"

    def test_an_own_configuration_may_want_more(self) -> None:
        container = one(
            "{image: nginx:1.27, volumeMounts: [{name: v, mountPath: /etc/nginx/conf.d}]}",
            "volumes: [{name: v, configMap: {name: c}}]",
        )
        found = fix(container)
        assert found.applicability == "unsafe"
        assert "/etc/nginx/conf.d" in found.reason

    def test_a_secret_for_its_owner_alone_is_named(self) -> None:
        rest = "volumes: [{name: s, secret: {secretName: s, defaultMode: 256}}]"
        assert fix(one("image: redis:7", rest)).applicability == "unsafe"


@pytest.mark.parametrize(
    "more",
    [
        "command: [sh, -c, redis-server]",
        "securityContext: {privileged: true}",
        "lifecycle: {postStart: {exec: {command: [touch, /x]}}}",
    ],
)
def test_what_the_image_is_not_known_for_is_tested_first(more: str) -> None:
    assert fix(one(f"{{image: redis:7, {more}}}")).applicability == "unsafe"


def test_an_explicit_value_is_changed_only_after_a_test() -> None:
    for container in (
        one("{image: redis:7, securityContext: {runAsNonRoot: false}}"),
        one("{image: redis:7, securityContext: {runAsGroup: 0}}"),
        one("image: redis:7", "securityContext: {fsGroup: 0}"),
    ):
        found = fix(container)
        assert found.applicability == "unsafe"
        assert "explicit" in found.reason


def test_the_images_own_config_outranks_the_table() -> None:
    known = context(configs={"redis:7": ImageConfig(user="77:78")})
    found = fix(one("image: redis:7"), known)
    assert (values(found)[USER], values(found)[GROUP]) == (77, 78)
    assert found.applicability == "safe"
    assert "though the table of images" in found.reason


def test_a_name_without_a_number_is_tested_first() -> None:
    known = context(configs={"x:1": ImageConfig(user="app")})
    found = fix(one("image: x:1"), known)
    assert values(found)[USER] == DEFAULT.run_as_user
    assert "'app', whose number is not known" in found.reason


def test_a_group_of_roots_is_not_taken_away_unseen() -> None:
    assert fix(one("image: quay.io/keycloak/keycloak:26")).applicability == "unsafe"
    grafana = fix(one("image: grafana/grafana:11"))
    assert (values(grafana)[GROUP], grafana.applicability) == (472, "safe")


def test_windows_gets_no_number() -> None:
    assert "runAsUserName" in advice(one("image: x", "os: {name: windows}"))


class TestSharing:
    def plan(self, spec: str) -> tuple[Pod, dict[str, Any], RuleFix]:
        found = pod(spec)
        made = fix(first(found))
        return found, values(made), made

    def test_containers_that_agree_share_the_pods(self) -> None:
        found, shared, _ = self.plan(
            "containers: [{name: a, image: r.corp/a}, {name: b, image: r.corp/b}]"
        )
        assert shared["pod:securityContext.runAsUser"] == DEFAULT.run_as_user
        assert shared["pod:securityContext.runAsNonRoot"] is True
        assert USER not in shared
        both = [fix(container) for container in found.containers]
        assert both[0] == both[1]

    def test_the_needs_of_each_come_along(self) -> None:
        _, shared, _ = self.plan(
            "containers: [{name: a, image: nginx:1.27}, {name: b, image: nginx:1.26}]"
        )
        assert len(shared["pod:volumes"]) == 4
        assert [m["name"] for m in shared["pod:containers.1.volumeMounts"]] == [
            "b-var-cache-nginx",
            "b-run",
        ]

    def test_one_that_is_another_keeps_them_apart(self) -> None:
        _, own, _ = self.plan("containers: [{name: a, image: redis:7}, {name: b, image: r.corp/b}]")
        assert own[USER] == 999
        assert own[FS_GROUP] == DEFAULT.fs_group

    def test_one_that_says_something_keeps_them_apart(self) -> None:
        _, own, _ = self.plan(
            "containers: [{name: a, image: r.corp/a}, "
            "{name: b, image: r.corp/b, securityContext: {runAsUser: 5}}]"
        )
        assert own[USER] == DEFAULT.run_as_user

    def test_a_native_sidecar_is_one_of_them(self) -> None:
        _, shared, _ = self.plan(
            "{initContainers: [{name: a, image: r.corp/a, restartPolicy: Always}], "
            "containers: [{name: b, image: r.corp/b}]}"
        )
        assert "pod:securityContext.runAsUser" in shared


def test_another_user_for_a_named_root_is_never_safe() -> None:
    container = one("{image: redis:7, securityContext: {runAsUser: 0, runAsGroup: 0}}")
    found = plan_of(container.pod, context()).other_user(container).answer()
    assert isinstance(found, RuleFix)
    assert (values(found)[USER], values(found)[GROUP]) == (999, 999)
    assert found.applicability == "unsafe"


def test_a_pod_of_root_with_different_images_is_for_a_person() -> None:
    two = pod(
        "{securityContext: {runAsUser: 0}, "
        "containers: [{name: a, image: redis:7}, {name: b, image: r.corp/b}]}"
    )
    assert isinstance(plan_of(two, context()).other_user_of_pod().answer(), Advice)
