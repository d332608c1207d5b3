"""From which version to which a control forbids what, and which field decides."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.config import DEFAULT
from bot.engine.check import check
from bot.engine.place import steps
from bot.engine.read import load
from bot.kubernetes.version import LATEST
from tests.conformance.admission import RULES, as_pod, fails, findings
from tests.workloads import LINUX_ONLY

IMAGE = "registry.example.com/shop/cart:1.4.2"
SECCOMP = "seccomp.security.alpha.kubernetes.io"
WINDOWS = {"os": {"name": "windows"}}
TO_WINDOWS = {"nodeSelector": {"kubernetes.io/os": "windows"}}
OWN_USERS = {"hostUsers": False}
ALL = range(LATEST.minor + 1)
NEVER = range(0)


def since(minor: int) -> range:
    return range(minor, LATEST.minor + 1)


def before(minor: int) -> range:
    return range(minor)


def pod(
    container: dict[str, Any] | None = None,
    *more: dict[str, Any],
    annotations: dict[str, str] | None = None,
    **spec: Any,
) -> bytes:
    """A pod whose containers have these securityContexts, by c0, c1 ..."""
    contexts = [container or {}, *more]
    containers = [
        {"name": f"c{index}", "image": IMAGE, "securityContext": context}
        for index, context in enumerate(contexts)
    ]
    return as_pod(
        {"meta": {"annotations": annotations or {}}, "spec": {"containers": containers, **spec}}
    )


def sysctl(name: str) -> bytes:
    return pod(securityContext={"sysctls": [{"name": name, "value": "1"}]})


def probing(host: str) -> bytes:
    probe = {"httpGet": {"host": host, "port": 80}}
    return pod(ephemeralContainers=[{"name": "e0", "image": IMAGE, "livenessProbe": probe}])


UNMASKED = {"procMount": "Unmasked"}
UNCONFINED = {"seccompProfile": {"type": "Unconfined"}}
ENGINE = {"seLinuxOptions": {"type": "container_engine_t"}}
FORBIDDEN = [
    ("sysctls", sysctl("net.ipv4.ip_unprivileged_port_start"), NEVER),
    ("sysctls", sysctl("net.ipv4.ip_local_reserved_ports"), before(27)),
    ("sysctls", sysctl("net.ipv4.tcp_keepalive_time"), before(29)),
    ("sysctls", sysctl("net.ipv4.tcp_rmem"), before(32)),
    ("sysctls", sysctl("net.ipv4.tcp_notsent_lowat"), before(37)),
    ("sysctls", sysctl("net/ipv4/tcp_syncookies"), ALL),
    ("seLinuxOptions", pod(ENGINE), before(31)),
    ("hostProbesAndHostLifecycle", probing("127.0.0.1"), since(34)),
    ("hostProbesAndHostLifecycle", probing(""), NEVER),
    ("allowPrivilegeEscalation", pod(), since(8)),
    ("allowPrivilegeEscalation", pod(**WINDOWS), range(8, 25)),
    ("allowPrivilegeEscalation", pod(**TO_WINDOWS), since(8)),
    ("capabilities_restricted", pod(), since(22)),
    ("capabilities_restricted", pod(**WINDOWS), range(22, 25)),
    ("capabilities_baseline", pod({"capabilities": {"add": ["SYS_ADMIN"]}}), before(22)),
    ("seccompProfile_restricted", pod(), since(19)),
    ("seccompProfile_restricted", pod(**WINDOWS), range(19, 25)),
    ("seccompProfile_restricted", pod(UNCONFINED), since(19)),
    ("seccompProfile_baseline", pod(UNCONFINED), NEVER),
    ("seccompProfile_baseline", pod(annotations={f"{SECCOMP}/pod": "unconfined"}), before(19)),
    ("seccompProfile_baseline", pod(annotations={f"{SECCOMP}/pod": "docker/default"}), NEVER),
    (
        "seccompProfile_baseline",
        pod(annotations={f"container.{SECCOMP}/c0": "unconfined"}),
        before(19),
    ),
    ("seccompProfile_baseline", pod(annotations={f"container.{SECCOMP}/x": "unconfined"}), NEVER),
    ("runAsUser", pod({"runAsUser": 0}), since(23)),
    ("runAsUser", pod({"runAsUser": 0}, **OWN_USERS), range(23, 35)),
    ("runAsNonRoot", pod(), ALL),
    ("runAsNonRoot", pod(hostUsers=True), ALL),
    ("runAsNonRoot", pod(**OWN_USERS), before(35)),
    ("runAsNonRoot", pod(**WINDOWS), ALL),
    ("procMount", pod(UNMASKED), before(35)),
    ("procMount_restricted", pod(UNMASKED), since(35)),
    ("procMount_restricted", pod(UNMASKED, **OWN_USERS), since(35)),
    ("restrictedVolumes", pod(volumes=[{"name": "v", "hostPath": {"path": "/"}}]), ALL),
    ("hostPathVolumes", pod(volumes=[{"name": "v", "hostPath": {"path": "/"}}]), NEVER),
    ("restrictedVolumes", pod(volumes=[{"name": "v", "emptyDir": None}]), NEVER),
]


@pytest.mark.parametrize(("control", "data", "versions"), FORBIDDEN)
def test_the_restricted_profile_forbids_in_these_versions(
    control: str, data: bytes, versions: range
) -> None:
    found = [minor for minor in ALL if control in fails(data, "restricted", f"1.{minor}")]
    assert found == list(versions)


@pytest.mark.parametrize(
    ("control", "data", "versions"),
    [
        ("procMount", pod(UNMASKED), ALL),
        ("procMount", pod(UNMASKED, **OWN_USERS), before(35)),
        ("seccompProfile_baseline", pod(UNCONFINED), since(19)),
        ("hostPathVolumes", pod(volumes=[{"name": "v", "hostPath": {}}]), ALL),
        ("capabilities_baseline", pod({"capabilities": {"add": ["CAP_CHOWN"]}}), ALL),
        ("runAsNonRoot", pod(), NEVER),
    ],
)
def test_the_baseline_profile_forbids_in_these_versions(
    control: str, data: bytes, versions: range
) -> None:
    found = [minor for minor in ALL if control in fails(data, "baseline", f"1.{minor}")]
    assert found == list(versions)


TRUE, FALSE, ROOT = {"runAsNonRoot": True}, {"runAsNonRoot": False}, {"runAsUser": 0}
DEFAULTED = {"seccompProfile": {"type": "RuntimeDefault"}}
HOST = {"windowsOptions": {"hostProcess": True}}
OF_POD, OF_C0, OF_C1 = "spec", "spec.containers[0]", "spec.containers[1]"


@pytest.mark.parametrize(
    ("control", "data", "deciding"),
    [
        ("runAsNonRoot", pod(TRUE, TRUE, securityContext=FALSE), [OF_POD]),
        ("runAsNonRoot", pod({}, TRUE, securityContext=FALSE), [OF_POD]),
        ("runAsNonRoot", pod(FALSE, {}, securityContext=FALSE), [OF_C0, OF_POD]),
        ("runAsNonRoot", pod(FALSE, {}, securityContext=TRUE), [OF_C0]),
        ("runAsNonRoot", pod({}, TRUE), [OF_C0]),
        ("runAsUser", pod({"runAsUser": 1}, securityContext=ROOT), [OF_POD]),
        ("runAsUser", pod(ROOT, {}, securityContext={"runAsUser": 1}), [OF_C0]),
        ("seccompProfile_restricted", pod(DEFAULTED, securityContext=UNCONFINED), [OF_POD]),
        ("seccompProfile_restricted", pod({}, {}, securityContext=UNCONFINED), [OF_POD]),
        ("seccompProfile_restricted", pod({}, UNCONFINED, securityContext=DEFAULTED), [OF_C1]),
        ("seccompProfile_restricted", pod({}, DEFAULTED), [OF_C0]),
        ("windowsHostProcess", pod(HOST, securityContext=HOST, **WINDOWS), [OF_C0, OF_POD]),
        ("seLinuxOptions", pod(securityContext={"seLinuxOptions": {"user": "u"}}), [OF_POD]),
        ("appArmorProfile", pod(securityContext={"appArmorProfile": {}}), [OF_POD]),
    ],
)
def test_a_finding_stands_at_each_field_that_decides_and_nowhere_else(
    control: str, data: bytes, deciding: list[str]
) -> None:
    found = [f for f in findings(data, "restricted", "latest") if f.control == control]
    assert sorted(f.field.partition(".securityContext")[0] for f in found) == sorted(deciding)


def test_an_annotation_of_a_template_is_found_where_it_stands() -> None:
    key = "container.apparmor.security.beta.kubernetes.io/c0"
    single = json.loads(pod(annotations={key: "unconfined"}))
    template = {"metadata": single["metadata"], "spec": single["spec"]}
    data = {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": template}}
    found = findings(json.dumps(data, indent=1).encode(), "baseline", "latest")
    assert [f.field for f in found] == [f"spec.template.metadata.annotations[{key}]"]
    line = json.dumps(data, indent=1).splitlines()[found[0].region.line - 1]
    assert key in line


def test_a_restricted_rule_that_is_off_leaves_the_field_to_the_baseline_rule() -> None:
    manifests, _ = load("pod.yaml", pod(UNCONFINED))
    rule = next(r for r in RULES if r.control == "seccompProfile_restricted")
    config = replace(DEFAULT, profile="restricted", rules={rule.id: "off"})
    controls = {finding.control for finding in check(manifests, RULES, config)}
    assert "seccompProfile_baseline" in controls


def test_a_windows_pod_is_told_nothing_of_linux() -> None:
    own = {"windowsOptions": {"runAsUserName": "ContainerUser"}}
    data = pod(
        own, own, securityContext=TRUE, initContainers=[{"name": "i", "image": IMAGE}], **WINDOWS
    )
    assert fails(data, "restricted", "latest") == set()
    found = findings(data, "podsec", "latest")
    assert [f.field for f in found if set(steps(f.field)) & LINUX_ONLY] == []


def test_only_the_standards_run_under_their_profiles() -> None:
    for profile in ("baseline", "restricted"):
        rules = RULES.select(replace(DEFAULT, profile=profile))  # type: ignore[arg-type]  # of two
        assert all(rule.control for rule in rules)
    assert len(RULES.select(DEFAULT.with_profile("baseline"))) == 12
    # 12 baseline and 7 restricted ones, of which 4 take the place of a baseline one
    assert len(RULES.select(DEFAULT.with_profile("restricted"))) == 15


def test_a_version_beyond_the_known_ones_is_judged_as_the_newest() -> None:
    data = pod(UNMASKED, ROOT, **OWN_USERS)
    assert fails(data, "restricted", "1.99") == fails(data, "restricted", f"{LATEST}")
