"""What the API server rejects together, by example: the pod with it, and the pod without."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from bot.kubernetes.interlocks import broken, quantity


def pod(container: dict[str, Any] | None = None, where: str = "containers", **spec: Any) -> Any:
    return {where: [{"name": "a", **(container or {})}], **spec}


def context(**fields: Any) -> dict[str, Any]:
    return {"securityContext": fields}


def resources(requests: dict[str, Any], limits: dict[str, Any]) -> dict[str, Any]:
    return {"resources": {"requests": requests, "limits": limits}}


EXEC = {"exec": {"command": ["true"]}}
HTTP = {"httpGet": {"port": 80}}
LOCAL = {"type": "Localhost", "localhostProfile": "x.json"}
CASES: dict[str, tuple[Any, Any]] = {
    "forbids privilege escalation": (
        pod(context(allowPrivilegeEscalation=False, privileged=True)),
        pod(context(allowPrivilegeEscalation=False)),
    ),
    "adds CAP_SYS_ADMIN": (
        pod(context(allowPrivilegeEscalation=False, capabilities={"add": ["CAP_SYS_ADMIN"]})),
        pod(context(allowPrivilegeEscalation=False, capabilities={"add": ["CHOWN"]})),
    ),
    "adds SYS_ADMIN": (
        pod(context(allowPrivilegeEscalation=False, capabilities={"add": ["SYS_ADMIN"]})),
        pod(context(allowPrivilegeEscalation=True, capabilities={"add": ["SYS_ADMIN"]})),
    ),
    "runs as user 0": (
        pod(context(runAsNonRoot=True), securityContext={"runAsUser": 0}),
        pod(context(runAsNonRoot=True, runAsUser=1), securityContext={"runAsUser": 0}),
    ),
    "'memory' below its request": (
        pod(resources({"memory": "1Gi"}, {"memory": "1000Mi"})),
        pod(resources({"memory": "1Gi"}, {"memory": "1024Mi"})),
    ),
    "'cpu' below its request": (
        pod(resources({"cpu": "250m"}, {"cpu": 0.2})),
        pod(resources({"cpu": "250m"}, {"cpu": "0.25"})),
    ),
    "that is not its request": (
        pod(resources({"nvidia.com/gpu": 1}, {"nvidia.com/gpu": 2})),
        pod(resources({"ephemeral-storage": 1}, {"ephemeral-storage": 2})),
    ),
    "without a limit": (
        pod(resources({"hugepages-2Mi": "4Mi"}, {})),
        pod(resources({"cpu": "1"}, {})),
    ),
    "2 handlers in 'livenessProbe'": (
        pod({"livenessProbe": EXEC | HTTP}),
        pod({"livenessProbe": EXEC}),
    ),
    "0 handlers in 'readinessProbe'": (
        pod({"readinessProbe": {"periodSeconds": 1}}),
        pod({"readinessProbe": {"grpc": {"port": 1}}}),
    ),
    "2 handlers in 'lifecycle.preStop'": (
        pod({"lifecycle": {"preStop": EXEC | HTTP}}),
        pod({"lifecycle": {"preStop": {"sleep": {"seconds": 1}}}}),
    ),
    "whose type and file": (
        pod(context(seccompProfile=LOCAL | {"type": "RuntimeDefault"})),
        pod(context(seccompProfile=LOCAL)),
    ),
    "the pod has a appArmorProfile": (
        pod(securityContext={"appArmorProfile": {"type": "Localhost"}}),
        pod(securityContext={"appArmorProfile": {"type": "Unconfined"}}),
    ),
    "may not have 'resources'": (
        pod({"resources": {}}, "ephemeralContainers"),
        pod({"resources": {}}, "initContainers"),
    ),
    "may not have 'livenessProbe'": (
        pod({"livenessProbe": EXEC}, "initContainers"),
        pod({"livenessProbe": EXEC, "restartPolicy": "Always"}, "initContainers"),
    ),
    "may not have 'securityContext.capabilities'": (
        pod(context(capabilities={"drop": ["ALL"]}), os={"name": "windows"}),
        pod(context(windowsOptions={}), os={"name": "windows"}),
    ),
    "may not have 'securityContext.windowsOptions'": (
        pod(context(windowsOptions={}), os={"name": "linux"}),
        pod(context(windowsOptions={})),
    ),
    "a Windows pod has no 'securityContext.seccompProfile'": (
        pod(os={"name": "windows"}, securityContext={"seccompProfile": {"type": "RuntimeDefault"}}),
        pod(nodeSelector={"kubernetes.io/os": "windows"}, securityContext={"fsGroup": 1}),
    ),
    "a Linux pod has no": (
        pod(os={"name": "linux"}, securityContext={"windowsOptions": {}}),
        pod(os={"name": "linux"}, securityContext={"fsGroup": 1}),
    ),
    "a host port that is not its own": (
        pod({"ports": [{"containerPort": 80, "hostPort": 8080}]}, hostNetwork=True),
        pod(
            {"ports": [{"containerPort": 80, "hostPort": 80}, {"containerPort": 1}]},
            hostNetwork=True,
        ),
    ),
    "both a value and a source": (
        pod({"env": [{"name": "A", "value": "x", "valueFrom": {"fieldRef": {}}}]}),
        pod({"env": [{"name": "A", "value": "", "valueFrom": {"fieldRef": {}}}]}),
    ),
    "no volume of the pod": (
        pod({"volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}]}),
        pod({"volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}]}, volumes=[{"name": "tmp"}]),
    ),
    "mounts two volumes at '/tmp'": (
        pod(
            {"volumeMounts": [{"name": n, "mountPath": "/tmp"} for n in "xy"]},
            volumes=[{"name": n} for n in "xy"],
        ),
        pod(
            {"volumeMounts": [{"name": "x", "mountPath": f"/{n}"} for n in "xy"]},
            volumes=[{"name": "x"}],
        ),
    ),
    "the volume name 'x' stands twice": (
        pod(volumes=[{"name": "x"}, {"name": "x"}]),
        pod(volumes=[{"name": "x"}, {"name": "y"}]),
    ),
    "the container name 'a' stands twice": (
        pod(initContainers=[{"name": "a"}]),
        pod(initContainers=[{"name": "b"}]),
    ),
    "'hostPID' and 'shareProcessNamespace'": (
        pod(hostPID=True, shareProcessNamespace=True),
        pod(hostPID=True, shareProcessNamespace=False),
    ),
    "'hostUsers' is false and 'hostIPC' is true": (
        pod(hostUsers=False, hostIPC=True),
        pod(hostUsers=True, hostIPC=True),
    ),
}


@pytest.mark.parametrize("words", CASES)
def test_what_the_api_server_rejects_is_named(words: str) -> None:
    bad, good = CASES[words]
    assert any(words in reason for reason in broken(bad, kind="Pod")), broken(bad, kind="Pod")
    assert not any(words in reason for reason in broken(good, kind="Pod"))


def test_a_sound_pod_breaks_nothing() -> None:
    spec = pod(
        context(allowPrivilegeEscalation=False, runAsNonRoot=True, runAsUser=1000)
        | resources({"cpu": "100m", "memory": "64Mi"}, {"memory": "64Mi"})
        | {"livenessProbe": HTTP, "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}]},
        volumes=[{"name": "tmp", "emptyDir": {}}],
        securityContext={"seccompProfile": {"type": "RuntimeDefault"}},
    )
    assert broken(spec, kind="Deployment") == frozenset()
    assert broken({}, kind="Pod") == frozenset()


def test_the_claims_of_a_stateful_set_are_volumes() -> None:
    spec = pod({"volumeMounts": [{"name": "data", "mountPath": "/data"}]})
    assert broken(spec, kind="StatefulSet") == frozenset()


@pytest.mark.parametrize("spec", [{"containers": "x"}, {"containers": [1, None]}, {"volumes": {}}])
def test_what_is_no_pod_is_nothing_to_reject(spec: Any) -> None:
    assert broken(spec, kind="Pod") == frozenset()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", Fraction(1)),
        (2, Fraction(2)),
        (0.5, Fraction(1, 2)),
        ("100m", Fraction(1, 10)),
        ("1Ki", Fraction(1024)),
        ("1.5Gi", Fraction(3 * 2**29)),
        ("1k", Fraction(1000)),
        ("1e3", Fraction(1000)),
        ("1E", Fraction(10**18)),
        ("-1", Fraction(-1)),
        ("", None),
        ("Mi", None),
        ("1/2", None),
        ("abc", None),
        (True, None),
        ("${MEMORY}", None),
    ],
)
def test_quantities_are_numbers(text: object, number: Fraction | None) -> None:
    assert quantity(text) == number
