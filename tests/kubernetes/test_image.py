"""Image references, as the runtimes' own grammar reads them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.kubernetes.image import is_placeholder, parse
from bot.kubernetes.quantity import quantity

SHA = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("text", "repository", "tag", "digest"),
    [
        ("nginx", "docker.io/library/nginx", None, None),
        ("nginx:1.25", "docker.io/library/nginx", "1.25", None),
        ("library/nginx", "docker.io/library/nginx", None, None),
        ("docker.io/nginx", "docker.io/library/nginx", None, None),
        ("index.docker.io/acme/app:1", "docker.io/acme/app", "1", None),
        ("acme/app", "docker.io/acme/app", None, None),
        ("host:5000/app", "host:5000/app", None, None),
        ("host:5000/app:1", "host:5000/app", "1", None),
        ("localhost/app", "localhost/app", None, None),
        ("registry.example.com/a/b/c:v1.2-rc.1", "registry.example.com/a/b/c", "v1.2-rc.1", None),
        ("Host/app", "Host/app", None, None),
        ("10.0.0.1/app:2", "10.0.0.1/app", "2", None),
        ("[::1]:5000/app:2", "[::1]:5000/app", "2", None),
        (f"app@{SHA}", "docker.io/library/app", None, SHA),
        (f"host:5000/app:1@{SHA}", "host:5000/app", "1", SHA),
        ("a__b/c-d.e_f", "docker.io/a__b/c-d.e_f", None, None),
        ("app:5000", "docker.io/library/app", "5000", None),
    ],
)
def test_a_reference_is_taken_apart(
    text: str, repository: str, tag: str | None, digest: str | None
) -> None:
    found = parse(text)
    assert found is not None
    assert (found.repository, found.tag, found.digest) == (repository, tag, digest)
    assert found.registry == repository.split("/", maxsplit=1)[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "MyApp",
        "acme/MyApp:1",
        "app:",
        "app:-1",
        "app:" + "x" * 129,
        "app@sha256:abc",
        "app@sha256:" + "0" * 63,
        "app@",
        " app",
        "app ",
        "app:1 2",
        "https://registry.example.com/app",
        "a//b",
        "/app",
        "app/",
        "-app",
        "a___b",
        "a..b/app",
        "host:port/app",
        "0" * 64,
        "x/" * 130 + "x",
        "app\n",
        "a" * 100_000 + "!",
    ],
)
def test_what_the_grammar_does_not_allow_is_no_reference(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "${IMAGE}",
        "$(IMAGE):latest",
        "registry.example.com/app:{{ tag }}",
        "gcr.io/PROJECT_ID/app:v1",
        "gcr.io/[PROJECT]/app",
        "<your-image>",
        "IMAGE_NAME",
        "app:%TAG%",
    ],
)
def test_a_text_that_something_else_fills_in_is_a_placeholder(text: str) -> None:
    assert is_placeholder(text)


@pytest.mark.parametrize("text", ["MyApp", "nginx", "app:", "[::1]:5000/app", "app:LATEST"])
def test_a_name_is_no_placeholder(text: str) -> None:
    assert not is_placeholder(text)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("250m", "0.25"),
        (1, "1"),
        (0.5, "0.5"),
        ("1.5", "1.5"),
        (".5", "0.5"),
        ("128Mi", str(128 * 2**20)),
        ("1Gi", str(2**30)),
        ("1G", "1e9"),
        ("64Ki", "65536"),
        ("1e3", "1000"),
        ("2E", "2e18"),
        ("1k", "1000"),
        ("128974848000m", "128974848"),
        ("100u", "0.0001"),
        ("700m", "0.7"),
    ],
)
def test_quantities(text: Any, amount: str) -> None:
    assert quantity(text) == float(amount)


@pytest.mark.parametrize(
    "text", ["", "lots", "1 Gi", "1K", "1MiB", True, None, "1mi", "--1", "1e9999", "9" * 99]
)
def test_what_is_no_quantity(text: Any) -> None:
    assert quantity(text) is None
