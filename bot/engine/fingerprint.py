"""The identity of a finding: no line, no message, no index."""

from __future__ import annotations

import hashlib


def identity(*, file: str, kind: str, namespace: str | None, name: str, container: str) -> str:
    """What the findings of one container, or of one object, share."""
    return "\x00".join((file, kind, namespace or "", name, container))


def fingerprint(rule: str, subject: str, field: str) -> str:
    """16 hexadecimal digits that stay the same when lines move.

    `subject` comes from `identity`; the items of lists in `field` are named, not counted.
    """
    text = f"{rule}\x00{subject}\x00{field}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def again(first: str, ordinal: int) -> str:
    """The identity of the second and further findings that would share one."""
    return hashlib.sha256(f"{first}#{ordinal}".encode()).hexdigest()[:16]
