"""One Kubernetes object where it stands in a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.yamlpatch import Outline, Path, Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One object: `base` is its path inside the YAML document (not empty inside a `kind: List`)."""

    file: str
    stream: Stream | Outline
    document: int
    base: Path
    api_version: str
    kind: str
    name: str
    namespace: str | None
    data: Mapping[str, Any]
    pod_path: Path | None
    """Where the pod template's spec stands below `base`; None for what is no workload."""
