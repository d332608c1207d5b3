"""Quantities as Kubernetes writes them: 250m, 1.5, 128Mi, 1e3 (apimachinery, resource.Quantity)."""

from __future__ import annotations

import re
from typing import Any

_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)([numkKMGTPE]i?)?")
_MAX_LENGTH = 64
_SMALL = {"n": 10**9, "u": 10**6, "m": 10**3}
_LARGE = {
    **{unit: 1000**power for power, unit in enumerate("kMGTPE", 1)},
    **{f"{unit}i": 1024**power for power, unit in enumerate("KMGTPE", 1)},
}


def quantity(value: Any) -> float | None:
    """The amount in cores or bytes; None for what is no quantity. To be compared, not added up."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value)
    match = _QUANTITY.fullmatch(text) if len(text) <= _MAX_LENGTH else None
    if match is None:
        return None
    amount, unit = float(match[1]), match[2]
    if unit is None:
        return amount
    if unit in _SMALL:
        return amount / _SMALL[unit]
    return amount * _LARGE[unit] if unit in _LARGE else None
