"""Files that tell how images are built, known by their names."""

from __future__ import annotations

from typing import NamedTuple

_COMPOSE = ("docker-compose", "compose")
_YAML = (".yaml", ".yml")


class BuildFile(NamedTuple):
    """A Dockerfile, a compose file or a skaffold.yaml."""

    path: str
    text: str


def is_build_file(name: str) -> bool:
    """Whether a file of this name tells how images are built."""
    return is_dockerfile(name) or is_compose(name) or _is_skaffold(name)


def is_dockerfile(name: str) -> bool:
    """Whether it is a Dockerfile: `Dockerfile`, `Containerfile`, with a suffix or a stem."""
    lower = name.lower()
    plain_name = lower in ("dockerfile", "containerfile")
    return plain_name or lower.startswith("dockerfile.") or lower.endswith(".dockerfile")


def is_compose(name: str) -> bool:
    """Whether it is a compose file."""
    return name.startswith(_COMPOSE) and name.endswith(_YAML)


def _is_skaffold(name: str) -> bool:
    return name.startswith("skaffold") and name.endswith(_YAML)
