"""The texts of a workload that may name those it connects to, and where each stands.

Facts: "Define Dependent Environment Variables" for `$(VAR)`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from bot.kubernetes.network_actor import line_of
from bot.model.manifest import Manifest
from bot.yamlpatch import Path

Form = Literal["host", "value", "words", "file"]
"""What a text is: the value of a variable that names hosts, of another, a command, a file."""

_REFERENCE = re.compile(r"\$\$|\$\(([A-Za-z_.-][A-Za-z0-9_.-]*)\)")
_SHELL_REFERENCE = re.compile(
    r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)[^}]{0,200}\}|([A-Za-z_][A-Za-z0-9_]*))"
)
_HOSTS = re.compile(
    r"HOST|ADDR|URL|URI|ENDPOINT|SERVER|BROKER|DSN|BACKEND|UPSTREAM|TARGET|PEER|NODES?$|CONNECT"
    r"|SERVICE$|BOOTSTRAP|SEEDS?$|CLUSTER$|MASTER|REPLICA|PRIMARY",
    re.IGNORECASE,
)
# variables that hold the name of something else, whatever else their own name says
_OTHERS = re.compile(
    r"(?:^|_)(?:NAME|USER|USERNAME|PASS|PASSWORD|DATABASE|DB|SCHEMA|TYPE|DIALECT|DRIVER|ENGINE"
    r"|KIND|MODE|TAG|VERSION|LEVEL|ROLE|TOPIC|QUEUE|BUCKET|INDEX|PREFIX|ID|REALM|IMAGE)S?$",
    re.IGNORECASE,
)
LONGEST = 200_000
"""Characters of one text that are searched; a ConfigMap holds at most 1 MiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text and where it stands. `name` is the variable's, where it is the value of one."""

    value: str
    form: Form
    origin: str
    manifest: Manifest
    path: Path
    name: str = ""

    @property
    def line(self) -> int:
        """The line that it begins in."""
        return line_of(self.manifest, self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """A ConfigMap or Secret that a workload reads and that is not in view: "Secret db".

    `variable` is where its text goes, empty where that is a file, or variables of any name.
    """

    source: str
    variable: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What a workload's texts are, and which sources of it are not in view."""

    found: tuple[Text, ...]
    unseen: tuple[Unseen, ...]
    """Those that may hold addresses."""


def is_hosts(name: str) -> bool:
    """Whether a variable or a setting of that name holds hosts."""
    return _HOSTS.search(name) is not None and _OTHERS.search(name) is None


def may_be_host(name: str, service: str) -> bool:
    """Whether a variable is named for a service, so that its value may be where that is."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return _OTHERS.search(name) is None and re.sub(r"[^a-z0-9]", "", service) in plain


def expanded(value: str, known: Mapping[str, str]) -> str:
    """A value with its `$(VAR)` replaced; `$$` is a dollar sign, what is not known stays."""

    def put(match: re.Match[str]) -> str:
        return "$" if match[1] is None else known.get(match[1], match[0])

    return _replaced(_REFERENCE, put, value)


def _replaced(pattern: re.Pattern[str], put: Callable[[re.Match[str]], str], value: str) -> str:
    """A value with what matches replaced, as far as it does not grow beyond the longest."""
    if "$" not in value:
        return value
    parts: list[str] = []
    end, length = 0, 0
    for match in pattern.finditer(value):
        part = value[end : match.start()] + put(match)
        length += len(part)
        if length > LONGEST:
            break
        parts.append(part)
        end = match.end()
    return ("".join(parts) + value[end:])[:LONGEST]


def in_shell(value: str, known: Mapping[str, str]) -> str:
    """A command line with its `$VAR` and `${VAR}` replaced; what is not known stays."""

    def put(match: re.Match[str]) -> str:
        return known.get(match[1] or match[2], match[0])

    return _replaced(_SHELL_REFERENCE, put, value)


def form_of_name(name: str) -> Form:
    """What the value of a variable of that name is."""
    return "host" if is_hosts(name) else "value"
