"""One Kubernetes object where it stands in a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from bot.frozen import frozen
from bot.yamlpatch import Outline, Path, Stream

Edits = Literal["pod", "containers", "nothing"]


@frozen
class PodPlace:
    """Where a pod stands below its object, and what of it may be judged."""

    path: Path
    containers: tuple[tuple[str, Path], ...] | None = None
    """The containers by the list that they count to, with their paths below the pod's.

    None where they stand in a pod spec's own lists.
    """
    is_whole: bool = True
    """Whether what is absent is absent: not where something else completes the pod."""
    edits: Edits = "pod"
    """What a fix may write here: fields of the pod, of its containers alone, or nothing."""


@frozen
class Written:
    """What an object is called where it was written: its identity, whatever was made of it."""

    file: str
    name: str
    namespace: str | None


@frozen
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
    pods: tuple[PodPlace, ...] = ()
    """The pods that it makes; none for what is no workload."""
    written: Written | None = None
    """Of an object that was rendered: what its source calls it."""

    @property
    def pod_path(self) -> Path | None:
        """Where the spec of its first whole pod stands below `base`; None where it has none."""
        return next((pod.path for pod in self.pods if pod.is_whole), None)
