"""How bad a vulnerability is."""

from __future__ import annotations

from typing import Literal

Grade = Literal["unknown", "low", "medium", "high", "critical"]
"""How bad a vulnerability is; unlike a finding's severity it may be unknown."""
GRADES: tuple[Grade, ...] = ("unknown", "low", "medium", "high", "critical")
