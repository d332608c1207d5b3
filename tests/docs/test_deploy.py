"""What is shipped passes podsec itself, and agrees with the code and with itself."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import __version__
from bot.settings import SETTINGS
from tests.conftest import ROOT
from tests.invariants.test_command_line import podsec

KUBERNETES = ROOT / "deploy" / "kubernetes"
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
KNOWN = {setting.name for setting in SETTINGS}


def objects() -> list[dict[str, Any]]:
    files = sorted(KUBERNETES.glob("*.yaml"))
    return [found for path in files for found in yaml.safe_load_all(path.read_text("utf-8"))]


def one(kind: str) -> dict[str, Any]:
    (found,) = [found for found in objects() if found["kind"] == kind]
    return found


@pytest.mark.parametrize("profile", ["restricted", "podsec"])
def test_podsec_finds_nothing_in_its_own_manifests(profile: str) -> None:
    answer = podsec(
        "check", "--profile", profile, "--fail-on", "low", "--format", "json", "deploy", cwd=ROOT
    )
    report = json.loads(answer.stdout)
    assert (answer.returncode, report["findings"]) == (0, [])
    assert report["summary"]["workloads"] == 1
    named = {Path(skipped["file"]).name for skipped in report["skipped"]}
    named.discard("kustomization.yaml")  # with kubectl on PATH it is rendered
    assert named == {"compose.yaml", "github-app.json"}


def test_the_kustomization_names_every_manifest() -> None:
    listed = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text("utf-8"))["resources"]
    files = {path.name for path in KUBERNETES.glob("*.yaml")} - {"kustomization.yaml"}
    assert sorted(listed) == sorted(files)
    assert listed[0] == "namespace.yaml"


def test_the_namespace_enforces_the_restricted_standard() -> None:
    assert one("Namespace")["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == (
        "restricted"
    )


def test_selectors_ports_and_names_agree() -> None:
    pod = one("Deployment")["spec"]["template"]
    labels = pod["metadata"]["labels"]
    policy, service = one("NetworkPolicy")["spec"], one("Service")["spec"]
    assert one("Deployment")["spec"]["selector"]["matchLabels"] == labels
    assert policy["podSelector"]["matchLabels"] == service["selector"] == labels
    (port,) = pod["spec"]["containers"][0]["ports"]
    assert service["ports"][0]["targetPort"] == port["name"]
    assert policy["ingress"][0]["ports"][0]["port"] == port["containerPort"]
    assert f"EXPOSE {port['containerPort']}" in DOCKERFILE
    assert f"PODSEC_PORT={port['containerPort']}" in DOCKERFILE
    account = one("ServiceAccount")
    assert pod["spec"]["serviceAccountName"] == account["metadata"]["name"]
    assert account["automountServiceAccountToken"] is False
    (claim,) = [v for v in pod["spec"]["volumes"] if "persistentVolumeClaim" in v]
    name = claim["persistentVolumeClaim"]["claimName"]
    assert name == one("PersistentVolumeClaim")["metadata"]["name"]
    assert {
        found["metadata"].get("namespace", "podsec") for found in objects() if "metadata" in found
    } == {"podsec"}


def test_names_and_github_may_be_reached_and_nothing_within() -> None:
    names, github = one("NetworkPolicy")["spec"]["egress"]
    assert {(p["port"], p["protocol"]) for p in names["ports"]} == {(53, "UDP"), (53, "TCP")}
    assert [p["port"] for p in github["ports"]] == [443]
    assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"} <= set(
        github["to"][0]["ipBlock"]["except"]
    )


def test_the_deployment_sets_what_podsec_needs_and_no_secret_value() -> None:
    (container,) = one("Deployment")["spec"]["template"]["spec"]["containers"]
    environment = {entry["name"]: entry for entry in container["env"]}
    assert set(environment) <= KNOWN
    required = {setting.name for setting in SETTINGS if setting.default is None}
    assert required <= set(environment)
    for name in required:
        assert "secretKeyRef" in environment[name]["valueFrom"]
    assert not [found for found in objects() if found["kind"] == "Secret"]
    keys = {environment[n]["valueFrom"]["secretKeyRef"]["key"] for n in required}
    guide = (ROOT / "deploy" / "README.md").read_text("utf-8")
    for key in {*keys, "private-key.pem"}:
        assert f"={key}=" in guide
    assert environment["PODSEC_PRIVATE_KEY_FILE"]["value"].endswith("/private-key.pem")


def test_the_image_is_of_this_version() -> None:
    (container,) = one("Deployment")["spec"]["template"]["spec"]["containers"]
    assert container["image"].partition("@")[0].endswith(f":{__version__}")


def test_compose_is_as_tight_as_the_deployment() -> None:
    service = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text("utf-8"))["services"][
        "podsec"
    ]
    pod = one("Deployment")["spec"]["template"]["spec"]["securityContext"]
    assert service["user"] == f"{pod['runAsUser']}:{pod['runAsGroup']}"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service["environment"]) <= KNOWN
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])


def test_the_image_runs_as_a_number_that_is_not_root() -> None:
    pod = one("Deployment")["spec"]["template"]["spec"]["securityContext"]
    (user,) = re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)
    assert user == f"{pod['runAsUser']}:{pod['runAsGroup']}"
    assert int(user.partition(":")[0]) > 0
    assert re.findall(r"\bPODSEC_\w+(?==)", DOCKERFILE)
    assert set(re.findall(r"\bPODSEC_\w+(?==)", DOCKERFILE)) <= KNOWN


def test_the_image_is_made_of_locked_things_alone() -> None:
    images = ["${KUBECTL}", "${HELM}", "${PYTHON}", "${PYTHON}"]
    assert re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) == images
    pinned = re.findall(r"^ARG (\w+)=\S+:\S+@sha256:[0-9a-f]{64}$", DOCKERFILE, re.MULTILINE)
    assert pinned == ["KUBECTL", "HELM", "PYTHON"]
    assert "ARG PYTHON=python:3.11-slim-bookworm@" in DOCKERFILE
    installs = re.findall(r"pip (?:install|wheel) .*", DOCKERFILE)
    assert installs
    for line in installs:
        assert "--require-hashes" in line or ("--no-index" in line and "--no-deps" in line)
    assert re.findall(r"apt-get install .*$", DOCKERFILE, re.MULTILINE) == [
        "apt-get install --yes --no-install-recommends ca-certificates git \\"
    ]
    assert "ADD " not in DOCKERFILE


def test_the_build_backend_is_locked_as_it_is_for_development() -> None:
    pins = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)
    build = dict(pins.findall((ROOT / "requirements-build.lock").read_text("utf-8")))
    develop = dict(pins.findall((ROOT / "requirements-dev.lock").read_text("utf-8")))
    assert "hatchling" in build
    assert build.items() <= develop.items()


def test_what_the_image_copies_reaches_the_builder() -> None:
    allowed = set(
        re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE)
    )
    copied = {
        name
        for line in re.findall(r"^COPY (?!--)(.*) \S+$", DOCKERFILE, re.MULTILINE)
        for name in line.split()
    }
    assert copied == allowed
    assert all((ROOT / name).exists() for name in copied)


def test_the_service_starts_without_git() -> None:
    code = (
        "import sys, bot.service, bot.cli.serve\n"
        "print([name for name in ('git', 'bot.sandbox') if name in sys.modules])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"


def test_hadolint_has_nothing_to_say() -> None:
    hadolint = Path(sys.executable).parent / "hadolint"
    answer = subprocess.run(
        [str(hadolint), str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False
    )
    assert (answer.returncode, answer.stdout) == (0, "")
