"""`podsec fix` rests its fixes on what the whole tree and the config tell of images."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run

CART = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: cart
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata:
      labels: {app: cart}
    spec:
      containers:
      - name: cart
        image: registry.corp/shop/cart:1.4.2
"""
HARD = (
    CART.replace("name: cart\nspec", "name: cart-preview\nspec", 1)
    + """\
        securityContext:
          runAsNonRoot: true
          runAsUser: 4711
          runAsGroup: 4712
          readOnlyRootFilesystem: true
          capabilities: {drop: [ALL]}
        resources:
          limits: {memory: 300Mi}
"""
)


def fixed(run: Run, home: Path, **files: str) -> str:
    """The cart's manifest after the safe fixes of a tree that holds these files, too."""
    for name, text in {"cart.yaml": CART, **files}.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert run("fix", ".").code == 0
    return (home / "cart.yaml").read_text(encoding="utf-8")


def test_without_evidence_nobody_is_chosen(run: Run, home: Path) -> None:
    assert "runAsUser" not in fixed(run, home)


def test_a_dockerfile_that_compose_names_is_evidence(run: Run, home: Path) -> None:
    text = fixed(
        run,
        home,
        **{
            "docker-compose.yml": (
                "services: {cart: {image: registry.corp/shop/cart, build: src/cart}}"
            ),
            "src/cart/Dockerfile": "FROM scratch\nCOPY cart /\nUSER 4711:4712\n",
        },
    )
    assert "runAsUser: 4711" in text
    assert "runAsGroup: 4712" in text
    assert "- ALL" in text


def test_a_dockerfile_of_an_excluded_folder_is_none(run: Run, home: Path) -> None:
    text = fixed(
        run,
        home,
        **{
            "compose.yaml": "services: {c: {image: registry.corp/shop/cart, build: tests/cart}}",
            "tests/cart/Dockerfile": "FROM scratch\nUSER 4711\n",
        },
    )
    assert "runAsUser" not in text


def test_a_container_that_runs_it_hardened_is_evidence(run: Run, home: Path) -> None:
    text = fixed(run, home, **{"preview.yaml": HARD})
    assert "runAsUser: 4711" in text
    assert "readOnlyRootFilesystem: true" in text
    assert "memory: 300Mi" not in text


def test_the_config_tells_of_own_images(run: Run, home: Path) -> None:
    text = fixed(
        run,
        home,
        **{
            ".podsec.yaml": 'images: {"registry.corp/shop/*": {uid: 77, gid: 78, writable: [/w]}}\n'
        },
    )
    assert "runAsUser: 77" in text
    assert "mountPath: /w" in text


def test_the_same_container_elsewhere_tells_its_limit(run: Run, home: Path) -> None:
    other = HARD.replace("cart-preview", "cart")
    assert "memory: 300Mi" in fixed(run, home, **{"prod/cart.yaml": other})


def test_a_check_counts_no_dockerfile_as_a_manifest(run: Run, home: Path) -> None:
    (home / "Dockerfile").write_text("FROM scratch\n", encoding="utf-8")
    (home / "cart.yaml").write_text(CART, encoding="utf-8")
    assert run("check", ".", "--format", "json").json["summary"]["files"] == 1


def trivy(image: str, **config: object) -> str:
    """A report of Trivy, with what the image says of itself."""
    metadata = {"ImageConfig": {"config": config}} if config else {}
    return json.dumps(
        {"SchemaVersion": 2, "ArtifactName": image, "Metadata": metadata, "Results": []}
    )


def test_a_scanners_report_tells_who_the_image_runs_as(run: Run, home: Path) -> None:
    (home / "cart.yaml").write_text(CART, encoding="utf-8")
    report = trivy("registry.corp/shop/cart:1.4.2", User="4711:4712")
    (home / "trivy.out").write_text(report, encoding="utf-8")
    answer = run("fix", "cart.yaml", "--report", "trivy.out")
    text = (home / "cart.yaml").read_text(encoding="utf-8")
    assert "runAsUser: 4711" in text
    assert "runAsGroup: 4712" in text
    assert "safe: it rests on the image's own config (USER 4711:4712)" in answer.err


def test_a_report_that_tells_nothing_is_named(run: Run, home: Path) -> None:
    (home / "cart.yaml").write_text(CART, encoding="utf-8")
    (home / "other.out").write_text(trivy("nginx:1.27", User="101"), encoding="utf-8")
    (home / "empty.out").write_text(trivy("registry.corp/shop/cart:1.4.2"), encoding="utf-8")
    answer = run("fix", "cart.yaml", "--report", "other.out", "--report", "empty.out")
    assert "no file names the image of a report: nginx:1.27" in answer.err
    assert "the report of registry.corp/shop/cart:1.4.2 does not hold the image's config" in (
        answer.err
    )
    assert "runAsUser" not in (home / "cart.yaml").read_text(encoding="utf-8")
