"""What each installation may still ask and write, so that GitHub never has to say no.

GitHub, "Rate limits for the REST API": about 80 requests that create content a minute and 500 an
hour; beside these a budget of requests an hour that every answer tells. Nothing waits here: what
has no room is told when there will be some, and goes back to the queue. A process counts its own
writes alone, and learns the budget from what GitHub tells.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.errors import OutOfBudget, RateLimited
from bot.frozen import frozen

_MINUTE, _HOUR = 60.0, 3600.0
_ROOM = 6  # what a job may want to write; one that wants more may be stopped on its way
_LEAST = 0.02  # of the budget of requests, kept for what people wait for
_LEAST_BEHIND = 0.2  # kept from work that nobody waits for


@frozen
class Limits:
    """Writes of an installation in any minute, and in any hour."""

    minute: int = 80
    hour: int = 500


@dataclass(slots=True, kw_only=True)
class _Account:
    """One installation: when it wrote, what is left to ask until when, and who waits."""

    writes: deque[float] = field(default_factory=deque)
    paused: float = 0.0
    booked: float = 0.0
    left: float = 1.0
    reset: float = 0.0


class Limiter:
    """Keeps count; `clock` gives seconds that never go back, `today` those of the calendar."""

    def __init__(
        self,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
        today: Callable[[], float] = time.time,
    ) -> None:
        self._limits = limits if limits is not None else Limits()
        self._clock, self._today = clock, today
        self._accounts: dict[int, _Account] = {}
        self._guard = threading.Lock()

    def demand(self, installation: int, *, behind: bool = False) -> None:
        """Let a job begin. Raises RateLimited in a pause, OutOfBudget where room is short.

        `behind`: nobody waits for it, so it leaves a fifth of the budget to others.
        """
        with self._guard:
            account = self._account(installation)
            now = self._clock()
            if account.paused > now:
                raise RateLimited(
                    "GitHub asked this installation for a pause", account.paused - now
                )
            left = account.reset - self._today()
            if left > 0 and account.left < (_LEAST_BEHIND if behind else _LEAST):
                raise OutOfBudget("the requests of this hour are nearly used up", left)
            wait = self._wait(account, now, _ROOM)
            if wait > 0:
                raise OutOfBudget("the writes of this minute or hour are used up", wait)

    def write(self, installation: int) -> None:
        """Count a write that is about to be made. Raises OutOfBudget where it would be too many."""
        with self._guard:
            account = self._account(installation)
            now = self._clock()
            wait = self._wait(account, now, 1)
            if wait > 0:
                raise OutOfBudget("the writes of this minute or hour are used up", wait)
            account.writes.append(now)

    def note(self, installation: int, headers: Mapping[str, object]) -> None:
        """Remember what an answer tells of the budget; header names are in small letters."""
        told = [str(headers.get(f"x-ratelimit-{name}", "")) for name in _TOLD]
        if not all(text.isascii() and text.isdigit() for text in told) or told[0] == "0":
            return
        limit, remaining, reset = map(int, told)
        with self._guard:
            account = self._account(installation)
            account.left, account.reset = remaining / limit, float(reset)

    def pause(self, installation: int, seconds: float) -> None:
        """Let nothing begin for so long; a shorter pause does not shorten one."""
        with self._guard:
            account = self._account(installation)
            account.paused = max(account.paused, self._clock() + seconds)

    def _account(self, installation: int) -> _Account:
        return self._accounts.setdefault(installation, _Account())

    def _wait(self, account: _Account, now: float, room: int) -> float:
        """Seconds until there is room for so many writes; each who asks is sent a little later.

        Else all who wait would come back at once, and most of them for nothing.
        """
        while account.writes and account.writes[0] <= now - _HOUR:
            account.writes.popleft()
        free = max(
            self._free(account.writes, now, room, _MINUTE, self._limits.minute),
            self._free(account.writes, now, room, _HOUR, self._limits.hour),
        )
        if free <= now:
            return 0.0
        account.booked = max(account.booked, free) + _MINUTE / self._limits.minute
        return account.booked - now

    @staticmethod
    def _free(writes: deque[float], now: float, room: int, window: float, most: int) -> float:
        """When the window will have room, by the clock: the writes that are in the way are gone."""
        recent = [moment for moment in writes if moment > now - window]
        over = len(recent) + min(room, most) - most
        return recent[over - 1] + window if over > 0 else now


_TOLD = ("limit", "remaining", "reset")
