"""Kubernetes versions: a minor release of 1, and ranges of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.frozen import frozen

_VERSION = re.compile(r"^v?1\.(\d{1,3})(?:\.\d+)?$")
_RANGE = re.compile(r"^(>=|<)\s*(1\.\d{1,3})$")


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """Kubernetes 1.`minor`."""

    minor: int

    def __str__(self) -> str:
        """As people write it: 1.31."""
        return f"1.{self.minor}"


LATEST = Version(37)
"""The newest release whose Pod Security Standards podsec knows (pod-security-admission, v1.37)."""


def parse_version(text: str) -> Version:
    """Read "latest", "1.31", "v1.31" or "1.31.2". Raises ValueError that says what was expected."""
    if text == "latest":
        return LATEST
    match = _VERSION.match(text)
    if match is None:
        raise ValueError(f"{text!r} is no Kubernetes version: 'latest' or one such as 1.31")
    return Version(int(match[1]))


@frozen
class VersionRange:
    """The versions from `since` on, up to but without `until`."""

    since: Version = Version(0)
    until: Version | None = None

    def holds(self, version: Version) -> bool:
        """Whether `version` is in the range."""
        return self.since <= version and (self.until is None or version < self.until)


ALWAYS = VersionRange()


def parse_range(text: str) -> VersionRange:
    """Read ">=1.25", "<1.35" or both with a comma between. Raises ValueError."""
    since, until = Version(0), None
    for part in text.split(","):
        match = _RANGE.match(part.strip())
        if match is None:
            raise ValueError(f"{text!r} is no range of versions: one such as '>=1.25, <1.35'")
        if match[1] == ">=":
            since = parse_version(match[2])
        else:
            until = parse_version(match[2])
    return VersionRange(since=since, until=until)
