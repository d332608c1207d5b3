"""The identity of a finding: no line, no message, no index."""

from __future__ import annotations

import hashlib
import re

_INDEX = re.compile(r"\[\d+\]")


def fingerprint(
    *, rule: str, file: str, kind: str, namespace: str | None, name: str, container: str, field: str
) -> str:
    """16 hexadecimal digits that stay the same when lines move."""
    plain = _INDEX.sub("", field)
    text = "\x00".join((rule, file, kind, namespace or "", name, container, plain))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def again(first: str, ordinal: int) -> str:
    """The identity of the second and further findings that would share one."""
    return hashlib.sha256(f"{first}#{ordinal}".encode()).hexdigest()[:16]
