"""What holds for the engine and the command line."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.adapters.loaders.plain import SUFFIXES
from bot.errors import ConfigError
from bot.settings import SETTINGS, Settings
from tests.conftest import ROOT
from tests.rules import record

SHOP = ROOT / "fixtures" / "repos" / "shop" / "repo"
SPY = "from pathlib import Path\nPath({marker!r}).write_text('it ran')\n"
OF_CONTAINER = re.compile(r"\.(?:containers|initContainers|ephemeralContainers)\[\d+\]")
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - {name: a, image: a}\n"


def podsec(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "bot", *arguments],
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_podsec_runs_no_code_of_a_repository_it_checks(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    tree = tmp_path / "repo"
    (tree / "rules").mkdir(parents=True)
    (tree / "deploy").mkdir()
    own = tree / ".podsec" / "rules" / "spy"
    own.mkdir(parents=True)
    spy = SPY.format(marker=str(marker))
    for name in ("conftest.py", "sitecustomize.py", "rules/__init__.py", "rules/rule.py"):
        (tree / name).write_text(spy, encoding="utf-8")
    (tree / "deploy" / "pod.yaml").write_text(POD, encoding="utf-8")
    for command in (("check", "."), ("fix", "--unsafe", ".")):
        answer = podsec(*command, cwd=tree)
        assert answer.returncode in (0, 1), answer.stderr
    (own / "rule.py").write_text(spy, encoding="utf-8")
    for command in (("check", "."), ("rules", "test"), ("rules",), ("config",)):
        answer = podsec(*command, cwd=tree)
        assert answer.returncode == 2, answer.stderr
        assert ".podsec/rules/spy/rule.py" in answer.stderr
    assert not marker.exists()


def test_what_was_not_checked_is_said() -> None:
    answer = podsec("check", "--format", "json", ".", cwd=SHOP)
    report = json.loads(answer.stdout)
    said = {finding["file"] for finding in report["findings"]}
    said |= {skipped["file"] for skipped in report["skipped"]}
    files = {str(path.relative_to(SHOP)) for path in SHOP.rglob("*") if path.suffix in SUFFIXES}
    assert report["summary"]["files"] == len(files)
    silent = files - said
    for name in silent:  # judged, and without a finding: podsec must call it clean when asked alone
        alone = json.loads(podsec("check", "--format", "json", name, cwd=SHOP).stdout)
        assert alone["summary"]["manifests"] > 0, name
    assert all(skipped["reason"] for skipped in report["skipped"])
    assert "deploy/tools/broken.yaml" in said


def test_a_rule_reports_on_its_target_only() -> None:
    for rule in record.RULES:
        for path in record.examples(rule, "fail"):
            for finding in record.findings(rule, path, path.read_bytes()):
                inside = bool(OF_CONTAINER.search(finding.field))
                assert (finding.container is not None) == inside
                if rule.applies_to == "container" and rule.check_pod is None:
                    assert inside, "a rule of containers without check_pod speaks of them alone"


REQUIRED = [setting.name for setting in SETTINGS if setting.default is None]


@pytest.mark.parametrize("name", [*REQUIRED, "PODSEC_PRIVATE_KEY"])
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_secret_stops_the_start(name: str, value: str | None) -> None:
    environment = {
        "PODSEC_APP_ID": "1",
        "PODSEC_PRIVATE_KEY": "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n",
        "PODSEC_WEBHOOK_SECRET": "a secret",
    }
    assert Settings.from_environment(environment).app_id == 1
    environment.pop(name)
    if value is not None:
        environment[name] = value
    with pytest.raises(ConfigError, match=name):
        Settings.from_environment(environment)
