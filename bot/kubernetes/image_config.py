"""What an image says of itself, and what follows from it for a container that runs it.

The fields are those of the OCI image specification (config.md), which Docker writes too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.kubernetes.images import ImageFacts
from bot.model.vulnerability import ImageConfig

_NUMBERED = re.compile(r"(\d{1,9})(?::(?:(\d{1,9})|\S*))?")
_ROOT = frozenset({"", "0", "root"})
_UNPRIVILEGED = 1024


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


def facts_of(image: str, config: ImageConfig) -> ImageFacts | None:
    """What an image's own config proves about how it may run, as the table of images says it.

    It outranks the table: it is the very image. A config tells the user that the image is made
    for and the ports that it means to open; it never tells that an image which starts as root
    could run as another user, that its entry point steps down, which paths it writes to, or
    whether a file carries capabilities. So there are no facts for an image that starts as root,
    nor for one whose user is a name: the number behind it stands in a file of the image.
    """
    match = _NUMBERED.fullmatch(config.user)
    if match is None or int(match[1]) == 0:
        return None
    return ImageFacts(
        family=image,
        nonroot="yes",
        uid=int(match[1]),
        gid=int(match[2]) if match[2] is not None else None,
        step_down=False,
        file_caps=(),
        low_port=any(port < _UNPRIVILEGED for port in port_numbers(config)),
        ro_rootfs="unknown",
        proved=True,
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
