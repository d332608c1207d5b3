"""Quantities as Kubernetes writes them: 250m, 1.5, 128Mi, 1e3 (apimachinery, resource.Quantity)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d{1,3})|(m|[kMGTPE]i?|Ki|[nu]))?")
_MAX_LENGTH = 64
_UNITS = {
    "": Decimal(1),
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    **{unit: Decimal(1000) ** power for power, unit in enumerate("kMGTPE", 1)},
    **{f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTPE", 1)},
}


def quantity(value: Any) -> Decimal | None:
    """The amount in cores or bytes; None for what is no quantity."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value)
    match = _QUANTITY.fullmatch(text) if len(text) <= _MAX_LENGTH else None
    if match is None or (match[3] or "") not in _UNITS:
        return None
    return Decimal(match[1] + (match[2] or "")) * _UNITS[match[3] or ""]
