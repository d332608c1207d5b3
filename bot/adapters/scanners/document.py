"""Reading what others wrote: a value of the type that was hoped for, or none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.errors import Malformed

_NOTHING: Mapping[str, Any] = {}
_TOO_FINE = re.compile(r"(\.\d{6})\d+")
_ZERO_YEAR = 1
_BETWEEN = re.compile(r"[,\n]")
_VERSION = re.compile(r"(?:[<>=~^!]{1,2} ?)?(?!\w+://)\S{1,80}")
_ID = re.compile(r"CVE-\d{4}-\d{4,}|GHSA(?:-[23456789cfghjmpqrvwx]{4}){3}|RH[SBE]A-\d{4}:\d+")
MOST_BYTES = 100_000_000
"""The largest report that is read."""


def parsed(data: bytes, what: str) -> Any:
    """The JSON of a document. Raises Malformed."""
    if len(data) > MOST_BYTES:
        raise Malformed(f"{what} is larger than {MOST_BYTES} bytes")
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"{what} is no JSON: {str(error)[:80]}") from error


def mapping(value: Any) -> Mapping[str, Any]:
    """The value if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else _NOTHING


def mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    """The mappings of a list; nothing where it is none."""
    return (
        (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())
    )


def all_have(value: Any, key: str) -> bool:
    """Whether the value is a list, not empty, of mappings that all have a key."""
    items = value if isinstance(value, list) else []
    return bool(items) and all(key in mapping(item) for item in items)


def text(value: Any) -> str:
    """The value if it is text, or a number as text; else nothing."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def texts(value: Any) -> tuple[str, ...]:
    """The texts of a list."""
    return tuple(filter(None, map(text, value))) if isinstance(value, list) else ()


def number(value: Any) -> float | None:
    """The value as a number; None where it is none, or nothing."""
    try:
        found = float(value) if isinstance(value, str | int | float) else 0.0
    except ValueError:
        return None
    return found if 0 < found <= 10 else None


def moment(value: Any) -> datetime | None:
    """A point in time as RFC 3339 writes it, with as many digits as Go gives; None for none."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(_TOO_FINE.sub(r"\1", value))
    except ValueError:
        return None
    if found.year == _ZERO_YEAR:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def versions(value: Any) -> tuple[str, ...]:
    """Versions as scanners list them: "7.23.2, >= 8.0.0"; sentences among them are left out."""
    parts = (part.strip() for part in _BETWEEN.split(text(value)))
    return tuple(part for part in parts if _VERSION.fullmatch(part))


def identifiers(*sources: str) -> tuple[str, ...]:
    """The identifiers that texts name, CVEs first, each once, in the order of the texts."""
    found = dict.fromkeys(match for source in sources for match in _ID.findall(source))
    return tuple(sorted(found, key=lambda name: not name.startswith("CVE-")))
