"""What `podsec doctor` found about one thing that podsec needs."""

from __future__ import annotations

from typing import Literal

from bot.frozen import frozen

Health = Literal["well", "advice", "wrong"]


@frozen
class Diagnosis:
    """How one thing stands, in words, and what to do where it is not well."""

    about: str
    health: Health
    says: str
    remedy: str = ""
