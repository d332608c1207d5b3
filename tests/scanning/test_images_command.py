"""`podsec images`, as people run it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.config import parse as parse_config
from bot.settings import ScanSettings
from tests.conftest import ROOT
from tests.scanning.images import HALF_MENDED, Image
from tests.scanning.making import pod
from tests.scanning.registry import Shelf, running
from tests.scanning.trivy_binary import trivy
from tests.scanning.trivy_database import write_database


def podsec(
    *arguments: str, cwd: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", "images", *arguments],
        cwd=cwd,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "HOME": str(cwd),
            **(environment or {}),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deploy").mkdir()
    image = "ghcr.io/aquasecurity/trivy-test-images:alpine-39"
    (tmp_path / "deploy" / "pod.yaml").write_bytes(pod(image, '"$(IMAGE)"', "redis:7"))
    return tmp_path


def recorded(shared: Path, name: str = "trivy/alpine-39.json.golden") -> str:
    return str(shared / "reports" / name)


def test_a_report_that_was_given_speaks_of_its_image(folder: Path, shared: Path) -> None:
    done = podsec("deploy", "--report", recorded(shared), cwd=folder)
    assert done.returncode == 1  # two are critical
    lines = done.stdout.splitlines()
    assert lines[:4] == [
        "ghcr.io/aquasecurity/trivy-test-images:alpine-39: 2 critical, 4 medium",
        "  trivy dev, on alpine 3.9.4",
        "  deploy/pod.yaml:8: Pod/shop, container c0",
        "  critical CVE-2019-14697       musl 1.1.20-r4 -> 1.1.20-r5",
    ]
    assert "  and 1 more: --all lists them" in lines
    assert "$(IMAGE): not scanned: it stands for an image that something else fills in" in lines
    assert "redis:7: not scanned: name a scanner with --scanner, or a report with --report" in lines
    assert lines[-1] == "6 vulnerabilities in 1 image; 2 not scanned."


def test_a_report_that_does_not_name_its_image_is_given_with_it(folder: Path, shared: Path) -> None:
    file = recorded(shared, "clair/debian_stretch.json")
    done = podsec("deploy", "--report", f"redis:7={file}", cwd=folder)
    assert "redis:7: 30 critical, 79 high, 76 medium, 14 low, 13 unknown" in done.stdout
    alone = podsec("deploy", "--report", file, cwd=folder)
    assert "a report of sha256:fe3d51dd" in alone.stdout
    assert "fits no image here" in alone.stdout


@pytest.mark.parametrize(("fail_on", "code"), [("critical", 1), ("low", 1), ("never", 0)])
def test_it_fails_from_a_grade_on(folder: Path, shared: Path, fail_on: str, code: int) -> None:
    done = podsec("deploy", "--report", recorded(shared), "--fail-on", fail_on, cwd=folder)
    assert done.returncode == code


def test_what_is_not_critical_passes_unless_asked(folder: Path, shared: Path) -> None:
    image = "ghcr.io/aquasecurity/trivy-test-images:alpine-310"
    (folder / "deploy" / "pod.yaml").write_bytes(pod(image))
    given = recorded(shared, "sarif/alpine-310.sarif.golden")
    assert podsec("deploy", "--report", given, cwd=folder).returncode == 0
    strict = podsec("deploy", "--report", given, "--fail-on", "medium", cwd=folder)
    assert strict.returncode == 1


def test_json_and_sarif_hold_what_the_text_says(folder: Path, shared: Path) -> None:
    given = ("deploy", "--report", recorded(shared))
    found = json.loads(podsec(*given, "--format", "json", cwd=folder).stdout)
    assert found["summary"] == {
        "images": 1,
        "skipped": 2,
        "vulnerabilities": {"critical": 2, "high": 0, "medium": 4, "low": 0, "unknown": 0},
    }
    (image,) = found["images"]
    assert image["uses"][0]["line"] == 8
    assert len(image["vulnerabilities"]) == 6
    sarif = json.loads(podsec(*given, "--format", "sarif", cwd=folder).stdout)
    (run,) = sarif["runs"]
    assert len(run["results"]) == 6
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert {result["ruleId"] for result in run["results"]} == rules
    prints = [result["partialFingerprints"]["podsec/image/v1"] for result in run["results"]]
    assert len(set(prints)) == 6
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "deploy/pod.yaml"},
        "region": {"startLine": 8, "startColumn": 5},
    }
    assert len(run["invocations"][0]["toolExecutionNotifications"]) == 2


def test_the_page_about_images_names_every_field_of_the_json(folder: Path, shared: Path) -> None:
    page = (ROOT / "docs" / "images.md").read_text(encoding="utf-8")
    rows = "\n".join(re.findall(r"^\| (`.*?) \|", page.split("--format json`")[1], re.MULTILINE))
    documented = set(re.findall(r"`([a-z_\[\].]+)`", rows))
    given = ("deploy", "--report", recorded(shared), "--format", "json")
    found = json.loads(podsec(*given, cwd=folder).stdout)
    assert documented == {*found, *(f"images[].{key}" for key in found["images"][0])}
    for key in found["images"][0]["vulnerabilities"][0]:
        assert f"`{key}`" in page


def test_the_config_of_the_page_about_images_is_one() -> None:
    page = (ROOT / "docs" / "images.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    policy = parse_config(example.encode(), "docs/images.md").scan
    assert (policy.report, policy.newer_tags, len(policy.ignored)) == ("high", 2, 1)


def test_our_own_sarif_is_read_again(folder: Path, shared: Path) -> None:
    given = ("deploy", "--report", recorded(shared))
    (folder / "own.sarif").write_text(podsec(*given, "--format", "sarif", cwd=folder).stdout)
    image = "ghcr.io/aquasecurity/trivy-test-images:alpine-39"
    again = podsec("deploy", "--report", f"{image}=own.sarif", "--format", "json", cwd=folder)
    found: Any = json.loads(again.stdout)
    assert found["summary"]["vulnerabilities"]["critical"] == 2
    packages = {v["package"] for v in found["images"][0]["vulnerabilities"]}
    assert packages == {"musl", "musl-utils", "libcrypto1.1", "libssl1.1"}


def test_a_vex_document_says_what_to_bear(folder: Path, shared: Path) -> None:
    document = {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "statements": [
            {
                "vulnerability": {"name": "CVE-2019-14697"},
                "products": [{"@id": "pkg:oci/trivy-test-images"}],
                "status": "not_affected",
                "justification": "vulnerable_code_not_in_execute_path",
            }
        ],
    }
    (folder / "vex.json").write_text(json.dumps(document))
    given = ("deploy", "--report", recorded(shared), "--vex", "vex.json")
    done = podsec(*given, cwd=folder)
    assert done.returncode == 0
    assert "2 more do not count: VEX says not affected" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["deploy", "--report", "missing.json"], "missing.json: No such file or directory"),
        (["deploy", "--report", "deploy/pod.yaml"], "deploy/pod.yaml is no JSON"),
        (["missing"], "missing: no such file or directory"),
        (["deploy", "--vex", "missing.json"], "missing.json: No such file"),
        (["deploy", "--scanner", "clair"], "PODSEC_CLAIR_URL is not set"),
        (["deploy", "--scanner", "aqua"], "PODSEC_AQUA_URL is not set"),
        (["deploy", "--scanner", "trivy", "--registry", "a b"], "'a b' is no host"),
    ],
)
def test_what_is_wrong_is_said(folder: Path, arguments: list[str], message: str) -> None:
    done = podsec(*arguments, cwd=folder)
    assert done.returncode == 2
    assert message in done.stderr


def test_a_scanner_that_is_not_there_is_no_clean_result(folder: Path) -> None:
    done = podsec(
        *("deploy", "--scanner", "trivy"),
        cwd=folder,
        environment={"PODSEC_TRIVY_PROGRAM": "trivy-that-is-not-there"},
    )
    assert done.returncode == 4
    assert "3 images not scanned." in done.stdout
    assert "no image could be scanned" in done.stderr


def test_files_without_images_are_said_to_have_none(folder: Path) -> None:
    (folder / "deploy" / "pod.yaml").write_text("kind: ConfigMap\napiVersion: v1\n")
    done = podsec("deploy", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "No image is named here.\n")


def test_names_of_images_command_no_terminal(folder: Path) -> None:
    (folder / "deploy" / "pod.yaml").write_bytes(pod('"\\e[31mred\\u202e"'))
    done = podsec("deploy", cwd=folder)
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout


def test_the_real_trivy_scans_a_registry_and_names_a_better_tag(tmp_path: Path) -> None:
    program = trivy()
    cache = write_database(tmp_path / "trivy")
    shelf = Shelf(token="t1", password=("podsec", "hidden"))
    shelf.put("demo/app", "1.0.0", Image())
    shelf.put("demo/app", "1.0.1", Image(layer=HALF_MENDED))
    with running(shelf) as server:
        (tmp_path / "pod.yaml").write_bytes(pod(f"{server.host}/demo/app:1.0.0"))
        login = {"auths": {server.host: {"auth": "cG9kc2VjOmhpZGRlbg=="}}}
        (tmp_path / "config.json").write_text(json.dumps(login))
        environment = {
            "PODSEC_TRIVY_PROGRAM": program,
            "PODSEC_TRIVY_CACHE": str(cache),
            "PODSEC_TRIVY_UPDATES": "0",
            "PODSEC_SCAN_CACHE": str(tmp_path / "kept"),
            "PODSEC_DOCKER_CONFIG": str(tmp_path / "config.json"),
        }
        given = ("pod.yaml", "--scanner", "trivy", "--registry", f"http://{server.host}")
        done = podsec(*given, "--newer-tags", "1", cwd=tmp_path, environment=environment)
        assert (done.returncode, done.stderr) == (1, "")
        assert f"{server.host}/demo/app:1.0.0: 1 critical, 1 medium" in done.stdout
        assert "its base, alpine 3.9.4, has reached its end" in done.stdout
        assert "the newer tag 1.0.1 has 1 medium" in done.stdout
        assert "hidden" not in done.stdout
        before = len(server.asked)
        again = podsec(*given, cwd=tmp_path, environment=environment)
        assert again.stdout.splitlines()[0] == done.stdout.splitlines()[0]
        agents = {one.headers["user-agent"] for one in server.asked[before:]}
        assert agents == {"podsec"}  # the report was kept; only the tag was looked at


def test_the_settings_of_scans_are_read_and_their_secrets_not_shown() -> None:
    found = ScanSettings.from_environment(
        {
            "HOME": "/home/x",
            "PODSEC_TRIVY_TOKEN": "hidden",
            "PODSEC_CLAIR_KEY": "hidden",
            "PODSEC_AQUA_PASSWORD": "hidden",
            "PODSEC_AQUA_REGISTRIES": "harbor.example.com=Harbor ghcr.io=GitHub",
            "PODSEC_REGISTRIES": "ghcr.io  *.corp.example.com",
        }
    )
    assert found.registries == ("ghcr.io", "*.corp.example.com")
    assert found.aqua_registries == (("harbor.example.com", "Harbor"), ("ghcr.io", "GitHub"))
    assert (found.cache, found.trivy_cache) == (
        Path("/home/x/.cache/podsec"),
        Path("/home/x/.cache/trivy"),
    )
    assert "hidden" not in repr(found)
