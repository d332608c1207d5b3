"""What a suppression says behind its rule: the reason, `until=DATE`, `container=NAME`."""

from __future__ import annotations

from datetime import date

from bot.frozen import frozen

NO_REASON = "has no reason: nothing is suppressed"


@frozen
class Terms:
    """The parts of `reason; until=2027-01-31; container=NAME`, in any order."""

    reason: str
    until: date | None = None
    containers: tuple[str, ...] = ()
    fault: str = ""


def terms(text: str) -> Terms:
    """Read the parts. A missing reason or a date that is none is a fault: it allows nothing."""
    words: list[str] = []
    until: date | None = None
    containers: tuple[str, ...] = ()
    fault = ""
    for part in text.split(";"):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if equals and name == "until":
            until = day(value)
            fault = fault or ("" if until else wrong_day(value))
        elif equals and name == "container":
            containers = tuple(one.strip() for one in value.split(",") if one.strip())
        elif part.strip():
            words.append(part.strip())
    reason = "; ".join(words)
    return Terms(
        reason=reason,
        until=until,
        containers=containers,
        fault=fault or ("" if reason else NO_REASON),
    )


def day(text: str) -> date | None:
    """A date as 2027-01-31, or None."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def wrong_day(text: str) -> str:
    """Why a date allows nothing."""
    return f"says 'until={text}', which is no date such as 2027-01-31: nothing is suppressed"
