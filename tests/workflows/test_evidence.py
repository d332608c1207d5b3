"""In a pull request fixes rest on what comes with the manifest: a sibling, a Dockerfile."""

from __future__ import annotations

from datetime import date

from bot.config import DEFAULT
from bot.model.change import ChangedFile, ChangeSet
from bot.model.finding import Finding
from bot.rule.load import load_rules
from bot.workflows.check_path import Asked
from bot.workflows.judge_pull_request import judge

ASKED = Asked(rules=load_rules(), config=DEFAULT, today=date(2026, 11, 25), is_informed=True)
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: cart}
spec:
  containers:
  - name: cart
    image: registry.corp/shop/cart:1.4.2
"""
HARD = POD.replace("{name: cart}", "{name: preview}") + (
    "    securityContext: {runAsNonRoot: true, runAsUser: 4711, runAsGroup: 4712}\n"
)
COMPOSE = "services: {cart: {image: registry.corp/shop/cart, build: src/cart}}\n"


def added(path: str, text: str) -> ChangedFile:
    return ChangedFile(path=path, status="added", data=text.encode())


def root_user(*files: ChangedFile, builds: tuple[ChangedFile, ...] = ()) -> Finding:
    report, _ = judge(ChangeSet(files=(added("cart.yaml", POD), *files), builds=builds), ASKED)
    (found,) = [
        finding
        for finding in report.findings
        if (finding.rule, finding.file) == ("root-user", "cart.yaml")
    ]
    return found


def test_alone_an_unknown_image_is_not_fixed_safely_and_the_missing_fact_is_said() -> None:
    found = root_user()
    assert found.fix is not None
    assert found.remedy == "unsafe"
    assert "nothing is known of the image 'registry.corp/shop/cart:1.4.2'" in found.fix.reason


def test_a_hardened_sibling_in_the_change_is_evidence() -> None:
    found = root_user(added("preview.yaml", HARD))
    assert found.fix is not None
    assert found.remedy == "safe"
    assert "preview.yaml" in found.fix.reason


def test_a_dockerfile_and_the_compose_file_of_the_change_are_evidence() -> None:
    docker = added("src/cart/Dockerfile", "FROM scratch\nCOPY cart /\nUSER 4711:4712\n")
    found = root_user(added("docker-compose.yml", COMPOSE), builds=(docker,))
    assert found.fix is not None
    assert found.remedy == "safe"
    assert "src/cart/Dockerfile" in found.fix.reason
