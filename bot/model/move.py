"""Literals that move to a Secret: from where, to which key, and what a person must do for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field as dataclass_field
from typing import Literal

from bot.frozen import frozen
from bot.yamlpatch import Path

Practice = Literal["external-secrets", "sealed-secrets", "sops"]
"""How a repository keeps its secrets, where it shows."""


@frozen
class Piece:
    """Characters of a text that become `$(name)`."""

    name: str
    start: int
    end: int


@frozen
class Move:
    """A literal of a container that is to move to a Secret; never the literal itself.

    Without pieces the whole value of a variable moves. `text` gives the literal, in memory alone.
    """

    document: int
    container: Path
    """From the document's root."""
    field: Path
    """Below the container: `("env", 2, "value")`, `("args", 0)`."""
    name: str
    """What the variable is called, or should be."""
    workload: str
    container_name: str
    variables: tuple[str, ...]
    """The variables of the container, in order."""
    reads: tuple[tuple[str, str, str], ...]
    """Its variables that read a Secret: variable, Secret, key."""
    inherits: bool
    """Whether the container has variables that are not known by name (`envFrom`)."""
    text: Callable[[], str] = dataclass_field(repr=False, compare=False)
    pieces: tuple[Piece, ...] = ()

    @property
    def in_env(self) -> int | None:
        """The number of the variable that holds the literal; None for a command's word."""
        at = self.field[1]
        return at if self.field[0] == "env" and isinstance(at, int) else None


@frozen
class Spot:
    """Where one literal goes: the key of a Secret, read by a variable.

    `is_new`: the variable is not there yet.
    """

    secret: str
    key: str
    variable: str
    is_new: bool


@frozen
class Needed:
    """A Secret that must be there before the pods start, and its keys.

    `found` are keys that it has already; `files` are keys whose values hold line breaks.
    `companion` is the new file that lets an operator make it.
    """

    namespace: str | None
    secret: str
    keys: tuple[str, ...]
    found: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    is_there: bool = False
    """Whether the workload reads another key of it already."""
    companion: str | None = None


@frozen
class Moved:
    """What the moves of a run need beside the edits: Secrets, and files beside the manifests.

    `unlisted` are new files that a kustomization might have to list.
    """

    needed: tuple[Needed, ...] = ()
    files: tuple[tuple[str, bytes], ...] = ()
    unlisted: tuple[str, ...] = ()
    practices: frozenset[Practice] = frozenset()
