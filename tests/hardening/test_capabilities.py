"""Which capabilities are kept, and when dropping the rest is safe."""

from __future__ import annotations

import pytest

from bot.config import ImageEntry
from bot.kubernetes.workload import Container
from bot.rule.hardening import capabilities, plan_of
from bot.rule.hardening.decision import Decision
from bot.rule.rule import Advice, Context, RuleFix
from tests.pods import context, one, values

DROP = "container:securityContext.capabilities.drop"
ADD = "container:securityContext.capabilities.add"
USER = "container:securityContext.runAsUser"


def answer(container: Container, known: Context | None = None) -> RuleFix | Advice:
    return plan_of(container.pod, known or context()).capabilities(container).answer()


def fix(container: Container) -> RuleFix:
    found = answer(container)
    assert isinstance(found, RuleFix), found
    return found


def test_an_image_that_is_not_roots_loses_nothing() -> None:
    found = fix(one("image: memcached:1.6"))
    assert values(found) == {DROP: ["ALL"]}
    assert found.applicability == "safe"


def test_an_entrypoint_of_roots_gets_its_user_in_the_same_fix() -> None:
    found = fix(one("image: redis:7"))
    assert values(found)[USER] == 999
    assert found.applicability == "safe"


def test_a_program_with_file_capabilities_keeps_them_in_reach() -> None:
    for image in ("caddy:2", "registry.k8s.io/coredns/coredns:v1.12.0"):
        found = fix(one(f"image: {image}"))
        assert values(found)[ADD] == ["NET_BIND_SERVICE"], image
        assert found.applicability == "safe"


def test_a_shell_loses_the_capabilities_of_files() -> None:
    found = fix(one("{image: caddy:2, command: [sh, -c, caddy run]}"))
    assert found.applicability == "unsafe"


def test_a_database_with_a_claim_is_told_what_root_needs() -> None:
    found = answer(
        one(
            "{image: postgres:17, volumeMounts: [{name: d, mountPath: /var/lib/postgresql/data}]}",
            "volumes: [{name: d, persistentVolumeClaim: {claimName: c}}]",
        )
    )
    assert isinstance(found, Advice)
    assert "gosu" in found.text
    assert "CHOWN, DAC_OVERRIDE, FOWNER, SETGID, SETUID" in found.text


@pytest.mark.parametrize(
    "spec",
    [
        "image: registry.corp/x:1",
        "{image: registry.corp/x:1, securityContext: {runAsUser: 5}}",
        "{image: 'python:3.12', command: [python, app.py]}",
        "{image: memcached:1.6, securityContext: {capabilities: {add: [CHOWN]}}}",
        "{image: memcached:1.6, securityContext: {privileged: true}}",
        "{image: memcached:1.6, command: [sh, -c, ping -c 1 x]}",
    ],
)
def test_without_evidence_it_is_tested_first(spec: str) -> None:
    assert fix(one(spec)).applicability == "unsafe"


def test_what_an_operator_says_is_needed_is_told() -> None:
    container = one("image: registry.corp/x:1")
    own = (ImageEntry(match="registry.corp/*", uid=5, capabilities=("IPC_LOCK",)),)
    facts = context().evidence.facts(container, own)
    found = capabilities.choose(container, facts, Decision()).answer()
    assert isinstance(found, Advice)
    assert "IPC_LOCK" in found.text


def test_a_program_that_gains_privileges_may_need_escalation() -> None:
    container = one("{image: x, command: [sudo, serve]}")
    found = plan_of(container.pod, context()).escalation(container).answer()
    assert isinstance(found, RuleFix)
    assert found.applicability == "unsafe"
    plain = one("image: x")
    safe = plan_of(plain.pod, context()).escalation(plain).answer()
    assert isinstance(safe, RuleFix)
    assert safe.applicability == "safe"
