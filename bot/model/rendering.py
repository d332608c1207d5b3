"""What a renderer makes of the sources: objects, each with where it was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.frozen import frozen
from bot.model.manifest import Manifest

Tool = Literal["kustomize", "helm"]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Root:
    """What is rendered as a whole: a kustomization or a chart, by its folder.

    `variant` tells apart the value sets of a chart: empty for its defaults.
    """

    tool: Tool
    folder: str
    variant: str = ""

    @property
    def name(self) -> str:
        """What people read."""
        folder = self.folder or "."
        return f"{folder} ({self.variant})" if self.variant else folder


@frozen
class Origin:
    """Where a rendered object was written, as the renderer says.

    `file` is None where none in view holds it: it is generated. `configured` are the files, such
    as kustomizations, that changed it afterwards, in order, each once.
    """

    file: str | None
    configured: tuple[str, ...] = ()


@frozen
class Rendered:
    """One object that a root makes: where it stands in what was rendered, and its origin."""

    root: Root
    manifest: Manifest
    origin: Origin


@frozen
class Rendering:
    """What a root makes; with a `failure` it makes nothing that could be judged.

    `unseen` says what is left out of a root that could be rendered in part.
    """

    root: Root
    objects: tuple[Rendered, ...] = ()
    text: bytes = b""
    failure: str | None = None
    unseen: tuple[str, ...] = ()
