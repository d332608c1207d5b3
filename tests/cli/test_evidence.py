"""`podsec fix` rests its fixes on what the whole tree and the config tell of images."""

from __future__ import annotations

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
