"""No output holds a secret, and no check loads more than it needs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bot.config import DEFAULT
from bot.engine.fix import Fixer
from bot.engine.plan import plan
from bot.formats.check_run import to_check
from bot.formats.review import to_fallback, to_review
from bot.model.change import ChangedFile, ChangeSet
from bot.model.delivery import PullRef, RepositoryRef
from bot.model.finding import Report
from bot.model.review import Standing
from bot.rule.load import load_rules
from bot.workflows.base_branch import asked
from bot.workflows.judge_pull_request import judge
from tests.conftest import ROOT
from tests.secrets.planted import ROWS, P, b64, word

RULES = load_rules()
FOUND = [row for row in ROWS if row.want == "certain"]
PW = word("silence")
PULL = PullRef(
    repository=RepositoryRef(id=1, full_name="shop/cart", installation=1),
    number=7,
    head_sha="a" * 40,
    head_ref="change",
    base_sha="b" * 40,
    base_ref="main",
    fork=False,
    draft=False,
)


def manifests() -> bytes:
    """Every planted secret as a variable; more in a command, a probe, a ConfigMap and a Secret."""
    variables = [{"name": f"{row.name}_{i}", "value": row.value} for i, row in enumerate(FOUND)]
    cart = {
        "name": "cart",
        "image": "registry.example.com/shop/cart:1.4.2",
        "env": variables[::2],
        "args": [f"--{P}={PW}", "sh", "-c", f"mysql -p{PW}"],
        "livenessProbe": {"exec": {"command": ["redis-cli", "-a", PW, "ping"]}},
    }
    queue = {
        "name": "queue",
        "image": "registry.example.com/shop/queue:1.4.2",
        "env": variables[1::2],
    }
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "cart"},
        "spec": {"containers": [cart, queue]},
    }
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "cart"},
        "data": {"app.yaml": f"user: shop\n{P}: {PW}\n", "DB_PASSWORD": PW},
    }
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "cart"},
        "data": {P: b64(PW)},
        "stringData": {"token": PW},
    }
    return yaml.safe_dump_all([pod, config, secret], sort_keys=False).encode()


SECRETS = {PW, b64(PW), *(line for row in FOUND for line in row.value.splitlines() if line)}


@pytest.fixture(scope="module")
def changes() -> ChangeSet:
    return ChangeSet(files=(ChangedFile(path="cart.yaml", status="added", data=manifests()),))


@pytest.fixture(scope="module")
def report(changes: ChangeSet) -> Report:
    return judge(changes, asked(RULES, DEFAULT))[0]


def test_all_of_them_are_found(report: Report) -> None:
    found = [finding for finding in report.findings if finding.sensitive]
    assert len(found) == len(FOUND) + 3 + 2 + 2
    assert {finding.rule for finding in found} == {
        rule.id for rule in RULES if rule.sensitive and rule.applies_to in ("container", "object")
    }


def leaked(output: str) -> list[str]:
    return [secret for secret in SECRETS if len(secret) >= 8 and secret in output]


def test_no_review_holds_a_secret(changes: ChangeSet, report: Report) -> None:
    planned = plan(report, changes, Fixer(RULES, DEFAULT), DEFAULT, Standing())
    outputs = {
        "findings": repr(report),
        "review": repr(to_review(planned, PULL, RULES)),
        "fallback": repr(to_fallback(planned, PULL, RULES)),
        "check run": repr(
            to_check(planned, report, PULL, RULES, DEFAULT, enforce=True, commented=frozenset())
        ),
    }
    for name, output in outputs.items():
        assert leaked(output) == [], name


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "github", "markdown"])
def test_no_output_of_the_command_line_holds_a_secret(form: str, tmp_path: Path) -> None:
    (tmp_path / "cart.yaml").write_bytes(manifests())
    done = subprocess.run(
        [sys.executable, "-m", "bot", "check", "--format", form, "cart.yaml"],
        capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "plaintext-secret" in done.stdout
    assert leaked(done.stdout + done.stderr) == []


def _check(path: Path, *modules: str) -> list[str]:
    """Which of some modules a check of a file has loaded."""
    code = (
        "import sys; from bot.cli.check import CheckOptions, run; "
        f"run([{str(path)!r}], CheckOptions(formats=('json',))); "
        f"print([name for name in {modules!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True, timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    return list(yaml.safe_load(done.stderr.splitlines()[-1]))


def test_a_check_loads_the_patterns_and_detect_secrets_only_in_need(tmp_path: Path) -> None:
    path = tmp_path / "pod.yaml"
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: cart}\nspec:\n  containers:\n  - name: cart\n    image: cart:1\n    env:\n    - name: SETTING\n      value: "
    modules = ("bot.kubernetes.secret", "bot.kubernetes.secret_judge", "detect_secrets")
    path.write_text(f"{pod}plain\n", encoding="utf-8")
    assert _check(path, *modules) == ["bot.kubernetes.secret"]
    path.write_text(f"{pod}postgres://shop:{PW}@db/shop\n", encoding="utf-8")
    assert _check(path, *modules) == ["bot.kubernetes.secret", "bot.kubernetes.secret_judge"]
    path.write_text(f"{pod}{'gh' + 'p_' + 'a1B2' * 9}\n", encoding="utf-8")
    assert _check(path, *modules) == list(modules)
