"""What an image says of itself.

The fields are those of the OCI image specification (config.md), which Docker writes too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.model.image_config import ImageConfig

_NUMBERED = re.compile(r"(\d{1,9})(?::(?:(\d{1,9})|\S*))?")
_ROOT = frozenset({"", "0", "root"})


def read_config(config: Mapping[str, Any]) -> ImageConfig:
    """The `config` of an image's configuration; what has another type than it should is absent."""
    user, folder = config.get("User"), config.get("WorkingDir")
    return ImageConfig(
        user=user.strip() if isinstance(user, str) else "",
        ports=_keys(config.get("ExposedPorts")),
        volumes=_keys(config.get("Volumes")),
        entrypoint=_words(config.get("Entrypoint")),
        command=_words(config.get("Cmd")),
        working_folder=folder if isinstance(folder, str) else "",
    )


def starts_as_root(config: ImageConfig) -> bool:
    """Whether the image's own user is root: `runAsNonRoot` alone would keep it from starting."""
    return config.user.partition(":")[0] in _ROOT


def names_its_user(config: ImageConfig) -> bool:
    """Whether the user is a name: the kubelet cannot tell that it is not root (CVE-2019-11245).

    With `runAsNonRoot` and without `runAsUser` such a container does not start.
    """
    return not starts_as_root(config) and _NUMBERED.fullmatch(config.user) is None


def port_numbers(config: ImageConfig) -> tuple[int, ...]:
    """The ports that the image exposes, without their protocols; ranges give their first."""
    found = (re.match(r"\d{1,5}", port) for port in config.ports)
    return tuple(int(match[0]) for match in found if match is not None)


def _keys(value: Any) -> tuple[str, ...]:
    return tuple(sorted(map(str, value))) if isinstance(value, dict) else ()


def _words(value: Any) -> tuple[str, ...]:
    """A command; Docker once wrote it as one text."""
    if isinstance(value, str):
        return (value,)
    return tuple(map(str, value)) if isinstance(value, list) else ()
